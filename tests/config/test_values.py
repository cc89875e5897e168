"""Single values: next hops, durations, word lists."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from listward.config.durations import Duration
from listward.config.values import NextHop
from listward.config.wordlists import read_entries
from listward.wire.hop import parse_hop

HOP: TypeAdapter[str] = TypeAdapter(NextHop)
DURATION: TypeAdapter[float] = TypeAdapter(Duration)


def accepted(url: str) -> bool:
    try:
        HOP.validate_python(url)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "url",
    [
        "smtp://127.0.0.1:25",
        "lmtp://lists.example:8024",
        "smtp+tls://mx.example:25/",
        "lmtp+unix:///run/lmtp",
        "smtp://[::1]:25",
        "smtps://mx.example:465",
        "lmtps://lists.example:24",
        "lmtp+starttls://lists.example:24",
        "smtp+unix:///run/smtp",
        "lmtp://a.example:24 lmtp+unix:///run/lmtp",
    ],
)
def test_a_next_hop_that_is_accepted_can_be_opened(url: str) -> None:
    """What the configuration accepts, the wire understands."""
    assert accepted(url)
    assert parse_hop(url).protocol in {"smtp", "lmtp"}


PIECES = ["smtp", "lmtp", "http", "+tls", "+unix", "://", ":", "/", "host", "25", "99999", "[::1]", "@", "?", "#", " "]
SERVERS = [
    "smtp://a:25",
    "smtp://a:25/",
    "smtps://A:25",
    "smtp+tls://a:025",
    "smtp://b:25",
    "smtp+unix:///s",
    "lmtp://a:25",
]


@settings(max_examples=300, deadline=None)
@example("smtp://host:99999")
@example("smtp://host:0")
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join))
def test_configuration_accepts_no_next_hop_that_the_wire_refuses(url: str) -> None:
    """For any text, acceptance by the configuration implies that the wire reads it."""
    if accepted(url):
        parse_hop(url)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(SERVERS), min_size=1, max_size=3))
def test_several_next_hops_are_kept_as_one_text(urls: list[str]) -> None:
    """A list of servers is accepted exactly where the wire reads it: of one protocol, none of them twice."""
    try:
        parse_hop(" ".join(urls))
    except ValueError:
        with pytest.raises(ValidationError):
            HOP.validate_python(urls)
    else:
        assert HOP.validate_python(urls) == " ".join(urls)


@pytest.mark.parametrize("value", [["smtp://a:25 smtp://b:25"], [""], [], [25], ["smtp://a:25", ""]])
def test_a_list_of_anything_else_is_none(value: object) -> None:
    """Each entry of a list is one url."""
    with pytest.raises(ValidationError):
        HOP.validate_python(value)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("24h", 86_400), ("5d", 432_000), (7, 7)])
def test_durations_read_as_people_write_them(text: str | int, seconds: float) -> None:
    """Units are seconds, minutes, hours and days; a number is seconds."""
    assert DURATION.validate_python(text) == seconds


def test_word_lists_drop_comments_and_empty_lines(tmp_path: Path) -> None:
    """One entry a line; what follows # is for people."""
    path = tmp_path / "own.txt"
    path.write_text("# head\n\n  one two  # why\nthree\n", encoding="utf-8")
    assert read_entries(path) == ("one two", "three")
