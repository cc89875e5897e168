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
from listward.queue.store.ports import HeldLimit

ANA = "ana@member.example"
BYTES = "listward:{held}:bytes"


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
    await store.cases.hold(author, bytes(size))


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
