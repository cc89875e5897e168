"""`listward policy show` and `listward policy diff`."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from desk_config import call

from listward.config.catalogue import FINDINGS, NAMES
from listward.config.find import DEFAULTS


def folder(tmp_path: Path, name: str, *changes: tuple[str, str]) -> Path:
    """A configuration with these changes to its rules."""
    place = tmp_path / name
    place.mkdir()
    shutil.copy(DEFAULTS / "site.toml", place)
    rules = (DEFAULTS / "policy.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in rules
        rules = rules.replace(old, new, 1)
    (place / "policy.toml").write_text(rules, encoding="utf-8")
    return place


@pytest.mark.parametrize(("language", "says"), [("", "it carries a program"), ("es", "lleva un programa")])
def test_what_checks_can_find_is_listed(language: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every name that a rule may ask for, in plain words."""
    code, out, _ = call(capsys, "policy", "findings", *(["--language", language] if language else []))
    lines = out.splitlines()
    assert code == 0
    assert f"  executable-attachment: {says}" in lines
    assert {line.strip().partition(":")[0] for line in lines} == {*FINDINGS, *NAMES}


class Tags(HTMLParser):
    """Which tags stand open at the end, and what would be loaded or run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.active: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "link", "br", "img"}:
            self.open.append(tag)
        if tag in {"script", "img", "link", "iframe"} or any(name.startswith("on") for name, _ in attrs):
            self.active.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_rules_are_shown_with_their_clauses(capsys: pytest.CaptureFixture[str]) -> None:
    """As sentences, numbered as they are tried."""
    code, out, _ = call(capsys, "policy", "show", "--config", str(DEFAULTS))
    assert code == 0
    assert "1. Mail from anybody but our own people, to an internal list: it goes to nobody" in out
    assert "Clause 7.3, " in out
    assert re.search(r"^Version [0-9a-f]{12}$", out, re.MULTILINE)


@pytest.mark.parametrize("edition", [(), ("--public",)])
def test_the_page_is_whole_and_quiet(capsys: pytest.CaptureFixture[str], edition: tuple[str, ...]) -> None:
    """Well-formed, in its language, without a script or anything loaded from elsewhere."""
    code, out, _ = call(capsys, "policy", "show", "--html", "--language", "es", *edition, "--config", str(DEFAULTS))
    tags = Tags(out)
    assert (code, tags.open, tags.active) == (0, [], [])
    assert '<html lang="es">' in out


def test_the_members_edition_has_every_clause(capsys: pytest.CaptureFixture[str]) -> None:
    """Also those that only people apply; names of rules are for admins."""
    _, out, _ = call(capsys, "policy", "show", "--html", "--public", "--config", str(DEFAULTS))
    assert "Clause 4.1, " in out
    assert 'class="name"' not in out


def test_the_terminal_says_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The order, the bounds, whom to ask, and in the members' edition every clause."""
    _, out, _ = call(capsys, "policy", "show", "--public", "--config", str(DEFAULTS))
    assert "Where no rule fits, the message goes to the list." in out
    assert "What no rule can do\n- A member's message is never refused" in out
    assert "\nClause 4.1, " in out
    assert "can have another person look at it." in out
    assert "[solicitation]" not in out
    _, out, _ = call(capsys, "policy", "show", "--config", str(DEFAULTS))
    assert "\n   [solicitation]\n" in out
    assert "\nClause 4.1, " not in out


@pytest.mark.parametrize("edition", [(), ("--html",), ("--public",), ("--public", "--html")])
def test_rules_that_only_watch_are_told_as_such(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, edition: tuple[str, ...]
) -> None:
    """While a site observes, nobody should read that mail is returned."""
    place = folder(tmp_path, "own")
    _, out, _ = call(capsys, "policy", "show", *edition, "--config", str(place))
    assert "For now these rules only watch and count" not in out
    site = re.sub(r"\n\[policy\][^\[]*", "\n", (place / "site.toml").read_text())
    (place / "site.toml").write_text(site + '\n[policy]\nmode = "observe"\n')
    _, out, _ = call(capsys, "policy", "show", *edition, "--config", str(place))
    assert "For now these rules only watch and count" in out


def test_the_bound_that_a_committee_lifted_is_told_otherwise(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What stands there about members is true."""
    rule = 'name = "junk-member"\nstage = "content"\naction = "reject"\nmode = "enforce"'
    place = folder(tmp_path, "own", ('name = "junk-member"\nstage = "content"\naction = "hold"', rule))
    _, out, _ = call(capsys, "policy", "show", "--config", str(place))
    assert "- A member's message is refused by a program for what it says only where a rule below names" in out


def test_what_an_organisation_writes_is_no_markup(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Words with signs of HTML are shown as they stand."""
    place = folder(tmp_path, "own", ("You cannot write to this list at present.", "Not <b>now</b> & here."))
    _, out, _ = call(capsys, "policy", "show", "--html", "--config", str(place))
    assert "Not &lt;b&gt;now&lt;/b&gt; &amp; here." in out


def test_a_page_says_whether_its_rules_are_approved(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """By the hash of the rules as they run; any later change makes them unapproved."""
    place = folder(tmp_path, "own")
    _, shown, _ = call(capsys, "policy", "show", "--config", str(place))
    digest = shown.split()[-1]
    site = (place / "site.toml").read_text()
    approval = f'\n[policy]\napproved_by = "The board"\napproved_on = "3 May 2026"\napproved_hash = "{digest}"\n'
    (place / "site.toml").write_text(re.sub(r"\n\[policy\][^\[]*", "\n", site) + approval)
    _, page, _ = call(capsys, "policy", "show", "--html", "--config", str(place))
    assert "Approved by The board on 3 May 2026." in page
    with (place / "policy.toml").open("a") as file:
        file.write("# changed\n")
    _, page, _ = call(capsys, "policy", "show", "--html", "--config", str(place))
    assert "These rules are not yet approved." in page


def test_a_difference_is_told_and_ends_with_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As diff(1) does; equal rules end with 0."""
    one, other = folder(tmp_path, "one"), folder(tmp_path, "other", ('name = "abuse"', 'name = "insults"'))
    code, out, _ = call(capsys, "policy", "diff", str(one), str(other))
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines()] == ["Rule “abuse” is gone. It said", "New rule “insults”"]
    code, out, _ = call(capsys, "policy", "diff", str(one), str(one))
    assert (code, out) == (0, "Both sets of rules say the same.\n")


def test_rules_that_come_into_force_are_a_difference(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The largest there is, and it stands in site.toml."""
    one, other = folder(tmp_path, "one"), folder(tmp_path, "other")
    site = re.sub(r"\n\[policy\][^\[]*", "\n", (one / "site.toml").read_text())
    (one / "site.toml").write_text(site + '\n[policy]\nmode = "observe"\n')
    code, out, _ = call(capsys, "policy", "diff", str(one), str(other))
    assert (code, out.startswith("From now on the rules are in force")) == (1, True)


def test_wrong_use_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A language without words, and rules that cannot be read: one plain line."""
    code, _, err = call(capsys, "policy", "show", "--language", "tlh", "--config", str(DEFAULTS))
    assert (code, err) == (2, "listward: no words in language 'tlh'; there are: en, es\n")
    broken = folder(tmp_path, "broken", ('stage = "routing"', 'stage = "sky"'))
    code, _, err = call(capsys, "policy", "show", "--config", str(broken))
    assert code == 1
    assert "policy.toml:" in err
