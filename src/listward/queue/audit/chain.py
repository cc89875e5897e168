"""The chain: each seal's head is SHA-256 over the head before it and the entries since. Pure."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TypeVar

from listward.queue.store.record import known, to_json

Made = TypeVar("Made", "Seal", "Link")


@dataclass(frozen=True, slots=True)
class Seal:
    """Covers entries `first` to `last` of one list. Heads are hex; the first seal's `previous` is ""."""

    first: int
    last: int
    previous: str
    head: str
    at: float


@dataclass(frozen=True, slots=True)
class Link:
    """One list's head as the site chain keeps it, so that a list whose log was cut or removed is missed."""

    list: str
    last: int
    seal: str
    previous: str
    head: str
    at: float


def head_over(previous: str, entries: Iterable[tuple[int, bytes]]) -> str:
    """Return the head after these entries. Number and length stand before each, so that nothing can be shifted."""
    digest = hashlib.sha256(f"listward seal\0{previous}\0".encode())
    for number, text in entries:
        digest.update(f"{number}:{len(text)}:".encode())
        digest.update(text)
    return digest.hexdigest()


def link_head(previous: str, list_address: str, last: int, seal: str) -> str:
    """Return the site chain's head after one link."""
    return hashlib.sha256(f"listward link\0{previous}\0{list_address}\0{last}\0{seal}".encode()).hexdigest()


def encode(value: Seal | Link) -> bytes:
    """Write a seal or link as it is stored."""
    return to_json(asdict(value))


def read_seal(text: bytes) -> Seal:
    """Read a seal. Raises ValueError for anything else."""
    return _read(Seal, text)


def read_link(text: bytes) -> Link:
    """Read a link. Raises ValueError for anything else."""
    return _read(Link, text)


def _read(kind: type[Made], text: bytes) -> Made:
    try:
        return known(kind, json.loads(text))
    except (TypeError, AttributeError):
        raise ValueError(f"this is no {kind.__name__}") from None
