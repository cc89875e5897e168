"""The texts of one message in which an appeal may stand. Only the author's own words can make a clear one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from listward.filters.message.message import Message

TINY = 200  # letters: with fewer of the author's own, what is quoted may be what is meant to be read
MOST_SUBJECT = 998  # RFC 5322, section 2.1.1
_REPLY = re.compile(r"^\s{0,9}(?:\[[^\[\]]{1,40}\]\s{0,9})?(?:re|fwd?|aw|wg|sv|rv|rm|tr)\s{0,3}:", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class View:
    """A text under the subject that counts with it. `doubtful`: the words may be another's, so a person has to look."""

    name: str
    subject: str
    text: str
    doubtful: bool = False


def views(message: Message) -> Iterator[View]:
    """Yield each text once, the author's own words first."""
    answers = claims_to_answer(message)
    subject = "" if answers else message.subject[:MOST_SUBJECT]
    yield View("own_text", subject, message.own_text)
    if message.quoted_text and (not message.is_reply or _is_tiny(message.own_text)):
        yield View("text", subject, message.visible_text, doubtful=True)
    if answers and not _is_quoted(message.subject[:MOST_SUBJECT], message.quoted_text):
        yield View("subject", message.subject[:MOST_SUBJECT], "", doubtful=True)
    if message.attached_text:
        yield View("attached_text", subject, message.attached_text, doubtful=True)
    if message.hidden_text:
        yield View("hidden", "", message.hidden_text, doubtful=True)


def claims_to_answer(message: Message) -> bool:
    """Whether the header says that somebody else began this thread. Anybody can write that."""
    return bool(message.first("In-Reply-To") or message.first("References") or _REPLY.match(message.subject))


def _is_quoted(subject: str, quoted: str) -> bool:
    """Whether a third of the subject's words stand in the quotation, so that another may well have begun it."""
    words = set(_WORD.findall(subject.lower()))
    return 3 * len(words & set(_WORD.findall(quoted.lower()))) >= len(words) if quoted else not words


def _is_tiny(text: str) -> bool:
    return len(text) < TINY or sum(map(str.isalpha, text[: 4 * TINY])) < TINY
