"""Ledger, counters, numbering and outbox."""

import asyncio

import pytest
from case_samples import body, draft
from store_world import LIST, HandClock, act, raw

from listward.filters.probes import ProbeUnavailable
from listward.queue.cases.commands import Verb
from listward.queue.cases.numbers import block_of, parse_number
from listward.queue.store.connect import Store
from listward.queue.store.counters import RedisCounters
from listward.queue.store.ports import StoreUnavailable
from listward.wire.payload import Payload


async def test_the_ledger_knows_what_was_settled(store: Store) -> None:
    """Unknown keys are left out; a later outcome takes the place of an earlier one; keys lapse."""
    await store.ledger.settle({"a\udce9@x|1": "unknown", "b": "held:10008"})
    await store.ledger.settle({"a\udce9@x|1": "relayed"})
    assert await store.ledger.settled(["a\udce9@x|1", "b", "c"]) == {"a\udce9@x|1": "relayed", "b": "held:10008"}
    keys = [key async for key in raw(store).scan_iter(match="*ledger*")]
    assert len(keys) == 2
    assert all([0 < await raw(store).ttl(key) <= 7 * 86_400 for key in keys])
    assert not any(b"@" in key for key in keys)


async def test_an_empty_question_to_the_ledger_is_answered(store: Store) -> None:
    """No keys, no work."""
    assert await store.ledger.settled([]) == {}
    await store.ledger.settle({})


async def test_counters_count_other_lists_of_the_last_day(store: Store, clock: HandClock) -> None:
    """The same list again does not count, yesterday neither."""
    counters = store.counters
    assert await counters.seen_elsewhere("digest", "a@x") == 0
    assert await counters.seen_elsewhere("digest", "A@x") == 0
    assert await counters.seen_elsewhere("digest", "b@x") == 1
    assert await counters.seen_elsewhere("digest", "c@x") == 2
    assert await counters.seen_elsewhere("other", "c@x") == 0
    clock.turn(86_500.0)
    assert await counters.seen_elsewhere("digest", "c@x") == 0


async def test_counters_that_only_look_leave_no_trace(store: Store, clock: HandClock) -> None:
    """`check` against a live store changes nothing there."""
    await store.counters.seen_elsewhere("digest", "a@x")
    looking = RedisCounters(store.lanes, clock, record=False)
    assert await looking.seen_elsewhere("digest", "b@x") == 1
    assert await store.counters.seen_elsewhere("digest", "a@x") == 0


