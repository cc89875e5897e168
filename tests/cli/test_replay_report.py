"""The page that replay writes: complete, well-formed, and nothing on it runs or loads."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from listward.cli.output import WrongUse
from listward.cli.replay_report import PolicyName, Subject, check_place, page, write_report
from listward.cli.replay_scores import RuleScore, Score
from listward.cli.tally import Example, Shift, Slow, Tally, Unread

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)> & \u202eevil\x1b[31m'
SUBJECT = Subject(("/mail/old.mbox",), (PolicyName("The Party", "0123456789ab", 33, "enforce"),), 1_790_000_000.0, 2.0)
VOID = {"meta", "rect", "link", "br", "img", "input"}


class Strict(HTMLParser):
    """Complains about what is not closed, and notes every element and attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(text: str) -> Strict:
    """The page, read to its end."""
    reader = Strict()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def full(words: str = "x") -> Tally:
    """A tally with something in every place."""
    score = Score(8, 2, 1, 5, 1, {words: RuleScore(8, 2, 1), "quiet": RuleScore(1, 0, 0, watches=True)})
    return Tally(
        messages=1902,
        unread=3,
        actions={"accept": 1500, "hold": 400, "reject": 2},
        origins={"member": 1900, "known": 2},
        fired={words: 402},
        rules={words: 400},
        shadow={words: 2},
        changes={"hold -> accept": 5},
        shifts={words: Shift(400, 395, 5, 0, 1)},
        unreadable=[Unread(words, f"{words}: is empty")],
        examples=[Example(words, words, "hold", "accept", [words])],
        slowest=[Slow(words, 12.5, 4000)],
        scores=[score, score],
    )


def test_everything_is_on_the_page() -> None:
    """What was judged, by which policy, what happens, rule by rule, agreement, changes, the slowest, the unreadable."""
    second = replace(SUBJECT, policies=(*SUBJECT.policies, PolicyName("The Party", "ba9876543210", 34, "observe")))
    text = parsed(page(second, full(), ["Rule “x” is new."])).text
    for words in (
        "1,902 messages",
        "0123456789ab",
        "ba9876543210",
        "which only observes",
        "951 messages a second",
        "Rule “x” is new.",
        "5 of 1,902 messages would be treated differently",
        "hold → accept",
        "Of 16 messages that people ruled on, 13 would go as they ruled (81 %). Held in error: 2. Missed: 1.",
        "1 are undecided",
        "12.5",
        "3 records",
        "is empty",
        "(only watches)",
    ):
        assert words in text, words


@pytest.mark.parametrize("changes", [None, [], [HOSTILE]])
@pytest.mark.parametrize("tally", [full(HOSTILE), Tally.for_policies(1)])
def test_nothing_runs_and_nothing_is_loaded(changes: list[str] | None, tally: Tally) -> None:
    """Whatever subjects, paths and names say: no script, no picture, no address, no style of theirs."""
    text = page(replace(SUBJECT, paths=(HOSTILE,)), tally, changes)
    read = parsed(text)
    allowed = {"html head meta title style body main h1 h2 h3 p dl dt dd code a section table caption thead tbody tr"}
    allowed |= {"th td svg rect ul ol li bdi span"}
    assert {tag for tag, _ in read.elements} <= set(" ".join(allowed).split())
    for _tag, attributes in read.elements:
        assert not {name for name in attributes if name.startswith("on") or name in {"src", "srcset", "action"}}
        assert (attributes.get("href") or "#").startswith("#")
    policies = [attributes.get("content") for _, attributes in read.elements if "http-equiv" in attributes]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert "\x1b" not in text
    assert not re.search(r"url\(|@import", text)


def test_the_page_is_its_owners_alone(tmp_path: Path) -> None:
    """It names messages; where it cannot be written is said in a line."""
    path = tmp_path / "report.html"
    write_report(path, SUBJECT, full(), None)
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    check_place(path)
    for place in (tmp_path, tmp_path / "nowhere" / "x.html"):
        with pytest.raises(WrongUse, match="cannot be written"):
            check_place(place)
    with pytest.raises(WrongUse, match="cannot be written"):
        write_report(tmp_path / "nowhere" / "x.html", SUBJECT, full(), None)


def test_long_lists_are_cut() -> None:
    """A great many sentences or paths make no endless page."""
    text = page(replace(SUBJECT, paths=("p",) * 500), full(), ["Rule."] * 5000)
    assert "and 480 more" in text
    assert "And 4900 more" in text
    assert len(text) < 60_000


def test_the_hour_is_that_of_the_organisation() -> None:
    """As everywhere else that its people read."""
    there = page(replace(SUBJECT, timezone="Europe/Madrid"), Tally.for_policies(1), None)
    assert "2026-09-21 16:13 CEST" in there
    assert "2026-09-21 14:13 UTC" in page(SUBJECT, Tally.for_policies(1), None)
