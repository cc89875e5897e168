"""One gateway worker in a loop whose time jumps, between ports that can fail at any of their awaits.

Every call of a port is two points: before it has an effect, and after it, where only the answer is lost. A `Trouble`
strikes at one point, counted from 0, once:

    unavailable   the port's own error            unexpected   an error nobody foresaw
    slow          it takes as long as it may      cancelled    the task is cancelled there
    killed        the worker dies there: nothing runs any more, not even what stands in `finally`
"""

import asyncio
import selectors
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway_fakes import FakeCases, FakeJudge, FakeLedger

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Judgement
from listward.filters.transaction import Transaction
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.commands import Command
from listward.queue.store.ports import Claimed, StoreUnavailable
from listward.wire.envelope import Envelope
from listward.wire.hop import Hop
from listward.wire.outcome import Delivery, Step
from listward.wire.reply import Reply

KINDS = ("unavailable", "unexpected", "slow", "cancelled", "killed")
MARKER = "redis://user:hunter2@10.0.0.7/secret"
OK = Delivery(Reply(250, "2.0.0", "ok"), Step.DOT)
LATER = Delivery(Reply(451, "4.3.0", MARKER), Step.DOT)
SILENT = Delivery(Reply(451, "4.4.2", ""), Step.DOT, lost=True)


class JumpingSelector(selectors.SelectSelector):
    """Never waits: what it would have waited is added to `now`."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000_000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look without waiting. Raises where the loop would wait for ever."""
        found = super().select(0)
        if not found:
            if timeout is None:
                raise RuntimeError("nothing will ever happen")
            self.now += max(timeout, 0.0)
        return found


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop in which an hour takes no time."""

    def __init__(self) -> None:
        self.jumping = JumpingSelector()
        super().__init__(self.jumping)

    def time(self) -> float:
        """The seconds that have passed."""
        return self.jumping.now


class Unexpected(Exception):
    """An error that no port announces."""


@dataclass
class Trouble:
    """What strikes, and at which point. `points` counts those that were passed."""

    kind: str
    at: int
    points: int = 0
    struck: str = ""
    dead: asyncio.Event = field(default_factory=asyncio.Event)

    async def pass_(self, name: str, slow_s: float = 2.0) -> None:
        """Pass one point, or be struck there."""
        here, self.points = self.points, self.points + 1
        if here != self.at:
            return
        self.struck = name
        if self.kind == "unavailable":
            raise StoreUnavailable(MARKER)
        if self.kind == "unexpected":
            raise Unexpected(MARKER)
        if self.kind == "slow":
            await asyncio.sleep(slow_s)
        elif self.kind == "cancelled":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)
        else:
            self.dead.set()
            await asyncio.Event().wait()


@dataclass
class Troubled:
    """A store and next hops that outlive workers, and remember what they really took."""

    trouble: Trouble
    copies: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cases = TroubledCases(self)
        self.ledger = TroubledLedger(self)

    async def deliver(self, hop: Hop, envelope: Envelope, data: Any, timeout_s: float) -> dict[str, Delivery]:
        """Take every recipient's copy, apart from those in `later`, which hear 451 once."""
        await self._pass("deliver, before", timeout_s)
        answers = {}
        for address in envelope.addresses:
            if address in self.later:
                self.later.remove(address)
                answers[address] = LATER
            else:
                self.copies[address] = self.copies.get(address, 0) + 1
                answers[address] = OK
        try:
            await self._pass("deliver, after", timeout_s)
        except BaseException:
            self._lose(answers)
            raise
        finally:
            if self.trouble.dead.is_set():
                self._lose(answers)
        if self.trouble.struck == "deliver, after" and self.trouble.kind in {"slow", "unavailable"}:
            self.trouble.struck = "deliver, lost"
            self._lose(answers)
            return dict.fromkeys(envelope.addresses, SILENT)
        return answers

    async def _pass(self, name: str, timeout_s: float) -> None:
        """A pool tells of trouble by its answers, so its own error is a lost reply."""
        if self.trouble.kind == "unavailable" and self.trouble.points == self.trouble.at:
            self.trouble.points += 1
            self.trouble.struck = name
            return
        await self.trouble.pass_(name, timeout_s)

    def _lose(self, answers: dict[str, Delivery]) -> None:
        for address, answer in answers.items():
            if answer is OK:
                self.lost[address] = self.lost.get(address, 0) + 1

    def kept(self, address: str) -> bool:
        """Whether somebody has this recipient's copy."""
        return self.copies.get(address, 0) > 0 or address in self.cases.acknowledged


class TroubledCases(FakeCases):
    """Cases that are struck before or after they are written."""

    def __init__(self, world: Troubled) -> None:
        super().__init__()
        self._world = world
        self.acknowledged: set[str] = set()

    async def hold(self, draft: CaseDraft, body: Any) -> Case:
        """Hold."""
        await self._world.trouble.pass_("hold, before")
        case = await super().hold(draft, body)
        self.acknowledged.update(draft.envelope.recipients)
        await self._world.trouble.pass_("hold, after")
        return case

    async def apply(self, number: str, expected_version: int, command: Command) -> Case:
        """Discard; a second time is a conflict, as in the store."""
        await self._world.trouble.pass_("apply, before")
        self.conflict = any(done.verb is command.verb for done in self.commands)
        case = await super().apply(number, expected_version, command)
        await self._world.trouble.pass_("apply, after")
        return case


class TroubledLedger(FakeLedger):
    """A ledger whose claims lapse, and which is struck before or after it is written."""

    def __init__(self, world: Troubled) -> None:
        super().__init__()
        self._world = world
        self._till: dict[str, float] = {}
        self._lapsed: set[str] = set()

    async def claim(self, keys: Sequence[str], owner: str, lasts_s: float) -> Claimed:
        """Claim, and tell of a claim that was never ended."""
        await self._world.trouble.pass_("claim, before")
        now = asyncio.get_running_loop().time()
        copies = {key.rpartition(":")[0] for key in keys}
        for copy in copies & self.claims.keys():
            if self._till[copy] <= now and self.claims[copy] != owner:
                del self.claims[copy]
                self._lapsed.add(copy)
        claimed = await super().claim(keys, owner, lasts_s)
        if claimed.free:
            self._till |= dict.fromkeys(copies, now + lasts_s)
        await self._world.trouble.pass_("claim, after")
        return Claimed(claimed.known, claimed.free, bool(copies & self._lapsed))

    async def settle(self, outcomes: dict[str, str], owner: str = "", claimed: Sequence[str] = ()) -> None:
        """Record."""
        await self._world.trouble.pass_("settle, before")
        await super().settle(outcomes, owner, claimed)
        await self._world.trouble.pass_("settle, after")


class TroubledJudge(FakeJudge):
    """A judge that is struck while it asks."""

    trouble: Trouble

    async def judge(self, transaction: Transaction, given_origin: OriginKind | None = None) -> Judgement:
        """Judge."""
        await self.trouble.pass_("judge", 100.0)
        return await super().judge(transaction, given_origin)


async def until_dead(trouble: Trouble, work: Coroutine[Any, Any, Reply]) -> Reply | None:
    """Run to the end, or until the worker dies; None where nobody answered."""
    task, death = asyncio.ensure_future(work), asyncio.ensure_future(trouble.dead.wait())
    await asyncio.wait((task, death), return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        GRAVEYARD.append(task)  # a dead process runs no `finally`: the task is kept from ever going on
        return None
    death.cancel()
    return None if task.cancelled() or task.exception() is not None else task.result()


GRAVEYARD: list[asyncio.Future[Reply]] = []
