"""Marks the words a case was held for, in the text and in the subject."""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from listward.queue.cases.case import Reason
from listward.queue.desk.plain import defanged, plain

MOST_SHOWN = 60_000
# Views that are pieces of what is shown in one place.
TEXT_VIEWS = frozenset({"", "text", "visible_text", "own_text", "quoted_text"})
HIDDEN_VIEWS = frozenset({"hidden", "hidden_text"})
SUBJECT_VIEWS = frozenset({"subject"})


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text; `rule` names the reason it is marked for, "" for plain text."""

    text: str
    rule: str = ""


def marked(text: str, reasons: Iterable[Reason], views: Set[str] = TEXT_VIEWS) -> tuple[Segment, ...]:
    """Cut text into plain and marked pieces, made fit to be shown; overlapping marks become one.

    Only evidence of `views` is marked: the same words elsewhere may stand here by chance.
    """
    shown = text[:MOST_SHOWN]
    segments: list[Segment] = []
    done = 0
    for start, end, rule in sorted(_places(shown, reasons, views)):
        if end <= done:
            continue
        start = max(start, done)
        segments += [_segment(shown[done:start]), _segment(shown[start:end], rule)]
        done = end
    segments.append(_segment(shown[done:]))
    return tuple(segment for segment in segments if segment.text)


def _segment(text: str, rule: str = "") -> Segment:
    return Segment(defanged(plain(text, lines=True)), rule)


def _places(text: str, reasons: Iterable[Reason], views: Set[str]) -> Iterable[tuple[int, int, str]]:
    for reason in reasons:
        if not reason.quote or reason.view not in views:
            continue
        if text[reason.start : reason.end] == reason.quote:
            yield reason.start, reason.end, reason.rule
        elif (found := text.find(reason.quote)) >= 0:
            yield found, found + len(reason.quote), reason.rule
