"""Letters on the switch: who hears that an account was frozen or thawed, and in which words."""

import json
from typing import Any

import pytest
from memory_cases import START
from memory_redis import HashRedis
from notices_world import Post, sentences
from policy_bench import FakeRosters

from listward.filters.identity.origin import Role
from listward.filters.probes import RosterEntry
from listward.queue.notices.posting import NotYetTold, Posting
from listward.queue.notices.switched import Switched
from listward.queue.store.codec import Codec
from listward.queue.store.keys import KeyRing, key_id
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.switches import WAITING, Switch, Switches, Turned
from listward.runtime.maillog import MailLog
from listward.wire.reply import Reply

ANA, HOME, OLD = "ana@party.example", "ana@home.example", "ana@old.example"
KEY = b"k" * 32


class Bench:
    """The letters with a next hop that remembers."""

    def __init__(self, *roster: RosterEntry) -> None:
        self.post, self.redis = Post(), HashRedis()
        self.switches = Switches(self.redis, Codec(KeyRing(KEY, {key_id(KEY): KEY})))
        log = MailLog(b"k", self.post.log, self.post.clock)
        pool: Any = self.post.pool
        posting = Posting(self.post.site, pool, self.post.metrics, log)
        self.switched = Switched(self.post.configuration, posting, self.switches, FakeRosters(*roster))

    async def add(self, turned: Turned = Turned.FROZEN, *others: str, id: str = "s1") -> None:
        """Leave one act to be told."""
        await self.switches.add(Switch(id, turned, ANA, others or (HOME,), START))


@pytest.mark.parametrize(
    ("turned", "says"),
    [(Turned.FROZEN, "Somebody else may be writing from that mailbox."), (Turned.THAWED, "their usual way again")],
)
async def test_other_addresses_hear_of_it(turned: Turned, says: str) -> None:
    """Each once, never the one in doubt, never who did it or why; plain words."""
    bench = Bench()
    await bench.add(turned, HOME, OLD, ANA)
    assert await bench.switched.tell() == 1
    assert [mail["To"] for mail in bench.post.pool.mails] == [HOME, OLD]
    text = bench.post.pool.texts[0]
    assert says in text
    assert ANA in text
    assert "office@party.example" in text
    assert all(len(sentence.split()) <= 20 for sentence in sentences(text))
    assert await bench.switched.tell() == 0


async def test_the_letter_is_in_the_persons_language() -> None:
    """By the roster; else in the organisation's."""
    bench = Bench(RosterEntry(ANA, "Ana", Role.MEMBER, language="es"))
    await bench.add()
    await bench.switched.tell()
    assert "Quizá otra persona escribe desde ese buzón." in bench.post.pool.texts[0]


async def test_a_next_hop_that_is_busy_is_tried_again() -> None:
    """Nothing is forgotten until it has gone, and a repetition has the same id."""
    bench = Bench()
    await bench.add()
    bench.post.pool.reply = Reply(451, "4.3.0", "Later")
    with pytest.raises(NotYetTold):
        await bench.switched.tell()
    bench.post.pool.reply = Reply(250, "2.0.0", "Ok")
    assert await bench.switched.tell() == 1
    assert len({mail["Message-ID"] for mail in bench.post.pool.mails}) == 1


async def test_acts_are_told_in_their_order() -> None:
    """Frozen, then thawed."""
    bench = Bench()
    await bench.switches.add(Switch("b", Turned.THAWED, ANA, (HOME,), START + 60))
    await bench.switches.add(Switch("a", Turned.FROZEN, ANA, (HOME,), START))
    await bench.switched.tell()
    assert ["no longer" in text for text in bench.post.pool.texts] == [False, True]


async def test_machines_and_our_own_addresses_get_nothing() -> None:
    """A list among somebody's addresses would tell everybody."""
    bench = Bench()
    await bench.add(Turned.FROZEN, "board@party.example", "no-reply@home.example")
    assert await bench.switched.tell() == 1
    assert bench.post.pool.mails == []
    assert bench.post.counted()[("frozen", "nobody")] == 1


async def test_one_courier_at_a_time_tells() -> None:
    """Another waits."""
    bench = Bench()
    await bench.add()
    assert await bench.switches.lease(60)
    assert await bench.switched.tell() == 0


async def test_what_waits_is_sealed_and_what_cannot_be_opened_is_left_out() -> None:
    """No address lies in the store in the clear."""
    bench = Bench()
    await bench.add()
    assert ANA not in bench.redis.dump
    other = Switches(bench.redis, Codec(KeyRing(b"x" * 32, {key_id(b"x" * 32): b"x" * 32})))
    assert await other.waiting() == ()
    assert len(await bench.switches.waiting()) == 1
    bench.redis.away = True
    with pytest.raises(StoreUnavailable):
        await bench.switches.waiting()


async def test_what_another_release_wrote_keeps_nothing_else_from_being_told() -> None:
    """While old and new couriers run side by side: what more is said of an act is not needed, an unknown act waits."""
    bench, codec = Bench(), Codec(KeyRing(KEY, {key_id(KEY): KEY}))
    known = {"id": "s2", "turned": "frozen", "address": ANA, "others": [OLD], "at": START, "by": "a newer field"}
    for id, values in (("s2", known), ("s3", {**known, "id": "s3", "turned": "moved"}), ("s4", ["no record"])):
        await bench.redis.execute_command("HSET", WAITING, id, codec.seal(json.dumps(values).encode(), id))
    await bench.add()
    assert [switch.id for switch in await bench.switches.waiting()] == ["s2", "s1"]
    assert await bench.switched.tell() == 2
