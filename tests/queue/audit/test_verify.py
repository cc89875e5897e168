"""Tampering is noticed and named."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
import pytest_asyncio
from case_samples import body, draft
from redis.asyncio import Redis
from store_world import LIST, HandClock, act, raw

from listward.queue.audit.export import export
from listward.queue.audit.sealing import Sealer
from listward.queue.audit.verify import Verification, Verifier
from listward.queue.cases.commands import Verb
from listward.queue.store.connect import Store
from listward.queue.store.names import SITE_CHAIN, ListKeys
from listward.wire.payload import Payload

KEYS = ListKeys(LIST)
Tamper = Callable[[Redis], Awaitable[object]]


@pytest_asyncio.fixture
async def log(store: Store, clock: HandClock) -> Store:
    """A log of nine entries: seals of 1-3, 4-5 and 6-7, and two entries that are not sealed yet."""
    sealer = Sealer(store.lanes, store.guard, clock)
    cases = [await store.cases.hold(draft(), Payload(body())) for _ in range(3)]
    await sealer.seal(LIST)
    for first, second in ((Verb.CLAIM, Verb.CLAIM), (Verb.RELEASE, Verb.RELEASE), (Verb.UNDO, Verb.UNDO)):
        cases[0] = await act(store, cases[0], first, deliver_after=cases[0].changed_at + 99, sentence="Said so.")
        cases[1] = await act(store, cases[1], second, deliver_after=cases[1].changed_at + 99)
        if first is not Verb.UNDO:
            await sealer.seal(LIST)
    return store


async def verified(store: Store) -> Verification:
    """What `verify` finds."""
    return await Verifier(store.lanes).verify(LIST)


async def test_an_untouched_log_is_whole(log: Store) -> None:
    """What is not sealed yet is counted, not blamed."""
    assert await verified(log) == Verification(LIST, entries=9, sealed=7, unsealed=2, erased=0, faults=())


async def test_an_empty_log_is_whole(store: Store) -> None:
    """A list without cases has nothing to prove."""
    assert await verified(store) == Verification(LIST, 0, 0, 0, 0, ())


async def rewrite(redis: Redis, number: int, text: bytes) -> None:
    """Change one entry in place, as somebody with the server's data could: all entries are written anew."""
    entries = await redis.xrange(KEYS.audit)
    await redis.delete(KEYS.audit)
    for identity, values in entries:
        changed = {b"e": text} if identity == b"%d-0" % number else values
        await redis.xadd(KEYS.audit, changed, id=identity.decode())  # type: ignore[arg-type]


async def change_seal(redis: Redis, place: int) -> None:
    """Put another head into one seal."""
    seals = await redis.xrange(KEYS.seals)
    await redis.delete(KEYS.seals)
    for index, (identity, values) in enumerate(seals):
        if index == place:
            seal = json.loads(values[b"s"]) | {"head": "0" * 64}
            values = {b"h": b"0" * 64, b"s": json.dumps(seal).encode()}
        await redis.xadd(KEYS.seals, values, id=identity.decode())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda redis: rewrite(redis, 4, b'{"verb":"claim"}'), "entries 4 to 5 do not match their seal"),
        (lambda redis: redis.xdel(KEYS.audit, "2-0"), "1 missing: 2"),
        (lambda redis: redis.xtrim(KEYS.audit, minid="3-0", approximate=False), "2 missing: 1 to 2"),
        (lambda redis: redis.xdel(KEYS.audit, "6-0", "7-0", "8-0", "9-0"), "2 missing: 6 to 7"),
        (lambda redis: redis.xdel(KEYS.audit, "9-0"), "1 missing: 9"),
        (lambda redis: redis.xdel(KEYS.seals, "5-0"), "a seal between entry 3 and entry 6 is missing"),
        (lambda redis: redis.xdel(KEYS.seals, "7-0"), "the log was cut: it was sealed up to entry 7, now up to 5"),
        (
            lambda redis: redis.delete(KEYS.audit, KEYS.seals),
            "the log was cut: it was sealed up to entry 7, now up to 0",
        ),
        (lambda redis: change_seal(redis, 1), "entries 4 to 5 do not match their seal"),
        (lambda redis: change_seal(redis, 2), "the seal of entry 7 is not the one in the site chain"),
        (
            lambda redis: redis.xadd(KEYS.seals, {"h": "x", "s": "junk"}, id="99-0"),
            "the seal after entry 7 cannot be read",
        ),
        (
            lambda redis: redis.hset(KEYS.clear, "1", '{"salt":"00","author":"x"}'),
            "the clear text of entry 1 was changed",
        ),
        (lambda redis: redis.hset(KEYS.clear, "1", "junk"), "the clear text of entry 1 was changed"),
    ],
)
async def test_every_kind_of_tampering_is_named(log: Store, tamper: Tamper, said: str) -> None:
    """A changed, removed or cut entry, seal, or clear text."""
    await tamper(raw(log))
    found = await verified(log)
    assert not found.whole
    assert any(said in fault for fault in found.faults), found.faults


