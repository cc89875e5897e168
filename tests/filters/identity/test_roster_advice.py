"""What a roster hardly means is said, by line, and keeps nothing from running."""

from datetime import date
from pathlib import Path

from identity_world import BOARD, NEWS, site

from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_advice import roster_advice

TODAY = date(2026, 11, 21)
HOP = "lmtp://127.0.0.1:8024"
LISTS = [
    {"address": BOARD, "zone": "members", "next_hop": HOP, "roster": "all.csv"},
    {"address": NEWS, "zone": "members", "next_hop": HOP, "roster": "all.csv"},
]
PEOPLE = """\
address,name,role,until,reason,lists
a@b.example,A,banned,2026-12-01,,
c@b.example,C,banned,2026-11-20,§ 4,board
d@b.example,D,officer,2026-12-01,,
e@b.example,E,on-leave,2026-11-21,,bord
f@b.example,F,member,,,News
"""


def _said(folder: Path, people: str = PEOPLE, **tables: object) -> list[str]:
    (folder / "all.csv").write_text(people, encoding="utf-8")
    (folder / "site.toml").write_text('[[group]]\nname = "mods"\nmembers = ["a@b.example"]\n', encoding="utf-8")
    made = site(folder, list=LISTS, **tables)
    return [str(point).removeprefix(f"{folder}/") for point in roster_advice(made, SiteRosters(made), TODAY)]


def test_each_point_has_its_line(tmp_path: Path) -> None:
    """Bans without a reason, dates that are over or of no effect, lists that are none."""
    assert _said(tmp_path) == [
        "all.csv:2: reason: a@b.example: a ban without a reason; whoever is asked about it later has nothing to say",
        "all.csv:3: until: c@b.example: was over on 2026-11-20: counts as a member again",
        "all.csv:4: until: d@b.example: has no effect on the role officer; it ends bans and leaves",
        "all.csv:5: lists: e@b.example: bord: no list of that name has this roster; "
        f"allowed: board, {BOARD}, news, {NEWS}",
    ]


def test_moderators_on_no_roster(tmp_path: Path) -> None:
    """Whoever decides and stands on no roster writes as a stranger; other groups are not looked at."""
    groups = [
        {"name": "mods", "members": ["f@b.example", "mod@party.example"]},
        {"name": "others", "members": ["x@y.example"]},
    ]
    queues = [{"name": "moderators", "group": "mods"}]
    said = _said(tmp_path, "address,name,role\nf@b.example,F,member\n", group=groups, queue=queues)
    assert said == [
        "site.toml:3: group[1].members: mod@party.example: on no roster, so what they write to a list is a stranger's"
    ]


def test_a_broken_roster_gives_no_advice(tmp_path: Path) -> None:
    """Its faults are told elsewhere; nothing is said twice."""
    assert _said(tmp_path, "address,name,role\nx,X,member\n") == []


def test_advice_is_bounded(tmp_path: Path) -> None:
    """Of thousands of points the first fifty are said."""
    rows = "".join(f"p{at}@b.example,P,banned\n" for at in range(1000))
    assert len(_said(tmp_path, "address,name,role\n" + rows)) == 50
