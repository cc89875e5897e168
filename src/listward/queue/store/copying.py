"""Has a copy sent: written as a case that is released at once, so that the courier sends it and nothing loses it."""

from contextlib import suppress
from typing import Protocol

from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.commands import Command, Verb
from listward.queue.store.ports import Conflict, Ledger
from listward.wire.payload import Payload

POLICY = "policy"
_DONE = "kept"


class Keeps(Protocol):
    """What is needed of the cases."""

    async def hold(self, draft: CaseDraft, body: Payload) -> Case:
        """Write a case, or return the one that its ledger key led to. Raises StoreUnavailable, HeldLimit."""
        ...

    async def apply(self, number: str, expected_version: int, command: Command) -> Case:
        """Carry out one transition. Raises Conflict, StoreUnavailable."""
        ...


async def keep_copy(cases: Keeps, ledger: Ledger, draft: CaseDraft, body: Payload, now: float) -> bool:
    """Have a copy sent once; False where it was before, by this list or another. Raises StoreUnavailable, HeldLimit.

    Every step may be repeated: the same key gives the same case, which is released once.
    """
    if await ledger.settled([draft.ledger_key]):
        return False
    case = await cases.hold(draft, body)
    if case.version == 1:  # else an earlier try has released it, and whatever came of that is known
        command = Command(Verb.RELEASE, POLICY, now, deliver_after=now)
        with suppress(Conflict):
            await cases.apply(case.number, case.version, command)
    await ledger.settle({draft.ledger_key: _DONE})
    return True
