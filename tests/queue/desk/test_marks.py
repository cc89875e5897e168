"""The marked words in the shown text."""

from hypothesis import given, settings
from hypothesis import strategies as st
from messages import build

from listward.filters.content.solicitation import check
from listward.filters.context import Context
from listward.filters.message.parse import parse_message
from listward.queue.cases.case import Reason
from listward.queue.desk.console.casefile import lay_out
from listward.queue.desk.console.marks import MOST_SHOWN, SUBJECT_VIEWS, Segment, marked
from listward.queue.desk.plain import defanged, plain


def reason(quote: str, start: int = 0, view: str = "text") -> Reason:
    """A reason that rests on these words."""
    return Reason("rule", "category", "", "Why.", view, start, start + len(quote), quote)


def test_words_are_marked_at_their_place() -> None:
    """The given place wins over an earlier same word."""
    assert marked("pay me, pay me", [reason("pay", 8)]) == (
        Segment("pay me, "),
        Segment("pay", "rule"),
        Segment(" me"),
    )


def test_words_are_found_where_the_place_is_off() -> None:
    """A view may count from another start; the words themselves decide."""
    assert Segment("please", "rule") in marked("oh please do", [reason("please", 0)])


def test_words_of_other_views_are_not_marked_in_the_text() -> None:
    """A subject's or an attachment's words may stand in the text by chance."""
    for view in ("subject", "from", "header", "attachment", "hidden", "structure"):
        assert marked("pay me", [reason("pay", 0, view)]) == (Segment("pay me"),)


def test_words_of_the_subject_are_marked_in_the_subject_alone() -> None:
    """The title of the page shows them; the same words of the text are not marked there."""
    assert marked("Help with my rent", [reason("rent", 13, "subject"), reason("Help")], SUBJECT_VIEWS) == (
        Segment("Help with my "),
        Segment("rent", "rule"),
    )


def test_overlapping_marks_do_not_repeat_text() -> None:
    """Two reasons on crossing words show every word once."""
    segments = marked("abcdef", [reason("bcd", 1), reason("cde", 2)])
    assert "".join(segment.text for segment in segments) == "abcdef"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.lists(st.tuples(st.text(max_size=5), st.integers(-5, 70)), max_size=6))
def test_whatever_the_evidence_the_text_is_shown_whole(text: str, places: list[tuple[str, int]]) -> None:
    """Marks hide nothing, double nothing and change no more than what cannot be shown."""
    segments = marked(text, [reason(quote, start) for quote, start in places])
    assert len("".join(segment.text for segment in segments)) >= len(text)
    whole = "".join(segment.text for segment in marked(text, []))
    assert whole == defanged(plain(text, lines=True))


def test_a_very_long_text_is_cut() -> None:
    """A page stays a page."""
    segments = marked("a" * (MOST_SHOWN + 5), [reason("a", MOST_SHOWN + 1)])
    assert sum(len(segment.text) for segment in segments) == MOST_SHOWN


def test_words_that_filters_name_are_marked_in_the_message() -> None:
    """What the solicitation filter rests on stands out in the text of the case page."""
    raw = build(text="Dear all,\n\nI lost my job. I cannot pay my rent. Please help me: paypal.me/benosei\n")
    context = Context("Us", frozenset(), frozenset(), frozenset(), frozenset())
    named = [piece for finding in check(parse_message(raw), context) for piece in finding.evidence]
    reasons = [Reason("personal-appeal", "", "", "", piece.view, piece.start, piece.end, piece.text) for piece in named]
    standing_out = [segment.text for segment in lay_out(raw, reasons).segments if segment.rule]
    assert "I lost my job" in standing_out
    assert any("paypal" in text for text in standing_out)
