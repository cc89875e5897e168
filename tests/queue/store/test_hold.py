"""Holding: once per ledger key, whole or not at all."""

import asyncio
import os

import pytest
from case_samples import body, draft
from store_world import LIST, HandClock, raw

from listward.queue.cases.case import CaseState
from listward.queue.store.codec import PIECE
from listward.queue.store.connect import Store
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import DamagedBody, StoreUnavailable, UnknownCase
from listward.wire.payload import Payload

KEYS = ListKeys(LIST)


async def test_a_hold_can_be_read_back(store: Store, clock: HandClock) -> None:
    """Case and message are what was held."""
    made = draft()
    case = await store.cases.hold(made, Payload(body()))
    assert (case.state, case.version, case.draft, case.opened_at) == (CaseState.HELD, 1, made, clock.now())
    assert await store.cases.get(case.number) == case
    assert await store.cases.get(f"{case.number[:-1]}-{case.number[-1]}") == case
    assert await store.cases.body(case.number) == body()


async def test_300_tries_of_60_messages_make_60_cases(store: Store) -> None:
    """The same ledger key gives the same case, also when the tries run side by side."""
    drafts = [draft() for _ in range(60)]
    cases = await asyncio.gather(*(store.cases.hold(made, Payload(body(made.subject))) for made in drafts * 5))
    assert len({case.number for case in cases}) == 60
    assert [case.draft.ledger_key for case in cases] == [made.ledger_key for made in drafts] * 5
    assert await raw(store).zcard(KEYS.state(CaseState.HELD)) == 60
    assert await raw(store).xlen(KEYS.outbox) == await raw(store).xlen(KEYS.audit) == 60
    bodies = [key async for key in raw(store).scan_iter(match="*:body:*")]
    assert len(bodies) == 60
    assert await raw(store).zcard(KEYS.pending) == 0
    assert {await store.cases.body(case.number) for case in cases} == {body(made.subject) for made in drafts}


async def test_the_same_key_on_two_lists_is_two_cases(store: Store) -> None:
    """A post to two lists is two cases, each of its own list."""
    first = draft(ledger_key="same")
    second = draft(ledger_key="same", list="members@party.example")
    one, two = await store.cases.hold(first, Payload(body())), await store.cases.hold(second, Payload(body()))
    assert one.number != two.number
    assert (await store.cases.get(two.number)).draft.list == "members@party.example"


async def test_a_large_message_is_held_in_pieces(store: Store) -> None:
    """Each piece is one small write; together they are the message."""
    large = os.urandom(20 * PIECE + 7)
    case = await store.cases.hold(draft(), Payload(large))
    assert await raw(store).hlen(KEYS.body(case.number)) == 21
    assert await store.cases.body(case.number) == large


async def test_the_record_is_not_written_while_a_piece_is_missing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the store loses a piece on the way, there is no case and no promise."""
    write = store.guard.write

    async def losing(key: str, *commands: tuple[object, ...]) -> list[object]:
        return await write(key, *(command for command in commands if command[0] != "HSET"))  # type: ignore[arg-type]

    monkeypatch.setattr(type(store.guard), "write", lambda _, key, *commands: losing(key, *commands))
    with pytest.raises(StoreUnavailable, match="lost a part"):
        await store.cases.hold(draft(), Payload(body()))
    assert await raw(store).zcard(KEYS.state(CaseState.HELD)) == 0


async def test_a_torn_message_is_noticed(store: Store) -> None:
    """A changed byte, a missing piece and a foreign piece are damage, never text."""
    case = await store.cases.hold(draft(), Payload(os.urandom(2 * PIECE)))
    other = await store.cases.hold(draft(), Payload(os.urandom(2 * PIECE)))
    place = KEYS.body(case.number)
    pieces = await raw(store).hgetall(place)
    zeroed = pieces[b"1"][:50] + bytes(10) + pieces[b"1"][60:]
    foreign = await raw(store).hget(KEYS.body(other.number), "1")
    assert foreign
    for wrong in (zeroed, foreign):
        await raw(store).hset(place, "1", wrong)
        with pytest.raises(DamagedBody):
            await store.cases.body(case.number)
    await raw(store).hdel(place, "1")
    with pytest.raises(DamagedBody, match="missing"):
        await store.cases.body(case.number)


@pytest.mark.parametrize("number", ["10008", "99996", "1", "", "10009", "abc", "9" * 40, "listward:{numbers}:blocks"])
async def test_an_unknown_number_is_said_to_be_unknown(store: Store, number: str) -> None:
    """Never leased, leased but not used, malformed: all the same."""
    await store.numbering.take(LIST)
    for question in (store.cases.get, store.cases.body):
        with pytest.raises(UnknownCase):
            await question(number)


async def test_numbers_are_dense_while_it_is_quiet(store: Store) -> None:
    """One message after the other takes one number after the other, and a repeat wastes none."""
    first = draft()
    cases = [await store.cases.hold(made, Payload(body())) for made in (first, first, draft(), draft())]
    assert [int(case.number[:-1]) for case in cases] == [1000, 1000, 1001, 1002]


async def test_what_is_at_rest_is_not_readable(store: Store) -> None:
    """Neither the message nor the case's private text lies open; the audit keeps the author in clear by design."""
    case = await store.cases.hold(draft(subject="Verborgen", first_lines="Ontvangen"), Payload(b"Geheim " * 50))
    lying = b"".join((await raw(store).hgetall(KEYS.case(case.number))).values())
    lying += b"".join((await raw(store).hgetall(KEYS.body(case.number))).values())
    for entry in (await raw(store).xrange(KEYS.audit)) + (await raw(store).xrange(KEYS.outbox)):
        lying += b"".join(entry[1].values())
    for word in (b"Verborgen", b"Ontvangen", b"Geheim", b"ana@", b"Prova"):
        assert word not in lying


async def test_cases_are_found_by_their_ledger_keys(store: Store) -> None:
    """Those of this list, and no others."""
    case = await store.cases.hold(draft(ledger_key="one"), Payload(body()))
    await store.cases.hold(draft(ledger_key="two", list="members@party.example"), Payload(body()))
    assert await store.cases.held_as(LIST, ["one", "two", "three"]) == {"one": case.number}
    assert await store.cases.held_as(LIST, []) == {}
