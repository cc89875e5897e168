"""Audit entries: what goes into the chain, and beside it the clear text of what is personal, which can be erased."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from listward.queue.cases.case import Case
from listward.queue.cases.commands import Command
from listward.queue.store.durability import Guard
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import ListKeys
from listward.queue.store.record import to_json

Fact = str | int | float
NO_TEXT: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One audit entry, ready to be appended: the chained part, and the clear text with its salt."""

    chained: bytes
    clear: bytes


def entry(verb: str, at: float, facts: Mapping[str, Fact], personal: Mapping[str, str] = NO_TEXT) -> Entry:
    """Make an entry. `personal` values are chained as salted hashes; empty ones are left out."""
    given = {name: value for name, value in personal.items() if value}
    salt = secrets.token_hex(16)
    hashed = {name: personal_hash(salt, name, value) for name, value in given.items()}
    chained = {"verb": verb, "at": round(at, 3), **facts}
    if hashed:
        chained["personal"] = hashed  # type: ignore[assignment]  # the one nested value
    return Entry(to_json(chained), to_json({"salt": salt, **given}) if given else b"")


def personal_hash(salt: str, name: str, value: str) -> str:
    """Return the hash that stands in the chain for one personal value."""
    return hashlib.sha256(f"{salt}\0{name}\0{value}".encode(errors="surrogatepass")).hexdigest()


def hold_entry(case: Case, digest: str) -> Entry:
    """The entry of a new hold."""
    draft = case.draft
    facts: dict[str, Fact] = {
        **_standing(case),
        "from": "",
        "queues": ",".join(draft.queues),
        "rules": ",".join(reason.rule for reason in draft.reasons),
        "origin": draft.origin,
        "policy": draft.policy_hash,
        "digest": digest,
    }
    personal = {"author": draft.author}
    if draft.is_copy:
        facts["copy"], personal["to"] = 1, ",".join(draft.envelope.recipients)
    return entry("hold", case.opened_at, facts, personal)


def act_entry(before: Case, after: Case, command: Command) -> Entry:
    """The entry of one transition."""
    facts: dict[str, Fact] = {**_standing(after), "from": before.state.value}
    facts |= {name: value for name, value in (("queue", command.queue), ("clause", command.clause)) if value}
    personal = {"by": command.by, "sentence": command.sentence, "note": command.note}
    return entry(command.verb.value, command.at, facts, personal)


def _standing(case: Case) -> dict[str, Fact]:
    return {"case": case.number, "to": case.state.value, "version": case.version}


class Trail:
    """Appends entries that belong to no transition: discards without a case, reads, exports."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def append(
        self,
        list_address: str,
        verb: str,
        at: float,
        facts: Mapping[str, Fact],
        personal: Mapping[str, str] = NO_TEXT,
    ) -> int:
        """Append one entry durably and return its number. Raises StoreUnavailable."""
        keys = ListKeys(list_address)
        made = entry(verb, at, facts, personal)
        call = LIBRARY.call("append", (keys.audit, keys.clear), made.chained, made.clear)
        return int((await self._guard.write(keys.audit, call))[0])
