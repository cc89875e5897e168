"""How much a text reads like an internal paper: a graded score for doubtful cases. A legal disclaimer is none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from listward.filters.findings import Evidence
from listward.filters.message.patterns import PatternSet

PRIOR = 0.02
MOST_TEXT = 20_000

_BODY = r"(?:board|executive|committee|secretariat|leadership|officers?|staff|members|party|branch|bureau|council)"
_DO_NOT = r"(?:do\s+not|don'?t|not\s+to\s+be|never|must\s+not\s+be|should\s+not\s+be|cannot\s+be)\s+(?:be\s+)?"
_HAND_ON = (
    r"(?:forward(?:ed)?|distribut(?:e|ed)|circulat(?:e|ed)|shar(?:e|ed)|publish(?:ed)?|pass(?:ed)?\s+on|"
    r"disclos(?:e|ed)|leak(?:ed)?)"
)
_NEGATIONS = ("not ", "not\n", "n't ", "never ", "dont ")
_HAND_ON_STEMS = ("forward", "distribut", "circulat", "shar", "publish", "pass", "disclos", "leak")

# Weight, stems, pattern. The weight is how likely the words alone make an internal paper. A pattern is tried only where
# each group of stems has one in the lower-case text, since almost no mail has. Repeats are bounded: time is linear.
_CUES: tuple[tuple[float, tuple[tuple[str, ...], ...], str], ...] = (
    (0.85, (("internal",),), r"\b(?:for|strictly)\s+internal\s+(?:use|circulation|eyes)\b|\binternal\s+use\s+only\b"),
    (0.80, (("confidential",),), rf"\bconfidential\s*[:(,/-]+\s*(?:for\s+)?(?:the\s+)?{_BODY}(?:\s+{_BODY})?\s+only\b"),
    (0.75, (("eyes",),), r"\beyes\s+only\b"),
    (0.70, (("strictly", "highly"),), r"\b(?:strictly|highly)\s+(?:confidential|internal)\b"),
    (0.70, (("privileged",),), r"\bprivileged\s*(?:&|and)\s*confidential\b"),
    (0.65, (("attorney",),), r"\battorney[\s/-]{1,3}client\s+(?:privileged?|communication|work)"),
    (0.65, (("not for",),), r"\bnot\s+for\s+(?:publication|distribution|circulation)\b"),
    (0.65, (_NEGATIONS, _HAND_ON_STEMS), rf"\b{_DO_NOT}{_HAND_ON}\b(?!\s+this\s+link)"),
    (
        0.60,
        (("outside",), _HAND_ON_STEMS),
        rf"\b{_HAND_ON}\s+(?:it\s+|this\s+)?outside\s+(?:of\s+)?(?:the|our|this)\s+{_BODY}\b",
    ),
    (
        0.60,
        (("between us", "ourselves", "this room"),),
        r"\b(?:keep|stays?|remains?)\s+(?:(?:this|it|strictly)\s+){0,2}"
        r"(?:between\s+us|among\s+ourselves|in\s+this\s+room)\b",
    ),
    (
        0.60,
        (("keep", "stay"), ("confidential", "internal")),
        r"\b(?:keep|stays?)\s+(?:(?:this|it|strictly)\s+){0,2}(?:confidential|internal)\b",
    ),
    (0.45, (("minutes of",),), rf"\bminutes\s+of\s+(?:the\s+)?(?:\w{{1,15}}\s+)?(?:{_BODY}|meeting)\b"),
    (0.45, (("closed ",),), r"\bclosed\s+(?:session|meeting)\b"),
    (0.45, (("internal",),), rf"\binternal\s+(?:matters?|discussion|document|paper|memo|party|{_BODY}|only)\b"),
    (
        0.40,
        (("intern", "confiden", "vertraulich"),),
        r"(?m)^\W{0,6}(?:internal|confidential|vertraulich|intern|confidencial|interno)\W{0,6}$",
    ),
    (0.55, (("reenviar", "difundir", "uso interno"),), r"\bno\s+(?:reenviar|difundir)\b|\buso\s+interno\b"),
    (0.55, (("weiterleiten", "nicht öffentlich"),), r"\bnicht\s+(?:weiterleiten|öffentlich)\b"),
)
_STEMS = tuple(dict.fromkeys(stem for _, groups, _ in _CUES for group in groups for stem in group))
# Of each cue the weight, the numbers of its stems in groups, and the pattern.
_PATTERNS = tuple(
    (weight, tuple(frozenset(map(_STEMS.index, group)) for group in groups), re.compile(pattern, re.IGNORECASE))
    for weight, groups, pattern in _CUES
)
_PRESENT = PatternSet.of_words(_STEMS)

# A paragraph with one of these is a legal notice that firms put below every mail: it says nothing of this message.
_DISCLAIMER = re.compile(
    r"intended\s+(?:recipient|solely|only\s+for|for\s+the)|received\s+this\s+(?:\S+\s+){0,3}in\s+error|"
    r"(?:addressee|named\s+recipient|person\s+to\s+whom)|unauthori[sz]ed\s+(?:use|review|disclosure)|"
    r"delete\s+(?:it|this)\s+(?:\S+\s+){0,3}(?:immediately|from\s+your)|legally\s+privileged|"
    r"(?:confidential|private)\s+and\s+proprietary|and\s+its\s+(?:subsidiaries|affiliates)|"
    r"destinatario|empfänger\s+bestimmt|kept\s+(?:strictly\s+)?confidential",
    re.IGNORECASE,
)
_EMPTY_LINE = re.compile(r"\n[ \t>]{0,80}\n")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that sound internal, and how much they weigh by themselves."""

    weight: float
    evidence: Evidence


def score(subject: str, text: str, marked: bool) -> float:
    """Return how likely this is an internal matter, in [0, 1], by marks and words alone."""
    return combine([0.95] if marked else [], [cue.weight for cue in cues(subject, text)])


def combine(*groups: list[float]) -> float:
    """Combine weights as independent hints: each takes its share of the doubt that the others left."""
    doubt = 1.0 - PRIOR
    for weight in (weight for group in groups for weight in group):
        doubt *= 1.0 - weight
    return 1.0 - doubt


def cues(subject: str, text: str) -> Iterator[Cue]:
    """Yield each kind of cue once, at its first place outside legal notices."""
    subject, text = subject[:1000], text[:MOST_TEXT]
    present = frozenset(_PRESENT.found(f"{subject}\n{text}".lower().encode("utf-8", "replace")))
    for weight, stems, pattern in _PATTERNS:
        if not any(map(present.isdisjoint, stems)):
            place = next(_places(pattern, subject, text), None)
            if place is not None:
                yield Cue(weight, place)


def _places(pattern: re.Pattern[str], subject: str, text: str) -> Iterator[Evidence]:
    for match in pattern.finditer(subject):
        yield Evidence("subject", match.start(), match.end(), match.group())
    for match in pattern.finditer(text):
        if not _DISCLAIMER.search(_paragraph(text, match.start(), match.end())):
            yield Evidence("text", match.start(), match.end(), match.group())


def _paragraph(text: str, start: int, end: int) -> str:
    """The lines around a place up to the next empty ones, at most 2,000 characters each way."""
    before = [match.end() for match in _EMPTY_LINE.finditer(text, max(0, start - 2000), start)]
    after = _EMPTY_LINE.search(text, end, end + 2000)
    return text[before[-1] if before else max(0, start - 2000) : after.start() if after else end + 2000]
