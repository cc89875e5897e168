"""The shared copy of a roster: whole or not at all, sealed, replaced at once, lapsing when nobody wants it."""

import asyncio
from datetime import date
from io import StringIO

import pytest
from store_world import LIST, raw

from listward.config.site import MailingList, Site
from listward.filters.identity.origin import Role
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_handed import HandedSource
from listward.filters.probes import ProbeUnavailable, RosterEntry
from listward.queue.store import rosters as at_rest
from listward.queue.store.connect import Store
from listward.queue.store.following import Following
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import DamagedBody, StoreUnavailable
from listward.runtime.maillog import MailLog

ANN = RosterEntry("ann@members.example", "Ann Ito", Role.MEMBER, True, "es", others=("ann@work.example",))
BEN = RosterEntry("ben@members.example", "Ben Osei", Role.BANNED, until=date(2030, 1, 2), reason="see minutes")
MANY = tuple(RosterEntry(f"p{number}@members.example", f"Person {number}", Role.MEMBER) for number in range(4_500))


async def written(store: Store, *people: RosterEntry, at: float = 100.0) -> at_rest.SealedRoster:
    sealed = store.rosters.seal(LIST, people)
    await store.rosters.write(LIST, sealed, at)
    return sealed


async def people_in(store: Store) -> tuple[RosterEntry, ...]:
    found = await store.rosters.read(LIST)
    assert found is not None
    return tuple(found[1].people())


def following(store: Store, site: Site) -> tuple[Following, SiteRosters]:
    lists = (MailingList(address=LIST, zone="members", next_hop="smtp://h:1", roster="mailman://127.0.0.1:8001"),)
    rosters = SiteRosters(site.model_copy(update={"lists": lists}))
    return Following(lambda: rosters, lambda: store.rosters), rosters


async def test_what_was_written_is_read(store: Store) -> None:
    """Every fact of every person comes back, in order, with the time of the reading."""
    await written(store, ANN, BEN)
    assert await people_in(store) == (ANN, BEN)
    stamps = await store.rosters.stamps([LIST, "other@party.example"])
    assert (stamps[LIST].agreed_at, stamps["other@party.example"].copy) == (100.0, "")


async def test_a_large_roster_is_kept_in_pieces(store: Store) -> None:
    """No piece is so large that writing it stalls others."""
    sealed = await written(store, *MANY)
    assert len(sealed.pieces) == 3
    assert await people_in(store) == MANY


async def test_an_empty_roster_is_a_roster(store: Store) -> None:
    """A list without people is not a list that was never read."""
    await written(store)
    assert await people_in(store) == ()


async def test_nothing_can_be_read_from_the_disk(store: Store) -> None:
    """Addresses and names lie there encrypted."""
    await written(store, ANN, BEN)
    for key in await raw(store).keys("*roster*"):
        values = await raw(store).hgetall(key)
        assert not any(b"ann@" in value or b"Ito" in value for value in values.values())


async def test_equal_people_have_an_equal_digest(store: Store) -> None:
    """So the courier sees that nothing changed, though every sealing differs."""
    first, second = store.rosters.seal(LIST, [ANN, BEN]), store.rosters.seal(LIST, [ANN, BEN])
    assert first.digest == second.digest
    assert first.pieces != second.pieces
    assert store.rosters.seal(LIST, [ANN]).digest != first.digest


async def test_a_damaged_copy_is_refused(store: Store) -> None:
    """A changed, missing or moved piece is noticed before anybody relies on it."""
    sealed = await written(store, *MANY)
    key = ListKeys(LIST).roster_pieces(sealed.name)
    await raw(store).hset(key, "1", sealed.pieces[0])
    with pytest.raises(DamagedBody):
        await people_in(store)
    await raw(store).hdel(key, "1")
    with pytest.raises(DamagedBody):
        await people_in(store)


async def test_readers_of_the_copy_before_may_end(store: Store) -> None:
    """The pieces that were replaced stay for some minutes, then lapse; the others renew."""
    before = await written(store, ANN)
    after = await written(store, BEN)
    keys = ListKeys(LIST)
    assert 0 < await raw(store).ttl(keys.roster_pieces(before.name)) <= at_rest.LEFT_S
    await raw(store).expire(keys.roster, 50)
    await store.rosters.keep(LIST)
    for key in (keys.roster, keys.roster_pieces(after.name)):
        assert await raw(store).ttl(key) > at_rest.KEPT_S - 60


