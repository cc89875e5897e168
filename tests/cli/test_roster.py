"""`listward roster show`: what it says of lists and people, and that readings are written down."""

import asyncio
import getpass
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_config import SITE, call, write_site
from redis_server import running_server

from listward.config.load import load
from listward.queue.audit.export import export
from listward.queue.store.connect import connect

Said = tuple[int, str, str]
PEOPLE = """\
address,name,role,other_addresses,language,first_posts_moderated,until,reason,lists
ana@party.example,Ana Ruiz,moderator,ana@mail.example,es,,,,board
ana@party.example,Ana Ruiz,member,ana@mail.example,es,,,,
ben@mail.example,Ben,banned,,,,2000-01-01,§ 4,
cem@mail.example,\u202eCem,member,,,3,,,
"""
MORE = """
roster = "people.csv"

[[list]]
address = "news@party.example"
zone = "public"
next_hop = "smtp://127.0.0.1:2527"
roster = "people.csv"

[[list]]
address = "plain@party.example"
zone = "public"
next_hop = "smtp://127.0.0.1:2527"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration whose store nobody runs, and nobody waits for."""
    monkeypatch.setattr("listward.queue.store.lanes.RECONNECT_S", 0.0)
    (tmp_path / "site.toml").write_text(SITE.format(socket=tmp_path / "none.sock", path=tmp_path) + MORE)
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def show(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call `listward roster show ...` with this configuration."""
    return lambda *arguments: call(capsys, "roster", "show", *arguments, "--config", str(folder))


def test_all_lists_at_a_glance(show: Callable[..., Said]) -> None:
    """Each list that has a roster: how many by role, from where, how old; nobody's name, so nothing is written down."""
    code, out, err = show()
    assert (code, err) == (0, "")
    assert re.sub(r"\d+ seconds", "N seconds", out) == (
        "board@party.example: 3 people: 2 members, 1 moderator\n"
        "  from people.csv; known to be current N seconds ago\n"
        "news@party.example: 3 people: 3 members\n"
        "  from people.csv; known to be current N seconds ago\n"
    )


def test_the_people_of_one_list(show: Callable[..., Said]) -> None:
    """By address or short name; what ended is said; signs that nobody sees do not reach the terminal."""
    code, out, err = show("board")
    assert code == 0
    assert out.splitlines()[2:] == [
        "  ana@party.example  moderator  Ana Ruiz  es  also ana@mail.example",
        "  ben@mail.example  banned  Ben  until 2000-01-01 (over: a member again)  reason: § 4",
        "  cem@mail.example  member  ·Cem  first 3 posts moderated",
    ]
    assert "board@party.example: this reading could not be written down" in err
    assert show("NEWS@party.example")[1].splitlines()[2:3] == [
        "  ana@party.example  member  Ana Ruiz  es  also ana@mail.example"
    ]


def test_one_address_on_every_list(show: Callable[..., Said]) -> None:
    """Any address of a person is found, and each list says its own role."""
    code, out, _ = show("--address", "ANA@mail.example")
    assert (code, out.splitlines()) == (
        0,
        [
            "board@party.example: ana@mail.example  moderator  Ana Ruiz  es  also ana@party.example",
            "news@party.example: ana@mail.example  member  Ana Ruiz  es  also ana@party.example",
        ],
    )
    assert show("news", "--address", "ana@mail.example")[1].count("\n") == 1
    code, out, err = show("--address", "nobody@mail.example")
    assert (code, out) == (1, "")
    assert "nobody@mail.example is on none of these rosters." in err


def test_json_is_one_object_a_line(show: Callable[..., Said]) -> None:
    """Lists or people, each whole in a line."""
    lists = [json.loads(line) for line in show("--json")[1].splitlines()]
    assert [(each["list"], each["people"], each["roles"], each["faults"]) for each in lists] == [
        ("board@party.example", 3, {"member": 2, "moderator": 1}, []),
        ("news@party.example", 3, {"member": 3}, []),
    ]
    ana, ben, cem = (json.loads(line) for line in show("board", "--json")[1].splitlines())
    assert ana["other_addresses"] == ["ana@mail.example"]
    assert (ben["role"], ben["counts_as"], ben["until"]) == ("banned", "member", "2000-01-01")
    assert (cem["first_posts_moderated"], cem["first_posts"]) == (True, 3)


def test_many_people_are_cut(show: Callable[..., Said], folder: Path) -> None:
    """The first fifty and how many more, unless all are asked for; a role picks out its people."""
    rows = "".join(f"p{at}@a.example,P,{'officer' if at % 50 == 0 else 'member'}\n" for at in range(1000))
    (folder / "people.csv").write_text("address,name,role\n" + rows)
    lines = show("board")[1].splitlines()
    assert (len(lines), lines[-1]) == (2 + 50 + 1, "950 more; --limit 0 shows all.")
    assert len(show("board", "--limit", "0", "--json")[1].splitlines()) == 1000
    assert len(show("board", "--role", "officer", "--json")[1].splitlines()) == 20


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nolist",), 2, "'nolist' is not one of the lists; allowed: board@party.example, news@party.example"),
        (("plain",), 2, "plain@party.example has no roster"),
        (("--address", "ana"), 2, "'ana' is not an address; write name@domain"),
        (("--role", "chief"), 2, "'chief' is not one of"),
    ],
)
def test_wrong_use(show: Callable[..., Said], arguments: tuple[str, ...], code: int, words: str) -> None:
    """What is wrong and what is allowed, in one line."""
    said = show(*arguments)
    assert (said[0], said[1]) == (code, "")
    assert words in said[2]


