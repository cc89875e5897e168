"""From the final dot on: an answer in time on every way; work that nobody waits for is finished all the same."""

import asyncio
import time

from gateway_fakes import BOARD, NEWS, FakeCases, Rig, message
from scripted_hop import Hang

from listward.filters.judgement import Action
from listward.queue.cases.case import Case, CaseDraft
from listward.wire.payload import Payload


class Gated(FakeCases):
    """A store that writes only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.waiting = 0

    async def hold(self, draft: CaseDraft, body: Payload) -> Case:
        """Wait, then keep the case."""
        self.waiting += 1
        await self.gate.wait()
        return await super().hold(draft, body)


class GatedRig(Rig):
    """A rig over such a store."""

    def __init__(self, deadline_s: float) -> None:
        super().__init__(gateway={"reply_deadline_s": deadline_s})
        self.cases = self.gated = Gated()


async def test_a_hold_that_takes_too_long_is_451_and_found_by_the_retry() -> None:
    """The answer does not wait for the store; the case is written once."""
    async with GatedRig(2.5) as rig:
        rig.judge.verdict = Action.HOLD
        start = time.monotonic()
        assert (await rig.send(message()))[0] == 451
        assert time.monotonic() - start < 10
        assert (await rig.send(message()))[0] == 451  # the first try is still at it
        rig.gated.gate.set()
        await rig.until(lambda: not rig.server.works)
        assert (await rig.send(message()))[0] == 250
        assert len(rig.cases.drafts) == 1


async def test_a_hold_goes_on_when_the_client_hangs_up() -> None:
    """Its retry hears the number of the same case."""
    async with GatedRig(20) as rig:
        rig.judge.verdict = Action.HOLD
        client = await rig.connect()
        await client.envelope(BOARD)
        await client.ask("DATA")
        client.writer.write(message() + b".\r\n")
        await rig.until(lambda: rig.gated.waiting == 1)
        client.writer.transport.abort()
        rig.gated.gate.set()
        await rig.until(lambda: not rig.server.works)
        code, text = await rig.send(message())
        assert (code, "Case 10017" in text) == (250, True)
        assert len(rig.cases.drafts) == 1


async def test_what_judging_leaves_is_the_next_hops() -> None:
    """Judging and the next hop share one deadline; what it cuts off is unknown, and the retry counts it."""
    async with Rig(gateway={"judge_deadline_s": 1, "reply_deadline_s": 3}) as rig:
        rig.judge.delay = 0.8
        rig.news.on("DOT", Hang(), times=1)
        start = time.monotonic()
        assert (await rig.send(message(), NEWS))[0] == 451
        assert time.monotonic() - start < 3
        assert "unknown" in rig.ledger.outcomes.values()
        rig.judge.delay = 0.0
        assert (await rig.send(message(), NEWS))[0] == 250
        assert rig.count("duplicates_possible_total") == 1


async def test_a_hop_that_hangs_does_not_keep_another_from_being_noted() -> None:
    """One list has its copy and one may have it: 451, and the retry does only what is missing."""
    async with Rig(gateway={"reply_deadline_s": 2.4}) as rig:
        rig.board.on("DOT", Hang(), times=1)
        assert (await rig.send(message(), BOARD, NEWS))[0] == 451
        assert sorted(rig.ledger.outcomes.values())[:2] == ["relayed", "tries:1"]
        assert "unknown" in rig.ledger.outcomes.values()
        assert (await rig.send(message(), BOARD, NEWS))[0] == 250
        assert len(rig.news.messages) == 1
