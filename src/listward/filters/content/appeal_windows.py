"""The parts of a text that are weighed by themselves, so that nothing that stands elsewhere can thin out an appeal."""

import re
from collections.abc import Iterator

from listward.filters.content.appeal_evidence import LOOSE_ASKS, NEEDS, PUBLIC, Evidence, Span, shows, within

WIDE = 1_500  # characters weighed together
STEP = 250  # no two wide parts begin closer to each other
NEAR = 200  # what stands closer than this belongs to one request
MARGIN = 60  # what stands so close in the same sentence belongs to it too
ANCHORS = LOOSE_ASKS | NEEDS
PERSONAL = NEEDS | {"asks-for-oneself", "own-fundraiser", "for-a-person"}
_SENTENCE_END = re.compile(r"[.!?] ")


def parts(evidence: Evidence, text: str, head: int = 0) -> list[Evidence]:
    """At least one part of a plain text. Its first `head` characters, the subject, belong to every wide part.

    A wide part reaches as far before what asks or tells of need as behind it. A close one holds only a request with
    its reason, and is weighed where the words for the organisation stand elsewhere.
    """
    anchors = _anchors(evidence, ANCHORS)
    if not anchors:
        return [evidence]
    wide = [evidence] if evidence.length <= WIDE else list(_wide(evidence, anchors, head))
    return [*wide, *_close(evidence, text)]


def _anchors(evidence: Evidence, names: frozenset[str]) -> list[Span]:
    spans = [span for name in names for span in evidence.spans.get(name, ())]
    return sorted([*spans, *((one.start, one.end) for one in evidence.foreign)])


def _wide(evidence: Evidence, anchors: list[Span], head: int) -> Iterator[Evidence]:
    last = -STEP
    for start, _ in anchors:
        if start - last >= STEP:
            last = start
            yield within(evidence, max(start - WIDE // 2, 0), start + WIDE // 2, head)


def _close(evidence: Evidence, text: str) -> Iterator[Evidence]:
    if not shows(evidence, PUBLIC):
        return
    for start, end in _requests(_anchors(evidence, ANCHORS | PERSONAL)):
        close = within(evidence, *_sentences(text, start, end), apart=True)
        if shows(close, PERSONAL) and (close.foreign or shows(close, LOOSE_ASKS)) and _has_more(evidence, close):
            yield close


def _requests(spans: list[Span]) -> Iterator[Span]:
    """Spans close to each other as one."""
    start, end = spans[0]
    for following, its_end in spans[1:]:
        if following - end > NEAR:
            yield start, end
            start = following
        end = max(end, its_end)
    yield start, end


def _sentences(text: str, start: int, end: int) -> Span:
    """The span with the rest of its sentences, at most MARGIN on either side."""
    earliest = max(start - MARGIN, 0)
    before = [found.end() for found in _SENTENCE_END.finditer(text, earliest, start)]
    after = _SENTENCE_END.search(text, end, end + MARGIN)
    return before[-1] if before else earliest, after.start() if after else end + MARGIN


def _has_more(whole: Evidence, part: Evidence) -> bool:
    """Whether words for the organisation stand outside the part."""
    return any(len(whole.spans.get(name, ())) > len(part.spans.get(name, ())) for name in PUBLIC)
