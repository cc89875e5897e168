"""The promise at every await point: whatever port fails, hangs, is cancelled or sees the worker die, and wherever."""

import asyncio
from collections.abc import Iterator
from io import StringIO
from typing import Any

import chaos_await
import pytest
from chaos_await import KINDS, MARKER, JumpingLoop, Trouble, Troubled, TroubledJudge, until_dead
from gateway_fakes import BOARD, MEMBERS, NEWS, SENDER, FakeCases, FakeLedger, FakeTrail, make_site, message

from listward.config.policy import Policy
from listward.filters.judgement import Action
from listward.filters.transaction import Client
from listward.gateway.course import Fate
from listward.gateway.hopsize import HopSizes
from listward.gateway.ingress import Ingress
from listward.gateway.records import end_late_writes
from listward.gateway.services import Services
from listward.gateway.session.door import Arrival
from listward.gateway.snapshot import make_snapshot
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.envelope import Envelope, Recipient
from listward.wire.payload import Payload
from listward.wire.reply import Reply

SITE = make_site("lmtp://127.0.0.1:1", "smtp://127.0.0.1:2", "smtp://127.0.0.1:3")
POLICY = Policy.model_validate({"rule": [{"name": "any", "stage": "content", "action": "accept"}]})
TRIES, PAUSE_S = 14, 10.0
MOST_POINTS = 40
SCENES: dict[str, tuple[dict[str, Action], list[str]]] = {
    "a post": ({BOARD: Action.ACCEPT}, []),
    "two hops": ({BOARD: Action.ACCEPT, NEWS: Action.ACCEPT}, []),
    "two hops, one says 451 first": ({BOARD: Action.ACCEPT, NEWS: Action.ACCEPT}, [NEWS]),
    "two holds": ({BOARD: Action.HOLD, MEMBERS: Action.HOLD}, []),
    "a hold, two posts": ({BOARD: Action.HOLD, NEWS: Action.ACCEPT, MEMBERS: Action.ACCEPT}, [MEMBERS]),
    "a discard": ({BOARD: Action.DISCARD}, []),
}


class Worker:
    """One worker process: its memory ends with it."""

    def __init__(self, world: Troubled, judge: TroubledJudge, metrics: Metrics, stream: StringIO) -> None:
        self.services = Services(world, world.cases, world.ledger, FakeTrail(), metrics, MailLog(b"log", stream))
        snapshot = make_snapshot(SITE, POLICY, judge, b"k" * 32)
        self.door = Ingress(self.services, lambda: snapshot, HopSizes())

    async def take(self, number: int, recipients: list[str]) -> Reply:
        """Hand it one try, as a session would."""
        envelope = Envelope(SENDER, tuple(Recipient(address) for address in recipients))
        passage = self.door.begin()
        assert all(passage.recipient(address) is None for address in recipients)
        now = asyncio.get_running_loop().time()
        return await passage.take(
            Arrival(f"{number:020}", Client("192.0.2.1"), envelope, Payload(message()), "ESMTP", now, now)
        )


async def run(kind: str, at: int, verdicts: dict[str, Action], later: list[str]) -> Trouble:
    """Bring one message in until it is settled, struck once on the way; then look at what is where."""
    trouble = Trouble(kind, at)
    world = Troubled(trouble, later=list(later))
    judge = TroubledJudge(SITE)
    judge.trouble, judge.per = trouble, dict(verdicts)
    metrics, stream = Metrics(), StringIO()
    worker = Worker(world, judge, metrics, stream)
    replies = []
    for number in range(TRIES):
        reply = await until_dead(trouble, worker.take(number, list(verdicts)))
        trouble.dead.clear()
        replies.append(reply.code if reply else 0)
        where = f"{kind} at {at}, {trouble.struck}: {replies}"
        if reply is None or kind == "cancelled":
            worker = Worker(world, judge, metrics, stream)
        if reply is not None:
            assert MARKER not in str(reply), where
            assert reply.code == 451 or not reply.permanent, where
        if reply is not None and reply.code == 250:
            break
        await asyncio.sleep(PAUSE_S)
    await asyncio.sleep(100.0)
    assert replies[-1] == 250, f"{where} {stream.getvalue()[-600:]}"
    assert kind != "unavailable" or len(replies) <= 3, f"nobody waits long for one failure of the store: {where}"
    assert all(world.kept(address) for address in verdicts), where
    assert MARKER not in stream.getvalue(), where
    _no_second_copy(world, metrics, kind in {"killed", "cancelled"}, where)
    return trouble