async def test_a_rewritten_chain_does_not_fit_the_site_chain(log: Store, clock: HandClock) -> None:
    """Sealing a changed log anew from the start is noticed by the site chain."""
    await rewrite(raw(log), 2, b'{"verb":"hold"}')
    await raw(log).delete(KEYS.seals)
    await raw(log).hdel(KEYS.clear, "2")
    sealer = Sealer(log.lanes, log.guard, clock)
    await sealer.seal(LIST)
    faults = (await verified(log)).faults
    assert any("site chain" in fault for fault in faults)


async def test_a_list_removed_whole_is_missed(log: Store) -> None:
    """The site chain still names it."""
    await raw(log).delete(KEYS.audit, KEYS.seals, KEYS.clear)
    assert LIST in await Verifier(log.lanes).lists()
    assert not (await verified(log)).whole


@pytest.mark.parametrize("place", ["1-0", "2-0"])
async def test_a_removed_link_is_noticed(log: Store, place: str) -> None:
    """The next link names what went before."""
    await raw(log).xdel(SITE_CHAIN, place)
    (fault,) = await Verifier(log.lanes).site_faults()
    assert "follows a removed link" in fault


async def test_an_unreadable_link_is_noticed(log: Store) -> None:
    """Junk at the end of the site chain does not hide it."""
    await raw(log).xadd(SITE_CHAIN, {"h": "x", "s": "[1]"}, id="9-0")
    assert any("cannot be read" in fault for fault in await Verifier(log.lanes).site_faults())


async def test_erasing_a_person_leaves_the_chain_whole(log: Store) -> None:
    """Clear text may go; the entry, its hash and its seal stay."""
    await raw(log).hdel(KEYS.clear, "1", "4")
    found = await verified(log)
    assert (found.whole, found.erased) == (True, 2)


async def test_verifying_while_the_log_grows_finds_no_fault(store: Store, clock: HandClock) -> None:
    """Appending and sealing go on beside it."""
    sealer = Sealer(store.lanes, store.guard, clock)

    async def grow() -> None:
        for number in range(60):
            await store.trail.append(LIST, "read", float(number), {}, {"by": "x"})
            if number % 3 == 0:
                await sealer.seal(LIST)

    growing = asyncio.create_task(grow())
    while not growing.done():
        found = await verified(store)
        assert found.faults == ()
    await growing


async def test_the_export_has_every_entry_with_its_clear_text(log: Store) -> None:
    """In order, one object a line, without salts."""
    lines = [json.loads(line) async for line in export(log.lanes, LIST)]
    assert [line["number"] for line in lines] == list(range(1, 10))
    assert lines[0]["clear"] == {"author": "ana@member.example"}
    assert lines[3]["clear"] == {"by": "mod@party.example", "sentence": "Said so."}
    assert lines[3]["verb"] == "claim"
    await rewrite(raw(log), 4, b"junk")
    assert [json.loads(line) async for line in export(log.lanes, LIST)][3]["unreadable"] == "junk"
