"""The labelled sets that accuracy is measured on, each row made into one message for `listward replay`.

Rows without a message of their own are wrapped as a plain post. So are the sets whose two classes come from different
sources: there every header field but the subject would give the class away.
"""

import email
import email.policy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import zstandard

from listward.filters.message.parse import parse_message

Row = dict[str, Any]
_HIDDEN_AUTHOR = re.compile(rb"^(From: *[^\s@]+) at (?=[^\s@]+)", re.MULTILINE)
_SCRAMBLED_AUTHOR = re.compile(rb"^From: [^\n]* @ *end(?:ing|\|ng) [f|]rom ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message with its label: True where it is what the score is about."""

    raw: bytes
    positive: bool


@dataclass(frozen=True, slots=True)
class Set:
    """One labelled set: its file, the score it tests, how replay is asked, and how a row becomes a message.

    `origin` and `recipient` are what replay is given. `seen` says what the shipped weights have seen of it.
    """

    name: str
    file: str
    score: str
    origin: str
    recipient: str
    make: Callable[[Row], Labelled | None]
    seen: str = "have not seen it"


def rows(path: Path) -> Iterator[Row]:
    """The objects of a packed JSON-lines file."""
    with path.open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as plain:
        rest = b""
        while block := plain.read(1 << 20):
            *lines, rest = (rest + block).split(b"\n")
            yield from map(json.loads, filter(None, lines))
        if rest:
            yield json.loads(rest)


def as_is(row: Row) -> Labelled:
    """The stored message itself."""
    return Labelled(row["raw"].encode("latin-1"), row["label"] == "spam")


def talk(row: Row) -> Labelled | None:
    """The list of which the shipped spam model has seen a part."""
    return as_is(row) if row["source"] == "list/cypherpunks" else None


def other_lists(row: Row) -> Labelled | None:
    """The lists of which it has seen nothing, their authors' addresses mended where the archive hid them.

    Messages whose author's address the archive scrambled are left out: no list ever got such a From.
    """
    found = as_is(row)
    if row["source"] == "list/cypherpunks" or _SCRAMBLED_AUTHOR.search(found.raw):
        return None
    return Labelled(_HIDDEN_AUTHOR.sub(rb"\1@", found.raw, count=1), found.positive)


def text_alone(row: Row) -> Labelled:
    """Subject and decoded text of the stored message, as a plain post."""
    message = parse_message(row["raw"].encode("latin-1"))
    return Labelled(wrapped(message.subject, message.visible_text), row["label"] == "spam")


def numbered(row: Row) -> Labelled:
    """Rows with label 1 and 0."""
    return Labelled(wrapped(row.get("subject") or "", row["text"]), row["label"] == 1)


def marked(row: Row) -> Labelled | None:
    """Rows that carry a mark, against rows that carry none."""
    if row["label"] not in {"marked", "unmarked", "disclaimer"}:
        return None
    return Labelled(wrapped(row.get("subject") or "", row["text"]), row["label"] == "marked")


def wrapped(subject: str, text: str) -> bytes:
    """A plain post by a member."""
    message = EmailMessage(policy=email.policy.SMTP.clone(refold_source="none"))
    message["From"] = "Ann Ito <ann@members.example>"
    message["To"] = "members@party.example"
    message["Subject"] = " ".join(subject.split())
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0000"
    message.set_content(text.encode("utf-8", "replace").decode(), cte="base64")
    return message.as_bytes()


_MEMBERS, _NEWS = "members@party.example", "news@party.example"
SETS = (
    Set("spamassassin, whole messages", "spamham_spamassassin", "spam", "known", _NEWS, as_is, "fitted on all of it"),
    Set("enron, subject and text", "spamham_enron", "spam", "known", _NEWS, text_alone),
    Set("modern, subject and text", "spamham_modern", "spam", "known", _NEWS, text_alone),
    Set("list cypherpunks, whole messages", "listham", "spam", "member", _MEMBERS, talk, "fitted on every third"),
    Set("three other lists, whole messages", "listham", "spam", "member", _MEMBERS, other_lists),
    Set("solicitation", "solicitation", "solicitation", "member", _MEMBERS, numbered, "fitted on all of it"),
    Set("internal", "internal", "internal", "member", _NEWS, marked),
)