def _no_second_copy(world: Troubled, metrics: Metrics, died: bool, where: str) -> None:
    """One case a message; a second copy for each lost reply, or once for a worker that died amid; all counted."""
    keys = [(draft.list, draft.ledger_key) for draft in world.cases.drafts]
    assert len(set(keys)) == len(keys), where
    for address, copies in world.copies.items():
        assert copies <= 1 + (1 if died else world.lost.get(address, 0)), f"{where}: {copies} copies for {address}"
    possible = metrics.registry.get_sample_value("listward_duplicates_possible_total") or 0
    surplus = sum(copies - 1 for copies in world.copies.values())
    assert surplus <= possible, f"{where}: {surplus} second copies, {possible:g} counted"


@pytest.fixture
def jumping(monkeypatch: pytest.MonkeyPatch) -> Iterator[asyncio.Runner]:
    """A runner whose loop, and with it the clock that deadlines are taken from, jumps."""
    loop = JumpingLoop()
    monkeypatch.setattr("time.monotonic", loop.time)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        yield runner
        chaos_await.GRAVEYARD.clear()


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("kind", KINDS)
def test_trouble_at_every_await_point(jumping: asyncio.Runner, scene: str, kind: str) -> None:
    """In the end 250, everything kept once, and a second copy only for a lost reply, counted."""
    struck = set()
    for at in range(MOST_POINTS):
        trouble = jumping.run(run(kind, at, *SCENES[scene]))
        if not trouble.struck:
            break
        struck.add(trouble.struck)
    assert at < MOST_POINTS - 1
    assert {"claim, before", "claim, after", "judge", "settle, before", "settle, after"} <= struck


def test_a_slow_store_never_outlasts_the_deadline(jumping: asyncio.Runner) -> None:
    """Thirty cases of two seconds each: every try is answered in time, the next one goes on where it ended."""
    recipients = [BOARD, NEWS, MEMBERS, *(f"report+{number}@party.example" for number in range(27))]

    async def bring() -> list[int]:
        trouble = Trouble("slow", -1)
        world = Troubled(trouble)
        held = world.cases.hold

        async def slowly(*arguments: Any) -> Any:
            await asyncio.sleep(2.0)
            return await held(*arguments)

        world.cases.hold = slowly  # type: ignore[method-assign]
        judge = TroubledJudge(SITE)
        judge.trouble, judge.verdict = trouble, Action.HOLD
        worker, codes = Worker(world, judge, Metrics(), StringIO()), []
        while 250 not in codes:
            began = asyncio.get_running_loop().time()
            reply = await worker.take(len(codes), recipients)
            assert asyncio.get_running_loop().time() - began <= SITE.gateway.reply_deadline_s
            codes.append(reply.code)
        assert len(world.cases.drafts) == len(recipients)
        return codes

    assert jumping.run(bring()) == [451, 451, 451, 250]


def test_the_fates_that_promise_are_these() -> None:
    """Whoever adds a way to end has to think of this test."""
    assert {fate for fate in Fate if fate.settled} == {Fate.RELAYED, Fate.REPEATED, Fate.HELD, Fate.DISCARDED}


async def test_a_worker_that_ends_gives_late_records_a_last_moment() -> None:
    """What the store takes again by then is written; what it does not take keeps nobody waiting."""
    services = Services(FakeCases(), FakeCases(), FakeLedger(), FakeTrail(), Metrics(), MailLog(b"log", StringIO()))  # type: ignore[arg-type]  # nothing is delivered
    await end_late_writes(services)
    written = asyncio.Event()
    services.late.add(asyncio.create_task(written.wait()))  # type: ignore[arg-type]  # its result is not looked at
    asyncio.get_running_loop().call_later(0.05, written.set)
    await end_late_writes(services)
    assert all(task.done() and not task.cancelled() for task in services.late)