async def test_a_doubt_is_dated_from_its_first_day(store: Store) -> None:
    """Asked again, the first time counts; agreement ends the doubt."""
    await written(store, ANN)
    assert [await store.rosters.doubt(LIST, at) for at in (10.0, 20.0)] == [10.0, 10.0]
    await store.rosters.agree(LIST, 30.0)
    assert await store.rosters.doubt(LIST, 40.0) == 40.0


async def test_a_gateway_serves_the_copy_from_memory(store: Store, site: Site) -> None:
    """Nobody is known before the first copy; then people are found, and a new copy takes the old one's place."""
    follower, rosters = following(store, site)
    await follower.look()
    with pytest.raises(ProbeUnavailable):
        rosters.find(LIST, ANN.address)
    await written(store, ANN, BEN)
    await follower.look()
    found = rosters.find(LIST, "ann@work.example")
    assert (found and found.name, found and found.role) == ("Ann Ito", Role.MEMBER)
    await written(store, BEN, at=200.0)
    await follower.look()
    assert rosters.find(LIST, ANN.address) is None
    ((_, source),) = rosters
    assert source.current_at == 200.0


async def test_an_unchanged_copy_costs_one_small_question(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The people are not fetched again; the time of agreement is."""
    follower, rosters = following(store, site)
    await written(store, ANN)
    await follower.look()
    monkeypatch.setattr(at_rest.StoredRosters, "read", None)
    await store.rosters.agree(LIST, 300.0)
    await follower.look()
    ((_, source),) = rosters
    assert source.current_at == 300.0


async def test_a_damaged_copy_changes_nothing_in_memory(store: Store, site: Site) -> None:
    """The last good copy serves on."""
    follower, rosters = following(store, site)
    await written(store, ANN)
    await follower.look()
    sealed = await written(store, BEN)
    await raw(store).delete(ListKeys(LIST).roster_pieces(sealed.name))
    await follower.look()
    assert rosters.find(LIST, ANN.address) is not None


def away() -> at_rest.StoredRosters:
    raise StoreUnavailable("the store does not answer")


async def test_the_copy_serves_on_while_the_store_is_away(store: Store, site: Site) -> None:
    """What is in memory needs no store; looking goes on, and brings what is new when it is back."""
    follower, rosters = following(store, site)
    await written(store, ANN)
    await follower.first()
    stop, looked = asyncio.Event(), asyncio.Event()

    def away_once() -> at_rest.StoredRosters:
        if not looked.is_set():
            looked.set()
            return away()
        stop.set()
        return store.rosters

    await written(store, BEN)
    running = asyncio.create_task(Following(lambda: rosters, away_once).run(stop, 0.01))
    await looked.wait()
    assert rosters.find(LIST, ANN.address) is not None
    await running
    assert rosters.find(LIST, BEN.address) is not None


async def test_a_fault_of_ours_does_not_end_the_following(store: Store, site: Site) -> None:
    """It is said once, by its kind alone, and the next look brings what is new."""
    _, rosters = following(store, site)
    await written(store, ANN)
    stop, faults, log = asyncio.Event(), ["secret", "secret"], StringIO()

    def faulty() -> at_rest.StoredRosters:
        if faults:
            raise ValueError(faults.pop())
        stop.set()
        return store.rosters

    await asyncio.wait_for(Following(lambda: rosters, faulty, MailLog(b"k", log)).run(stop, 0.01), 10)
    assert rosters.find(LIST, ANN.address) is not None
    assert log.getvalue().count("duty-trouble") == 1
    assert "secret" not in log.getvalue()


async def test_a_start_without_the_store_knows_nobody(store: Store, site: Site) -> None:
    """Nobody is taken for a stranger then: whether somebody is a member cannot be told."""
    _, rosters = following(store, site)
    await Following(lambda: rosters, away).first()
    with pytest.raises(ProbeUnavailable):
        rosters.find(LIST, ANN.address)


async def test_without_such_lists_the_store_is_not_asked(site: Site) -> None:
    """A site whose rosters are files starts as fast as ever."""
    await Following(lambda: SiteRosters(site), away).look()


def test_a_reload_keeps_the_copy(site: Site) -> None:
    """A new configuration with the same Mailman does not forget its people."""
    mailing_list = MailingList(address=LIST, zone="members", next_hop="smtp://h:1", roster="mailman://127.0.0.1")
    with_list = site.model_copy(update={"lists": (mailing_list,)})
    before = SiteRosters(with_list)
    ((_, source),) = before
    assert isinstance(source, HandedSource)
    ((_, after),) = SiteRosters(with_list, before)
    assert after is source
