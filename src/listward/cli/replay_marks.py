"""What people have said of messages: the rulings of past cases, or a file of labels."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from listward.cli.judging import as_received
from listward.cli.output import WrongUse, printable
from listward.filters.judgement import MessageFacts
from listward.gateway.records import copy_name
from listward.gateway.trace.facts import read_facts
from listward.gateway.trace.fields import header_end
from listward.wire.payload import Payload

MOST_LABELS = 1_000_000
MOST_FILE = 256 * 1024 * 1024
KEEP, STOP = "keep", "stop"
_KEYS = ("path", "message_id", "message-id", "id")
_RULE = re.compile(r"[a-z0-9-]{1,64}")
_LINE_ENDS = re.compile(rb"(?:\r\n)+\Z")


@dataclass(frozen=True, slots=True)
class Mark:
    """What people said of one copy of a message: whether it was to be stopped, and by which rules it was held.

    `list` is the list that the copy was for, "" where all of the message is meant.
    """

    stop: bool
    rules: tuple[str, ...] = ()
    list: str = ""


NO_MARKS: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruled:
    """Rulings by the name of the copy (`records.copy_name`), and the addresses such copies were sent to."""

    by_copy: Mapping[str, Mark] = field(default_factory=dict)
    recipients: tuple[str, ...] = ()
    hostname: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """All that people said. A label counts more than rulings."""

    labels: Mapping[str, Mark] = field(default_factory=dict)
    ruled: Ruled = Ruled()

    def of(self, path: str, identity: str, facts: MessageFacts, stored: bytes) -> tuple[Mark, ...]:
        """Return what was said of a message: at most one label, or the rulings on its copies."""
        if self.labels:
            found = next((self.labels[key] for key in (path, identity, facts.message_id) if key in self.labels), None)
            if found is not None:
                return (found,)
        return tuple(_rulings(self.ruled, stored)) if self.ruled.by_copy else NO_MARKS


def _rulings(ruled: Ruled, stored: bytes) -> Iterator[Mark]:
    """The rulings on copies of this very message: same author, Message-ID and body.

    How many line ends there are at the end of a body is lost in many archives, so one is tried as well.
    """
    raw = as_received(stored)
    trimmed = _LINE_ENDS.sub(b"\r\n", raw)
    found: dict[str, Mark] = {}
    for text in dict.fromkeys((raw, trimmed, trimmed + b"\r\n")):
        facts = read_facts(text[: header_end(text)], Payload(text), ruled.hostname)
        names = (copy_name(address, facts) for address in ruled.recipients)
        found |= {name: ruled.by_copy[name] for name in names if name in ruled.by_copy}
    yield from found.values()


def read_labels(path: Path) -> dict[str, Mark]:
    """Read a file of labels: JSON lines or CSV with a head, each with path or Message-ID and "keep" or "stop".

    Raises WrongUse naming the line.
    """
    try:
        if path.stat().st_size > MOST_FILE:
            raise WrongUse(f"listward: {path}: is larger than {MOST_FILE // (1024 * 1024)} MiB")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "is not UTF-8"
        raise WrongUse(f"listward: {path}: {reason}") from None
    rows = _json_rows(path, text) if text.lstrip().startswith("{") else _csv_rows(path, text)
    labels: dict[str, Mark] = {}
    for line, row in rows:
        key, mark = _label(f"{path}:{line}", row)
        labels |= dict.fromkeys(_spellings(key, path), mark)
        if len(labels) > MOST_LABELS:
            raise WrongUse(f"listward: {path}: has more than {MOST_LABELS} labels")
    return labels


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise WrongUse(f"listward: {path}:{number}: is not a JSON object")
        yield number, row


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.DictReader(text.splitlines())
    head = [name.strip().lower() for name in reader.fieldnames or ()]
    if "label" not in head or not set(_KEYS) & set(head):
        raise WrongUse(f"listward: {path}:1: the head must name label, and path or message_id")
    reader.fieldnames = head
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise WrongUse(f"listward: {path}:{reader.line_num}: {error}") from None


def _label(where: str, row: Mapping[str, object]) -> tuple[str, Mark]:
    key = next((value.strip() for name in _KEYS if isinstance(value := row.get(name), str) and value.strip()), "")
    label = row.get("label")
    if not key:
        raise WrongUse(f"listward: {where}: names neither path nor message_id")
    if label not in {KEEP, STOP}:
        raise WrongUse(f'listward: {where}: label {printable(str(label))[:40]!r} is neither "keep" nor "stop"')
    rules = _rules(row.get("rule"))
    if wrong := next((name for name in rules if not _RULE.fullmatch(name)), None):
        raise WrongUse(f"listward: {where}: rule {printable(wrong)[:40]!r} is no name of a rule")
    return key, Mark(label == STOP, rules)


def _rules(given: object) -> tuple[str, ...]:
    """The rule that a label is about, or several, apart from each other by blanks."""
    if isinstance(given, str):
        return tuple(given.split())
    return tuple(map(str, given)) if isinstance(given, list) else ()


def _spellings(key: str, path: Path) -> Iterator[str]:
    """A path counts as it is written, and as seen from the folder of the labels."""
    yield key
    if not key.startswith(("/", "<")):
        yield from chain((str(path.parent / key),), (f"<{key}>",) if "@" in key else ())
