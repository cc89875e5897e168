"""Times, words and files as the pages show them."""

import pytest
from memory_cases import draft, stranger
from messages import build

from listward.queue.cases.case import Case, CaseState, Reason, Ruling
from listward.queue.desk.console.casefile import MOST_ATTACHMENTS, lay_out, true_type
from listward.queue.desk.console.times import ago, local_time, size_words
from listward.queue.desk.console.whys import MOST_QUOTES, Quote, Why, whys
from listward.queue.desk.console.words import origin_words, ruling_words, state_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (7300, "2 hours ago"),
        (86_400, "24 hours ago"),
        (172_800, "2 days ago"),
    ],
)
def test_ages_are_words(seconds: float, words: str) -> None:
    """Whole units, rounded down."""
    assert ago(1000, 1000 + seconds) == words


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../../etc/passwd", "\x00", "/etc/localtime"])
def test_an_unknown_zone_is_utc(zone: str) -> None:
    """A broken setting breaks no page."""
    assert local_time(0, zone).endswith("UTC")


def test_a_zone_without_letters_is_named_by_its_distance() -> None:
    """ "-05" alone says nothing to most people."""
    assert local_time(0, "America/Bogota") == "Wed 31 Dec, 19:00 UTC-05"


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 bytes"), (812, "812 bytes"), (14_200, "14 KB"), (2_100_000, "2.1 MB")]
)
def test_sizes_are_words(size: int, words: str) -> None:
    """As people say them."""
    assert size_words(size) == words


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"MZ\x90\x00", "a program"),
        (b"\x7fELF", "a program"),
        (b"%PDF-1.7", "PDF document"),
        (b"\x89PNG\r\n\x1a\n", "PNG picture"),
        (b"PK\x03\x04", "ZIP archive or office document"),
        (b"  <svg onload=alert(1)>", "web page or picture with code"),
        (b"<!DOCTYPE html>", "web page or picture with code"),
        (b"\x00\x01\x02", "unknown data"),
        (b"hello", "text"),
        (b"", "text"),
    ],
)
def test_files_are_what_their_bytes_say(content: bytes, found: str) -> None:
    """Whatever they call themselves."""
    assert true_type(content) == found


def test_a_message_is_laid_out() -> None:
    """Text, attachments with true type, and how many links."""
    body = build(text="See https://a.example and http://b.example\n", attachments=[("photo\u202egpj.exe", b"MZ\x90")])
    file = lay_out(body, ())
    assert "hxxps://a.example" in file.segments[0].text
    assert file.links == 2
    assert "\u202e" not in file.attached[0].name
    assert file.attached[0].found == "a program"


def test_html_is_shown_as_its_text() -> None:
    """No tag of the message reaches the page; hidden text stands apart."""
    html = "<p>Hello <b>you</b></p><script>alert(1)</script><div style='display:none'>secret words</div>"
    file = lay_out(build(text="", html=html), ())
    shown = "".join(segment.text for segment in file.segments)
    assert "Hello you" in shown
    assert "<" not in shown
    assert "secret words" in "".join(segment.text for segment in file.hidden)


def test_attachments_are_bounded() -> None:
    """A page with hundreds of files stays a page."""
    body = build(attachments=[(f"{number}.txt", b"x") for number in range(MOST_ATTACHMENTS + 20)])
    assert len(lay_out(body, ()).attached) == MOST_ATTACHMENTS


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"\r\n" * 5000, b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x"]
)
def test_any_bytes_can_be_laid_out(body: bytes) -> None:
    """The page opens whatever was sent."""
    assert lay_out(body, ()) is not None


def test_the_same_sentence_stands_once_with_all_its_words() -> None:
    """Ten pieces of evidence are no ten reasons."""
    reasons = [Reason("r", "c", "7.3", "It asks for money.", "text", 0, 3, word) for word in ("pay", "send", "pay")]
    assert whys(reasons) == [Why("It asks for money.", "7.3", (Quote("pay"), Quote("send")))]


def test_words_that_are_not_in_the_text_are_named_with_their_place() -> None:
    """They come first, for the page marks them nowhere else; what is too much is counted."""
    words = [f"word {number}" for number in range(MOST_QUOTES + 2)]
    reasons = [Reason("r", "c", "", "It asks for money.", "own_text", 0, 0, word) for word in words]
    reasons += [
        Reason("r", "c", "", "It asks for money.", view, 0, 0, "pay me") for view in ("attached_text", "hidden")
    ]
    (why,) = whys(reasons)
    assert why.quotes[:2] == (Quote("pay me", "in an attached text"), Quote("pay me", "hidden from readers"))
    assert (len(why.quotes), why.more) == (MOST_QUOTES, 4)


def test_hidden_words_are_marked_where_they_are_hidden() -> None:
    """A reason on hidden words marks them there and not in the text."""
    html = "<p>pay me</p><div style='display:none'>please pay me</div>"
    reason = Reason("r", "c", "", "It asks for money.", "hidden", 0, 6, "pay me")
    file = lay_out(build(text="", html=html), (reason,))
    assert [segment.text for segment in file.hidden if segment.rule] == ["pay me"]
    assert not any(segment.rule for segment in file.segments)


def test_origin_is_said_in_words() -> None:
    """A roster address without proof is no plain stranger; an unknown kind counts as one."""
    assert origin_words(draft(), True)[0] == "Member"
    assert origin_words(stranger(), False)[0] == "Stranger"
    assert origin_words(stranger(), True)[0] == "Member?"
    assert origin_words(stranger(origin="new-kind"), False)[0] == "Stranger"
    assert "vouched" in origin_words(draft(basis="vouched"), False)[1]
    assert origin_words(stranger(basis="no-author"), False)[0] == "Nobody named"


def test_states_and_rulings_are_words() -> None:
    """A case that came back from a failed delivery says so; a decided one names who."""
    case = Case("10008", 1, CaseState.HELD, draft(), 0.0, 0.0, failure="550 no")
    assert state_words(case) == "Could not be delivered"
    assert ruling_words(case) == ""
    ruled = Case("10008", 1, CaseState.REJECTED, draft(), 0.0, 0.0, ruling=Ruling("reject", "a@b", 0.0))
    assert ruling_words(ruled) == "a@b rejected it"
    assert all(state_words(Case("1", 1, state, draft(), 0.0, 0.0)) for state in CaseState)
