"""Cases in memory, by the same table of transitions as the store: for fast tests of what stands on the port."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from listward.queue.cases.case import Case, CaseDraft, CaseState, Reason, StoredEnvelope
from listward.queue.cases.commands import Command
from listward.queue.cases.numbers import number_for
from listward.queue.cases.transitions import Refused, advance, decided_by
from listward.queue.store.ports import CasePage, Conflict, Event, StoreUnavailable, UnknownCase
from listward.wire.payload import Payload

START = 1_795_000_000.0  # 18 November 2026


def draft(**changes: object) -> CaseDraft:
    """A member's message held for one phrase; `changes` replace fields."""
    made = CaseDraft(
        list="board@party.example",
        message_id="m1",
        author="ana@party.example",
        author_name="Ana Ruiz",
        origin="member",
        authenticated=True,
        role="member",
        subject="Help with my rent",
        first_lines="Dear all, please send money to me",
        size=812,
        envelope=StoredEnvelope("ana@party.example", ("board@party.example",)),
        next_hop="smtp://127.0.0.1:2527",
        queues=("moderators",),
        reasons=(
            Reason("solicitation", "solicitation", "A 7.3", "It asks for money.", "text", 10, 27, "please send money"),
        ),
        received_at=START,
        ledger_key="k1",
        policy_hash="p1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def stranger(**changes: object) -> CaseDraft:
    """A stranger's likely spam."""
    facts = {
        "author": "win@spam.example",
        "author_name": "",
        "origin": "unproven",
        "authenticated": False,
        "role": "",
        "subject": "You have won",
        "first_lines": "Click https://evil.example/now to claim",
        "envelope": StoredEnvelope("win@spam.example", ("board@party.example",)),
        "reasons": (Reason("spam", "spam", "A 7.1", "It looks like spam."),),
        "spam_score": 0.97,
    }
    return draft(**{**facts, **changes})


class MemoryCases:
    """The Cases port in a dict. `away` makes every call fail as an unreachable store does."""

    def __init__(self, now: float = START, escalations: dict[str, str] | None = None) -> None:
        self.now = now
        self.cases: dict[str, Case] = {}
        self.bodies: dict[str, bytes] = {}
        self.log: list[Event] = []
        self.away = False
        self._escalations = escalations or {}

    async def hold(self, draft: CaseDraft, body: Payload) -> Case:
        """Keep a case."""
        self._check()
        case = Case(number_for(1000 + len(self.cases)), 1, CaseState.HELD, draft, self.now, self.now)
        self.cases[case.number], self.bodies[case.number] = case, body.whole()
        self._tell(case, "hold", "")
        return case

    async def held_as(self, list_address: str, ledger_keys: Sequence[str]) -> dict[str, str]:
        """The numbers of the cases kept."""
        kept = {case.draft.ledger_key: case.number for case in self.cases.values() if case.draft.list == list_address}
        return {key: kept[key] for key in ledger_keys if key in kept}

    async def apply(self, number: str, expected_version: int, command: Command) -> Case:
        """Carry out one transition."""
        case = await self.get(number)
        if case.version != expected_version:
            raise Conflict(decided_by(case), case.version, case.state.value)
        try:
            after = advance(case, command, self._escalations)
        except Refused as problem:
            raise Conflict(decided_by(case), case.version, case.state.value) from problem
        self.cases[number] = after
        self._tell(after, command.verb.value, command.by)
        return after

    async def get(self, number: str) -> Case:
        """Return the case."""
        self._check()
        if number not in self.cases:
            raise UnknownCase(number)
        return self.cases[number]

    async def body(self, number: str) -> bytes:
        """Return the message."""
        self._check()
        if number not in self.bodies:
            raise UnknownCase(number)
        return self.bodies[number]

    @asynccontextmanager
    async def opened(self, number: str) -> AsyncIterator[Payload]:
        """Give the message."""
        yield Payload(await self.body(number))

    async def page(
        self,
        states: Sequence[CaseState] = (),
        lists: Sequence[str] = (),
        queue: str = "",
        limit: int = 50,
        cursor: str = "",
        newest_first: bool = False,
    ) -> CasePage:
        """List cases, oldest first unless told otherwise; the cursor is the place in the whole list."""
        self._check()
        found = [
            case
            for case in self.cases.values()
            if (not states or case.state in states)
            and (not lists or case.draft.list in lists)
            and (not queue or queue in case.draft.queues)
        ]
        found = found[::-1] if newest_first else found
        start = int(cursor or 0)
        rest = len(found) > start + limit
        return CasePage(tuple(found[start : start + limit]), str(start + limit) if rest else "")

    async def events(self, list_address: str) -> AsyncIterator[Event]:
        """The list's outbox entries."""
        for event in [event for event in self.log if event.list == list_address]:
            yield event

    async def acknowledge(self, list_address: str, event_id: str) -> None:
        """Drop one outbox entry."""
        self.log = [event for event in self.log if (event.list, event.id) != (list_address, event_id)]

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable("away")

    def _tell(self, case: Case, verb: str, by: str) -> None:
        identity = f"{len(self.log):012d}-{case.number}-{case.version}"
        self.log.append(Event(identity, case.draft.list, case.number, verb, case.version, case.changed_at, by))
