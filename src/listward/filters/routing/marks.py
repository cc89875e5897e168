"""Marks by which an author says that a message is internal: a tag in the subject, a Sensitivity field."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from listward.filters.context import Context
from listward.filters.findings import Evidence, Finding
from listward.filters.message.message import Message

CATEGORY = "internal"
RULE = "internal-mark"

# RFC 4021 section 2.1.55 has Personal, Private and Company-Confidential; a personal letter is not the organisation's.
SENSITIVITY = frozenset({"company-confidential", "confidential", "private", "internal", "restricted"})
SENSITIVITY_FIELDS = ("Sensitivity", "X-Sensitivity", "Classification", "X-Classification")

# Words that may stand beside a mark in one label: "[internal only]", "Internal use only", "INTERN - Vorstand".
_BESIDE_WORDS = (
    "only use for strictly and confidential matter matters document the board committee executive members eyes party "
    "solo uso de la el para junta comite estrictamente confidencial nur fuer fur den vorstand vertraulich "
    "usage reserve au du bureau"
)
BESIDE = frozenset(_BESIDE_WORDS.split())
MOST_SUBJECT = 1000
_BRACKETS = re.compile(r"[\[({【<]([^\[\](){}【】<>]{1,60})[\])}】>]")
_PREFIXES = re.compile(
    r"^(?:\s*(?:re|aw|sv|fw|fwd|wg|rv|tr|antw)\s*(?:\[\d+\])?\s*:|\s*\[[^\]]{1,40}\])*\s*", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+")


def check(message: Message, context: Context) -> Iterable[Finding]:
    """Find every mark in the header. Labels of attachments have a file of their own."""
    yield from _subject(message, context)
    yield from _sensitivity(message)


def is_label(text: str, marks: Iterable[str]) -> bool:
    """Whether a short text is a label: a mark, with nothing beside it but the words that labels are made of."""
    words = fold_words(text)
    wanted = _folded(tuple(marks))
    return 0 < len(words) <= 8 and any(_holds(words, mark) for mark in wanted)


def fold_words(text: str) -> list[str]:
    """Split into words that compare: compatibility forms, case, accents and invisible characters folded away."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf", "Cc"} or c in "\n\t")
    return _WORD.findall(plain)


@lru_cache(maxsize=64)
def _folded(marks: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(words for mark in marks if (words := tuple(fold_words(mark))))


def _holds(words: list[str], mark: tuple[str, ...]) -> bool:
    """The mark stands in the words, and the rest are words of a label."""
    for start in range(len(words) - len(mark) + 1):
        if tuple(words[start : start + len(mark)]) == mark:
            return all(word in BESIDE for word in (*words[:start], *words[start + len(mark) :]))
    return False


def _subject(message: Message, context: Context) -> Iterator[Finding]:
    subject = message.subject[:MOST_SUBJECT]
    for start, end in _candidates(subject):
        if is_label(subject[start:end], context.internal_marks):
            evidence = Evidence("subject", start, end, subject[start:end])
            yield Finding(RULE, CATEGORY, 1.0, "The subject says that this is an internal matter.", (evidence,))
            return


def _candidates(subject: str) -> Iterator[tuple[int, int]]:
    """Yield the places where a subject is tagged: in brackets, or in front of a colon at the start."""
    for match in _BRACKETS.finditer(subject):
        yield match.span(1)
    prefixes = _PREFIXES.match(subject)
    start = prefixes.end() if prefixes else 0
    colon = subject.find(":", start, start + 60)
    if colon > start:
        yield start, colon


def _sensitivity(message: Message) -> Iterator[Finding]:
    for name in SENSITIVITY_FIELDS:
        for field in message.all(name):
            value = "-".join(fold_words(field.value[:100]))
            if value in SENSITIVITY:
                evidence = Evidence("header", 0, len(field.value), f"{field.name}: {field.value}")
                reason = "The message is labelled as confidential to the organisation."
                yield Finding(RULE, CATEGORY, 1.0, reason, (evidence,))
                return
