"""Marks the words a case was held for in the text that is shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from listward.queue.cases.case import Reason
from listward.queue.desk.plain import defanged, plain

MOST_SHOWN = 60_000
TEXT_VIEWS = {"", "text", "visible_text", "own_text", "quoted_text"}  # views that are pieces of what is shown


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text; `rule` names the reason it is marked for, "" for plain text."""

    text: str
    rule: str = ""


def marked(text: str, reasons: Iterable[Reason]) -> tuple[Segment, ...]:
    """Cut text into plain and marked pieces, made fit to be shown; overlapping marks become one."""
    shown = text[:MOST_SHOWN]
    segments: list[Segment] = []
    done = 0
    for start, end, rule in sorted(_places(shown, reasons)):
        if end <= done:
            continue
        start = max(start, done)
        segments += [_segment(shown[done:start]), _segment(shown[start:end], rule)]
        done = end
    segments.append(_segment(shown[done:]))
    return tuple(segment for segment in segments if segment.text)


def _segment(text: str, rule: str = "") -> Segment:
    return Segment(defanged(plain(text, lines=True)), rule)


def _places(text: str, reasons: Iterable[Reason]) -> Iterable[tuple[int, int, str]]:
    for reason in reasons:
        if not reason.quote or reason.view not in TEXT_VIEWS:
            continue
        if text[reason.start : reason.end] == reason.quote:
            yield reason.start, reason.end, reason.rule
        elif (found := text.find(reason.quote)) >= 0:
            yield found, found + len(reason.quote), reason.rule
