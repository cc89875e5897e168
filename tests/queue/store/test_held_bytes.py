"""Room for held bytes: nobody can fill another person's, and strangers cannot fill the members'."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from case_samples import draft
from redis_server import site_for
from store_world import raw

from listward.config.site import Limits
from listward.queue.cases.case import CaseDraft, StoredEnvelope
from listward.queue.store.connect import Store, connect
from listward.queue.store.embedded import EmbeddedServer
from listward.queue.store.held_bytes import HeldBytes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import HeldLimit, StoreUnavailable
from listward.wire.payload import Payload

ANA = "ana@member.example"
BYTES = "listward:{held}:bytes"
CASES = "listward:{held}:cases"


@pytest.fixture
async def bounded(server: EmbeddedServer, store: Store) -> AsyncIterator[Store]:
    """A store that holds 10,000 bytes in all and 3,000 of one sender."""
    made = connect(site_for(server, limits=Limits(held_bytes_total=10_000, held_bytes_per_sender=3_000)))
    yield made
    await made.close()


def stranger(sender: str, **changes: Any) -> CaseDraft:
    """A message that nobody vouches for, with any envelope sender."""
    envelope = StoredEnvelope(sender, ("board@party.example",))
    facts: dict[str, Any] = {"origin": "unproven", "authenticated": False, "envelope": envelope, "author": ANA}
    return draft(**{**facts, **changes})


async def fill(store: Store, author: CaseDraft, size: int = 3000) -> None:
    """Hold a message of this size."""
    await store.cases.hold(author, Payload(bytes(size)))


async def test_a_stranger_with_a_members_envelope_address_takes_none_of_her_room(bounded: Store) -> None:
    """Anybody can write her address into MAIL FROM; her own messages are held all the same."""
    await fill(bounded, stranger(ANA))
    with pytest.raises(HeldLimit, match="this sender"):
        await fill(bounded, stranger(ANA), 10)
    await fill(bounded, draft(author=ANA))
    with pytest.raises(HeldLimit, match="this sender"):
        await fill(bounded, draft(author=ANA), 10)


async def test_a_member_is_counted_by_the_proven_address_however_it_is_written(bounded: Store) -> None:
    """Other letters are the same person, and another envelope sender is too."""
    await fill(bounded, draft(author=ANA))
    with pytest.raises(HeldLimit, match="this sender"):
        await fill(bounded, draft(author="Ana@Member.Example", envelope=StoredEnvelope("x@y.example", ("a@b",))), 10)


async def test_bounces_count_in_all_and_for_nobody(bounded: Store, store: Store) -> None:
    """The null sender is everybody's, so one full mailbox somewhere does not stop other people's bounces."""
    await fill(bounded, stranger(""), 2000)
    await fill(bounded, stranger(""), 2000)
    assert int(await raw(store).hget(BYTES, "*") or 0) == 4000
    with pytest.raises(HeldLimit, match="too many bytes are held"):
        await fill(bounded, stranger(""), 5000)


async def test_strangers_and_known_authors_cannot_fill_the_members_reserve(bounded: Store) -> None:
    """A domain of one's own proves an address; the last fifth is for people of the roster and for insiders."""
    for number in range(4):
        await fill(bounded, stranger(f"x{number}@strange.example"), 2000)
    with pytest.raises(HeldLimit, match="too many bytes are held"):
        await fill(bounded, draft(author="k@known.example", origin="known"), 10)
    await fill(bounded, draft(author=ANA), 1000)
    await fill(bounded, draft(author="ben@party.example", origin="internal"), 1000)
    with pytest.raises(HeldLimit, match="too many bytes are held"):
        await fill(bounded, draft(author=ANA), 10)


async def test_what_is_counted_names_nobody(bounded: Store, store: Store) -> None:
    """Keyed names only: the two kinds apart, no address."""
    await fill(bounded, draft(author=ANA))
    await fill(bounded, stranger(ANA))
    names = {name.decode() for name in await raw(store).hkeys(BYTES)}
    assert sorted(name.partition(":")[0] for name in names) == ["*", "author", "envelope"]
    assert not any("@" in name for name in names)


async def test_new_limits_count_at_once(bounded: Store, server: EmbeddedServer) -> None:
    """A reload needs no new connection; looking and refusing leaves nothing behind in memory."""
    await fill(bounded, draft(author=ANA))
    with pytest.raises(HeldLimit, match="this sender"):
        await fill(bounded, draft(author=ANA), 10)
    bounded.adopt(site_for(server, limits=Limits(held_bytes_total=10_000, held_bytes_per_sender=6_000)))
    await fill(bounded, draft(author=ANA), 2000)
    assert bounded.cases._holding._held._coming == {}


async def test_a_lost_count_is_made_good_when_the_message_comes_again(
    bounded: Store, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case was written, its count was not: the sender's next try counts it, once."""
    made, count = draft(author=ANA), HeldBytes.count

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(HeldBytes, "count", away)
    with pytest.raises(StoreUnavailable):
        await fill(bounded, made)
    monkeypatch.setattr(HeldBytes, "count", count)
    for _ in range(2):
        await fill(bounded, made)
        assert int(await raw(store).hget(BYTES, "*") or 0) == 3000


async def test_the_count_can_be_rebuilt_from_the_cases(bounded: Store, store: Store) -> None:
    """Messages that are not counted are, those whose text is gone are not; a second time there is nothing to do."""
    for size in (100, 200, 300):
        case = await bounded.cases.hold(draft(author=ANA), Payload(bytes(size)))
    before = await raw(store).hgetall(BYTES)
    await raw(store).delete(BYTES, CASES)
    assert (await bounded.recount.run(), await raw(store).hgetall(BYTES)) == (3, before)
    await raw(store).hset(ListKeys("board@party.example").case(case.number), "p", "0")
    await raw(store).execute_command(*LIBRARY.call("count_held", (BYTES, CASES), "99999", "author:x", 50))
    assert (await bounded.recount.run(), await bounded.recount.run()) == (2, 0)
    assert int(await raw(store).hget(BYTES, "*") or 0) == 300


async def test_a_message_that_is_held_already_needs_no_more_room(bounded: Store) -> None:
    """Its retry hears of its case, while another message of the same sender is refused."""
    message = stranger(ANA, ledger_key="again")
    case = await bounded.cases.hold(message, Payload(bytes(3000)))
    assert await bounded.cases.hold(message, Payload(bytes(3000))) == case
    with pytest.raises(HeldLimit, match="this sender"):
        await bounded.cases.hold(stranger(ANA, ledger_key="other"), Payload(bytes(3000)))