async def test_counters_without_a_store_are_undecided(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule that asked must know that there is no answer."""

    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(store.lanes), "spread", away)
    with pytest.raises(ProbeUnavailable):
        await store.counters.seen_elsewhere("digest", "a@x")


async def test_numbers_of_two_lists_never_meet(store: Store, site: object) -> None:
    """Across processes and block borders each number is given out once, and its block names its list."""
    from listward.queue.store.connect import connect

    second = connect(site)  # type: ignore[arg-type]
    try:
        takers = [
            (name, taken.numbering.take(name))
            for taken in (store, second)
            for name in (LIST, "members@party.example")
            for _ in range(130)
        ]
        numbers = await asyncio.gather(*(take for _, take in takers))
    finally:
        await second.close()
    assert len(set(numbers)) == len(numbers)
    blocks: dict[int, set[str]] = {}
    for (name, _), number in zip(takers, numbers, strict=True):
        assert parse_number(number) == number
        blocks.setdefault(block_of(number), set()).add(name)
        assert (await store.numbering.keys_of(number))[0].list == name
    assert all(len(names) == 1 for names in blocks.values())
    assert await store.numbering.lists() == (LIST, "members@party.example")


async def test_events_stay_until_they_are_acknowledged(store: Store) -> None:
    """In order, with ids that do not change, each dropped by itself."""
    case = await act(store, await store.cases.hold(draft(), Payload(body())), Verb.CLAIM)
    first, second = [event async for event in store.cases.events(LIST)]
    assert (first.verb, first.version, first.by, first.number) == ("hold", 1, "gateway", case.number)
    assert (second.verb, second.version, second.by, second.at) == ("claim", 2, "mod@party.example", case.changed_at)
    assert (first.list, first.id < second.id) == (LIST, True)
    await store.cases.acknowledge(LIST, first.id)
    await store.cases.acknowledge(LIST, first.id)
    assert [event async for event in store.cases.events(LIST)] == [second]


async def test_many_events_are_read_in_pages(store: Store) -> None:
    """More than one page, none twice."""
    for _ in range(115):
        await store.cases.hold(draft(), Payload(b"x"))
    events = [event async for event in store.cases.events(LIST)]
    assert len({event.id for event in events}) == 115


async def test_entries_beside_transitions_are_numbered_with_them(store: Store) -> None:
    """Reads, exports and discards without a case join the same log."""
    await store.cases.hold(draft(), Payload(body()))
    number = await store.trail.append(LIST, "read", 5.0, {"case": "10008"}, {"by": "mod@party.example"})
    assert number == 2


async def test_one_owner_at_a_time_has_a_copy(store: Store) -> None:
    """A claim reads and takes in one step; it is the owner's to repeat and to end, and nobody else's."""
    keys = ["copy:member", "copy:unproven/1"]
    await store.ledger.settle({"copy:unproven/1": "held:10008"})
    first = await store.ledger.claim(keys, "one", 60)
    assert (first.known, first.free) == ({"copy:unproven/1": "held:10008"}, True)
    assert (await store.ledger.claim(keys, "one", 60)).free
    assert not (await store.ledger.claim(keys, "two", 60)).free
    await store.ledger.settle({}, "two", keys)
    assert not (await store.ledger.claim(keys, "two", 60)).free
    await store.ledger.settle({"copy:member": "relayed"}, "one", keys)
    second = await store.ledger.claim(keys, "two", 60)
    assert (second.known["copy:member"], second.free) == ("relayed", True)


async def test_many_claim_and_one_gets_it(store: Store) -> None:
    """However many ask at once."""
    claims = await asyncio.gather(*(store.ledger.claim(["copy:member"], f"{n}", 60) for n in range(30)))
    assert [claimed.free for claimed in claims].count(True) == 1


async def test_copies_are_claimed_together_or_not_at_all(store: Store) -> None:
    """Who gets only a part gives it back, so that nobody waits for one who waits."""
    await store.ledger.claim(["b:x"], "one", 60)
    assert not (await store.ledger.claim(["a:x", "b:x", "c:x"], "two", 60)).free
    assert (await store.ledger.claim(["a:x", "c:x"], "three", 60)).free


async def test_a_claim_of_the_dead_ends_by_itself(store: Store) -> None:
    """And leaves a note for a day; what was settled stays its week."""
    await store.ledger.settle({"old:x": "unknown"})
    await store.ledger.claim(["old:x", "new:x"], "one", 60)
    short, lasting = sorted([await raw(store).ttl(key) for key in await raw(store).keys("*ledger*")])
    assert 60 < short <= 86_400 + 60
    assert lasting > 6 * 86_400
    await store.ledger.claim(["old:x", "new:x"], "one", 0)  # the same claim, run out
    assert (await store.ledger.claim(["old:x", "new:x"], "two", 60)).free
    await store.ledger.settle({}, "one", ["old:x"])
    assert not (await store.ledger.claim(["old:x"], "three", 60)).free
    await store.ledger.settle({"old:x": "relayed"}, "two", ["old:x", "new:x"])
    assert [(await store.ledger.claim([key], "three", 60)).lapsed for key in ("old:x", "new:x")] == [False, True]


async def test_a_claim_that_nobody_ended_is_told_of(store: Store) -> None:
    """Its owner may have delivered before he died: every later claim hears so, until an outcome is known."""
    keys = ["copy:member", "copy:tries-passing-on"]
    assert not (await store.ledger.claim(keys, "one", 0)).lapsed
    assert (await store.ledger.claim(keys, "two", 60)).lapsed
    await store.ledger.settle({"copy:tries-passing-on": "tries:1", "copy:member": "unknown"}, "two", keys)
    assert (await store.ledger.claim(keys, "three", 60)).lapsed
    await store.ledger.settle({"copy:member": "relayed"}, "three", keys)
    assert not (await store.ledger.claim(keys, "four", 60)).lapsed
    assert len(await raw(store).keys("*ledger*")) == 1


async def test_a_claim_outlives_old_outcomes(store: Store) -> None:
    """A week that ends while somebody works on a copy does not end the claim."""
    await store.ledger.settle({"old:x": "unknown"})
    (key,) = await raw(store).keys("*ledger*")
    await raw(store).expire(key, 5)
    await store.ledger.claim(["old:x"], "one", 60)
    assert await raw(store).ttl(key) > 50


async def test_a_copy_of_another_is_known_though_the_rest_cannot_be_given_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store goes away between the two questions: nobody acts on a copy that somebody else is acting on."""
    await store.ledger.claim(["copy:member"], "one", 60)

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store.ledger, "settle", away)
    assert not (await store.ledger.claim(["copy:member", "other:member"], "two", 60)).free
