"""Two workers on one real store: the same message on two connections at once is posted once."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest_asyncio
from gateway_fakes import BOARD, NEWS, SENDER, Rig, message
from redis_server import running_server, site_for
from scripted_hop import Delay, Say

from listward.filters.transaction import Client
from listward.gateway.egress import Egress
from listward.gateway.ingress import Ingress
from listward.gateway.services import Services
from listward.gateway.session.door import Arrival, Passage
from listward.queue.store.connect import Store, connect
from listward.runtime.ids import new_id
from listward.runtime.maillog import MailLog
from listward.wire.envelope import Envelope, Recipient
from listward.wire.payload import Payload
from listward.wire.reply import Reply


class Pair:
    """Two workers of a rig, each with its own connections to the store."""

    def __init__(self, rig: Rig, stores: tuple[Store, Store]) -> None:
        self.rig, self.stores = rig, stores
        self.services = [
            Services(rig.pool, rig.cases, store.ledger, store.trail, rig.metrics, MailLog(b"log", rig.stream))
            for store in stores
        ]

    async def take(self, worker: int, sender: str = SENDER, *recipients: str, egress: bool = False) -> Reply:
        """Hand one copy to one worker, as its session would."""
        door: type[Ingress | Egress] = Egress if egress else Ingress
        passage: Passage = door(self.services[worker], lambda: self.rig.snapshot, self.rig.sizes).begin()
        assert all(passage.recipient(address) is None for address in recipients or (BOARD,))
        envelope = Envelope(sender, tuple(Recipient(address) for address in recipients or (BOARD,)))
        now = time.time(), time.monotonic()
        return await passage.take(Arrival(new_id(), Client("192.0.2.1"), envelope, Payload(message()), "ESMTP", *now))

    async def both(self, *arguments: str, egress: bool = False) -> list[int]:
        """Hand a copy to both at once; the codes in order."""
        replies = await asyncio.gather(*(self.take(worker, *arguments, egress=egress) for worker in (0, 1)))
        return sorted(reply.code for reply in replies)


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[Pair]:
    """Two workers, an empty store."""
    with running_server() as server:
        site = site_for(server, BOARD, NEWS)
        stores = connect(site), connect(site)
        async with Rig() as rig:
            yield Pair(rig, stores)
        for store in stores:
            await store.close()


async def test_two_copies_at_once_are_one_post(pair: Pair) -> None:
    """The loser is told to come again, and then hears that it is done."""
    pair.rig.board.on("DOT", Delay(0.1))
    assert await pair.both() == [250, 451]
    assert [(await pair.take(worker)).code for worker in (0, 1)] == [250, 250]
    assert len(pair.rig.board.messages) == 1


async def test_many_senders_of_one_signed_message_make_one_post(pair: Pair) -> None:
    """A replay with other envelope senders, on many connections at once, gains nothing."""
    pair.rig.board.on("DOT", Delay(0.05))
    replies = await asyncio.gather(*(pair.take(number % 2, f"evil{number}@else.example") for number in range(20)))
    assert sorted({reply.code for reply in replies}) == [250, 451]
    assert len(pair.rig.board.messages) == 1


async def test_a_copy_that_was_put_off_is_free_at_once(pair: Pair) -> None:
    """451 gives the claim back: the other worker may take the retry."""
    pair.rig.board.on("DOT", Say("451 later"), times=1)
    assert (await pair.take(0)).code == 451
    assert (await pair.take(1)).code == 250


async def test_overlapping_copies_never_double(pair: Pair) -> None:
    """One of two messages with a list in common goes first; whoever waits does the rest later."""
    pair.rig.news.on("DOT", Delay(0.1))
    await asyncio.gather(pair.take(0, SENDER, BOARD, NEWS), pair.take(1, SENDER, NEWS))
    assert (await pair.take(0, SENDER, BOARD, NEWS)).code == 250
    assert (len(pair.rig.board.messages), len(pair.rig.news.messages)) == (1, 1)


async def test_the_way_out_is_claimed_too(pair: Pair) -> None:
    """A subscriber gets one copy."""
    pair.rig.out.on("DOT", Delay(0.1))
    assert await pair.both("news-bounces@lists.party.example", "bob@home.example", egress=True) == [250, 451]
    assert len(pair.rig.out.messages) == 1
