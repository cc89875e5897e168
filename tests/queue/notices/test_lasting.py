"""The reminder of accounts that have long been frozen."""

from collections.abc import Iterable
from typing import Any

import pytest
from memory_cases import START
from memory_freezing import MemoryFreezes
from memory_redis import MemoryRedis
from notices_world import Post

from listward.queue.notices.lasting import WEEK_S, Lasting
from listward.queue.notices.posting import NotYetTold, Posting
from listward.queue.store.codec import Codec
from listward.queue.store.keys import KeyRing, key_id
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.switches import Switches
from listward.runtime.maillog import MailLog
from listward.wire.reply import Reply

KEY = b"k" * 32
SECRETARY = {"secretary": ("sec@party.example",), "moderators": ("mod@party.example",)}


class Bench:
    """The reminder with a next hop that remembers, and people by queue."""

    def __init__(self, people: dict[str, tuple[str, ...]] | None = None) -> None:
        self.post, self.redis, self.accounts = Post(), MemoryRedis(), MemoryFreezes()
        pool: Any = self.post.pool
        posting = Posting(self.post.site, pool, self.post.metrics, MailLog(b"k", self.post.log, self.post.clock))
        once = Switches(self.redis, Codec(KeyRing(KEY, {key_id(KEY): KEY})))
        found = SECRETARY if people is None else people

        self.people_away = False

        async def people_of(queues: Iterable[str]) -> tuple[str, ...]:
            if self.people_away:
                raise StoreUnavailable("away")
            return tuple(address for queue in queues for address in found.get(queue, ()))

        self.lasting = Lasting(self.post.configuration, posting, self.accounts, once, people_of, self.post.clock)

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.post.clock.at += seconds
        self.redis.now += seconds

    @property
    def to(self) -> list[str]:
        """Who was written to."""
        return [mail["To"] for mail in self.post.pool.mails]


async def test_a_week_later_the_secretary_is_reminded_once_a_week() -> None:
    """How many people, and where; no names; again only while it is so."""
    bench = Bench()
    await bench.accounts.freeze(("ana@party.example", "ana@home.example"), "mod@party.example", "Stolen.", START)
    assert await bench.lasting.remind() == 0
    bench.turn(WEEK_S)
    assert [await bench.lasting.remind(), await bench.lasting.remind()] == [1, 0]
    assert bench.to == ["sec@party.example"]
    text = bench.post.pool.texts[0]
    assert "more than a week: 1" in text
    assert "https://lists.party.example/accounts" in text
    assert "ana@" not in text
    bench.turn(WEEK_S + 1)
    assert await bench.lasting.remind() == 1
    await bench.accounts.thaw(tuple(bench.accounts.kept))
    bench.turn(WEEK_S + 1)
    assert await bench.lasting.remind() == 0


async def test_without_a_secretary_the_moderators_are_reminded() -> None:
    """And where there is nobody, nobody is."""
    for people, expected in (({"moderators": ("mod@party.example",)}, ["mod@party.example"]), ({}, [])):
        bench = Bench(people)
        await bench.accounts.freeze(("ana@party.example",), "mod@party.example", "Stolen.", START - WEEK_S)
        await bench.lasting.remind()
        assert bench.to == expected


async def test_a_busy_next_hop_is_tried_again() -> None:
    """The week begins when the letter has gone."""
    bench = Bench()
    await bench.accounts.freeze(("ana@party.example",), "mod@party.example", "Stolen.", START - WEEK_S)
    bench.post.pool.reply = Reply(451, "4.3.0", "Later")
    with pytest.raises(NotYetTold):
        await bench.lasting.remind()
    bench.post.pool.reply = Reply(250, "2.0.0", "Ok")
    assert await bench.lasting.remind() == 1


async def test_a_store_that_goes_away_in_between_costs_no_week() -> None:
    """Nobody was written to, so the reminder is due as soon as it is known who decides."""
    bench = Bench()
    await bench.accounts.freeze(("ana@party.example",), "mod@party.example", "Stolen.", START - WEEK_S)
    bench.people_away = True
    with pytest.raises(StoreUnavailable):
        await bench.lasting.remind()
    bench.people_away = False
    assert await bench.lasting.remind() == 1
