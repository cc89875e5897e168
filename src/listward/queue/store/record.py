"""A case as it lies in the store: a hash whose clear fields are what indexes need, the rest sealed JSON.

Schema 1. Clear: f schema, v version, s state, o opened, t changed, d deliver after, p pieces of the body (0 when it is
gone), z its size, c id of the last command, a numbers of its audit entries. Sealed: x the draft, which never changes
but by retention, with the body's digest; y the standing, which every act writes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

from listward.filters.identity.standing import Method, Path, Post
from listward.queue.cases.case import (
    Answer,
    Approval,
    Case,
    CaseDraft,
    CaseState,
    CopyTo,
    Reason,
    Ruling,
    Said,
    StoredEnvelope,
)
from listward.queue.cases.transitions import as_answered
from listward.queue.store.codec import Codec
from listward.queue.store.ports import DamagedBody
from listward.queue.store.words import Word

SCHEMA = 1
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case with what only the store needs: digest and size of the body, its count of pieces."""

    case: Case
    digest: str
    size: int
    pieces: int


def draft_fields(codec: Codec, stored: StoredCase) -> tuple[Word, ...]:
    """Return the fields that are written once, as names and values."""
    case = stored.case
    value = {"draft": plain(case.draft), "digest": stored.digest}
    sealed = codec.seal_record(to_json(value), f"draft:{case.number}")
    return ("f", SCHEMA, "o", case.opened_at, "p", stored.pieces, "z", stored.size, "x", sealed)


def standing_fields(codec: Codec, case: Case) -> tuple[Word, ...]:
    """Return the fields that every act writes, as names and values."""
    value = {
        "claimed_by": case.claimed_by,
        "approvals": plain(case.approvals),
        "ruling": plain(case.ruling),
        "failure": case.failure,
        "attempts": case.attempts,
        "unknowns": case.unknowns,
        "queues": plain(case.draft.queues),
        "answer": plain(case.answer),
    }
    sealed = codec.seal(to_json(value), f"standing:{case.number}:{case.version}")
    clear = ("v", case.version, "s", case.state.value, "t", case.changed_at, "d", case.deliver_after)
    return (*clear, "y", sealed)


def read_record(codec: Codec, number: str, record: Mapping[bytes, bytes]) -> StoredCase:
    """Undo both. Raises DamagedBody."""
    try:
        return _read(codec, number, record)
    except (KeyError, TypeError, ValueError):
        raise DamagedBody("its record is not complete") from None


def _read(codec: Codec, number: str, record: Mapping[bytes, bytes]) -> StoredCase:
    version = int(record[b"v"])
    sealed = json.loads(codec.open_record(record[b"x"], f"draft:{number}"))
    standing = json.loads(codec.open(record[b"y"], f"standing:{number}:{version}"))
    answer = _answer(standing.get("answer"))
    draft = as_answered(replace(_draft(sealed["draft"]), queues=tuple(standing["queues"])), answer)
    case = Case(
        number=number,
        version=version,
        state=CaseState(record[b"s"].decode()),
        draft=draft,
        opened_at=float(record[b"o"]),
        changed_at=float(record[b"t"]),
        claimed_by=standing["claimed_by"],
        approvals=tuple(known(Approval, entry) for entry in standing["approvals"]),
        ruling=known(Ruling, standing["ruling"]) if standing["ruling"] else None,
        deliver_after=float(record[b"d"]),
        failure=standing["failure"],
        attempts=standing["attempts"],
        unknowns=standing.get("unknowns", 0),
        answer=answer,
    )
    return StoredCase(case, sealed["digest"], int(record[b"z"]), int(record[b"p"]))


def _draft(values: dict[str, Any]) -> CaseDraft:
    envelope = known(StoredEnvelope, values["envelope"])
    reasons = tuple(known(Reason, entry) for entry in values["reasons"])
    paths = tuple(_path(entry) for entry in values.get("paths", ()))
    post = known(Post, given) if (given := values.get("post")) else None
    copies = tuple(known(CopyTo, entry) for entry in values.get("copies", ()))
    made = {"envelope": envelope, "reasons": reasons, "paths": paths, "post": post, "copies": copies}
    return known(CaseDraft, {**values, **made})


def _path(values: dict[str, Any]) -> Path:
    return known(Path, {**values, "method": Method(values["method"])})


def _answer(values: dict[str, Any] | None) -> Answer | None:
    if not values:
        return None
    reasons = tuple(known(Reason, entry) for entry in values["reasons"])
    return known(Answer, {**values, "said": Said(values["said"]), "reasons": reasons})


def known(kind: type[Record], values: dict[str, Any]) -> Record:
    """Make a record of the fields this release knows: an older or newer one may have fewer or more."""
    names = _names(kind)  # type: ignore[arg-type]  # every class has a hash
    return kind(**{name: _frozen(value) for name, value in values.items() if name in names})


@lru_cache(maxsize=16)
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _frozen(value: Any) -> Any:
    return tuple(_frozen(entry) for entry in value) if isinstance(value, list | tuple) else value


def plain(value: Any) -> Any:
    """Turn dataclasses, tuples and enums into what JSON knows."""
    if value is None or (isinstance(value, (str, int, float)) and not isinstance(value, Enum)):
        return value
    if is_dataclass(value):
        names = _names(type(value))  # type: ignore[arg-type]  # every class has a hash
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value.value if isinstance(value, Enum) else value


def to_json(value: object) -> bytes:
    """Write JSON the same way every time; ASCII, so that bytes no charset explains (lone surrogates) survive."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode("ascii")