def test_a_roster_that_cannot_be_read(show: Callable[..., Said], folder: Path) -> None:
    """The overview says what is wrong; people of it cannot be shown."""
    (folder / "people.csv").write_text("address,name,role\nx,X,member\n")
    code, out, _ = show()
    assert code == 0
    assert "board@party.example: its roster cannot be read; a running gateway keeps its last good copy" in out
    assert f"  trouble: {folder}/people.csv:2: address: 'x' is not an address; write name@domain" in out
    code, _, err = show("board")
    assert code == 3
    assert "people.csv:2: address" in err


def test_a_store_that_never_ran_is_not_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No key and no folder is made by whoever looks: they would belong to the wrong user."""
    text = SITE.format(socket="none", path=tmp_path / "state").replace("unix://none", "embedded")
    (tmp_path / "site.toml").write_text(text + MORE)
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    code, out, err = call(capsys, "roster", "show", "news", "--config", str(tmp_path))
    assert (code, err) == (0, "news@party.example: this reading could not be written down: the store never ran.\n")
    assert "Ana Ruiz" in out
    assert not (tmp_path / "state").exists()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A configuration on a store of its own."""
    with running_server() as server:
        folder = write_site(tmp_path_factory.mktemp("roster"), server)
        (folder / "site.toml").write_text((folder / "site.toml").read_text() + MORE)
        (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
        yield folder


@pytest.mark.live
def test_readings_are_written_down(live: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who looked at which list, and for whom; a glance at the counts is no reading of anybody."""

    async def read(list_address: str) -> list[dict[str, object]]:
        store = connect(load(live).site)
        try:
            return [json.loads(line) async for line in export(store.lanes, list_address)]
        finally:
            await store.close()

    assert call(capsys, "roster", "show", "--config", str(live))[0] == 0
    assert asyncio.run(read("board@party.example")) == []
    code, _, err = call(capsys, "roster", "show", "board", "--config", str(live))
    assert (code, err) == (0, "")
    assert call(capsys, "roster", "show", "--address", "ana@party.example", "--config", str(live))[0] == 0
    board, news = (asyncio.run(read(f"{name}@party.example")) for name in ("board", "news"))
    by = getpass.getuser()
    assert [(entry["verb"], entry["clear"]) for entry in board] == [
        ("roster-read", {"by": by}),
        ("roster-read", {"by": by, "address": "ana@party.example"}),
    ]
    assert [(entry["verb"], entry["clear"]) for entry in news] == [
        ("roster-read", {"by": by, "address": "ana@party.example"})
    ]
