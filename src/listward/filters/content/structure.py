"""Reader: is this a message that people and programs can handle at all?"""

import re
from collections.abc import Iterator
from email.utils import parsedate_tz

from listward.filters.context import Context
from listward.filters.findings import Evidence, Finding
from listward.filters.message.message import Message
from listward.filters.message.words import decode_words

MALFORMED = "malformed"
SIZE = "size"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_REASONS = {
    "too-many-fields": (SIZE, "The message has far more header lines than mail needs."),
    "header-too-large": (SIZE, "The header of the message is far larger than mail needs."),
    "too-many-parts": (SIZE, "The message is cut into too many pieces to be checked."),
    "nested-too-deep": (SIZE, "The message is packed inside itself too often to be checked."),
    "too-many-parameters": (SIZE, "A header line of the message has too many parts to be checked."),
    "too-many-addresses": (SIZE, "The message names too many addresses to be checked."),
    "field-too-long": (SIZE, "A header line of the message is far longer than mail needs."),
    "html-too-deep": (SIZE, "The formatted text is built in a way that cannot be checked."),
    "html-too-dense": (SIZE, "The formatted text is built in a way that cannot be checked."),
    "text-truncated": (SIZE, "The text is too long to be checked in full."),
    "partial-message": (MALFORMED, "This is one piece of a message sent in several pieces."),
}
# RFC 5322, section 3.3, as programs write it; all else is read by a parser that knows more.
_PLAIN_DATE = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?[0-3]?[0-9] (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"([1-9]\d{3}) \d\d:\d\d(?::\d\d)? [+-]\d{4}(?: \([A-Za-z]{1,9}\))?\Z",
    re.ASCII,
)
_EARLIEST_YEAR, _LATEST_YEAR = 1980, 2100
_DATE_LETTERS = 200  # no clock writes more, comments included


def check(message: Message, context: Context) -> Iterator[Finding]:
    """What is missing, doubled, absurd or beyond the limits."""
    yield from _author(message)
    yield from _date(message)
    yield from _subject(message)
    for defect in message.all_defects:
        if defect.name in _REASONS:
            category, reason = _REASONS[defect.name]
            yield Finding(defect.name, category, 0.6, reason)


def _author(message: Message) -> Iterator[Finding]:
    """RFC 5322, section 3.6: exactly one From field."""
    authors = message.all("From")
    if not authors:
        yield Finding("missing-from", MALFORMED, 0.9, "The message does not say who wrote it.")
    elif len(authors) > 1:
        evidence = tuple(_evidence("from", field.value) for field in authors[:3])
        yield Finding("multiple-from", MALFORMED, 1.0, "The message names its author more than once.", evidence)
    elif not message.from_mailboxes and not {"ambiguous-author", "obscured-author"} & _names(message):
        reason = "The message gives no address of its author."
        yield Finding("no-author-address", MALFORMED, 0.9, reason, (_evidence("from", authors[0].value),))


def _names(message: Message) -> set[str]:
    return {defect.name for defect in message.all_defects}


def _date(message: Message) -> Iterator[Finding]:
    """A date no clock would give; a missing one is added on the way."""
    value = message.first("Date")
    year = _year(value)
    if year is not None and not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        yield Finding(
            "absurd-date", MALFORMED, 0.4, "The date of the message cannot be true.", (_evidence("date", value),)
        )


def _year(value: str) -> int | None:
    plain = _PLAIN_DATE.match(value)
    if plain:
        return int(plain[1])
    if len(value) > _DATE_LETTERS:
        return 0
    try:
        parsed = parsedate_tz(value)
    except (ValueError, IndexError, OverflowError):
        return 0
    return parsed[0] if parsed else None


def _subject(message: Message) -> Iterator[Finding]:
    """Controls in a subject can rewrite what a terminal or a list shows."""
    for field in message.all("Subject")[:2]:
        shown = decode_words(field.raw.decode("utf-8", "replace")).replace("\r\n", "").replace("\n", "")
        if _CONTROL.search(shown):
            yield Finding(
                "control-characters-in-subject",
                MALFORMED,
                0.6,
                "The subject holds characters that cannot be seen.",
                (_evidence("subject", field.value),),
            )
    if len({field.value for field in message.all("Subject")}) > 1:
        yield Finding("multiple-subjects", MALFORMED, 0.5, "The message has more than one subject.")


def _evidence(view: str, text: str) -> Evidence:
    shown = text[:200]
    return Evidence(view, 0, len(shown), shown)
