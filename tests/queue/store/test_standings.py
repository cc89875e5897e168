"""What is remembered of senders: vouches, paths and their users, habits, frozen accounts; on a real server."""

import asyncio
from dataclasses import replace

import pytest
from store_world import LIST, HandClock, raw

from listward.config.paths import state_directory
from listward.config.site import Site
from listward.filters.identity.standing import (
    NO_STANDING,
    How,
    Method,
    Path,
    Post,
    Sighting,
    Standing,
    habit_key,
)
from listward.filters.probes import ProbeUnavailable
from listward.queue.audit.verify import Verifier
from listward.queue.store.accounts import CannotVouch, UnknownVouch
from listward.queue.store.connect import Store, connect
from listward.queue.store.keys import NAME, OLD_NAME
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import AuthorKeys
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.standings import DAY_S, MOST_HABITS
from listward.queue.store.vouches import MOST_VOUCHES
from listward.runtime.metrics import Metrics

ANA, EVE = "ana@isp.example", "eve@elsewhere.example"
MEMBERS = "members@party.example"
SIGNED = Path(Method.DKIM, "ana-mail.example", "s1")
SENT = Path(Method.SPF, "ana-mail.example")
MODERATOR = "mod@party.example"


async def vouch(store: Store, clock: HandClock, path: Path = SIGNED, author: str = ANA, on: str = MEMBERS) -> str:
    """A moderator's release vouches."""
    return await store.accounts.vouch(on, author, path, MODERATOR, How.RELEASE, clock.now())


def seen(clock: HandClock, author: str = ANA, *paths: Path, **more: object) -> Sighting:
    """One message, noted."""
    return replace(Sighting(author, clock.now(), paths or (SIGNED,)), **more)  # type: ignore[arg-type]


async def test_nothing_stands_for_a_stranger(store: Store) -> None:
    """The same answer for everybody of whom nothing is remembered, at the same price."""
    assert await store.accounts.of("nobody@x.example", (SIGNED, SENT)) is NO_STANDING
    assert await store.accounts.of("nobody@x.example", ()) is NO_STANDING


async def test_a_vouch_stands_for_its_author_list_and_path(store: Store, clock: HandClock) -> None:
    """And for nothing else: not for another address, another list, another selector, or the envelope alone."""
    identity = await vouch(store, clock)
    standing = await store.accounts.of(ANA.upper(), (SIGNED, SENT))
    found = standing.voucher_for(MEMBERS, (SIGNED,))
    assert found is not None
    assert (found.id, found.path, found.how, found.on.isoformat()) == (identity, SIGNED, How.RELEASE, "2026-09-21")
    assert standing.voucher_for(LIST, (SIGNED,)) is None
    assert standing.voucher_for(MEMBERS, (SENT,)) is None
    other = Path(Method.DKIM, SIGNED.domain, "s2")
    assert (await store.accounts.of(ANA, (other, SENT))).vouchers == ()
    assert (await store.accounts.of(EVE, (SIGNED,))).vouchers == ()


async def test_vouching_twice_is_one_vouch(store: Store, clock: HandClock) -> None:
    """Two moderators who release two messages of one person make one entry in the list."""
    first = await vouch(store, clock)
    assert await vouch(store, clock) == first
    assert [one.id for one in await store.accounts.vouches()] == [first]
    assert await raw(store).xlen(f"listward:{{{MEMBERS}}}:audit") == 1


async def test_many_who_vouch_at_once_make_one_vouch(store: Store, clock: HandClock) -> None:
    """All are told the one that stands, and the index names no other."""
    ids = await asyncio.gather(*(vouch(store, clock) for _ in range(8)))
    assert len(set(ids)) == 1
    assert await raw(store).zcard("listward:{standings}:vouches") == 1


async def test_a_change_of_keys_forgets_nobody(store: Store, site: Site, clock: HandClock) -> None:
    """A frozen account stays frozen and a vouch stands, while the old key is kept for what it has sealed."""
    await vouch(store, clock)
    await store.accounts.freeze((ANA,), MODERATOR, "why", 5.0)
    folder = state_directory(site)
    key = (folder / NAME).read_bytes()
    try:
        (folder / OLD_NAME).write_bytes(key)
        (folder / NAME).write_text("ab" * 32)
        later = connect(site, clock=clock)
        standing = await later.accounts.of(ANA, (SIGNED,))
        assert (standing.frozen, len(standing.vouchers)) == (True, 1)
        assert [one.address for one in await later.accounts.frozen()] == [ANA]
        assert [one.author for one in await later.accounts.vouches()] == [ANA]
        await later.close()
    finally:
        (folder / NAME).write_bytes(key)
        (folder / OLD_NAME).unlink()


async def test_a_vouch_is_shown_with_all_that_people_ask(store: Store, clock: HandClock) -> None:
    """Who, how, when, for whom, by which way, and when it was last used; by list and by author too."""
    identity = await vouch(store, clock)
    clock.turn(3 * DAY_S)
    newer = await store.accounts.vouch(LIST, EVE, SENT, EVE, How.CONFIRMATION, clock.now())
    await store.accounts.note([seen(clock, used=(MEMBERS,))])
    shown = await store.accounts.vouches()
    assert [one.id for one in shown] == [newer, identity]
    assert (shown[1].author, shown[1].by, shown[1].path, shown[1].list) == (ANA, MODERATOR, SIGNED, MEMBERS)
    assert (shown[1].how, shown[1].lapsed) == (How.RELEASE, "")
    assert shown[1].used_at // DAY_S == clock.now() // DAY_S
    assert [one.id for one in await store.accounts.vouches(list_address=LIST.upper())] == [newer]
    assert [one.id for one in await store.accounts.vouches(author=ANA)] == [identity]
    assert await store.accounts.vouches(list_address=LIST, author=ANA) == ()


async def test_a_revoked_vouch_is_gone_at_once(store: Store, clock: HandClock) -> None:
    """And says what it was; a second time there is nothing to revoke, nor under a made-up name."""
    identity = await vouch(store, clock)
    assert (await store.accounts.revoke(identity, MODERATOR, clock.now())).author == ANA
    assert await store.accounts.of(ANA, (SIGNED,)) is NO_STANDING
    assert await store.accounts.vouches() == ()
    for wrong in (identity, "", "zz-zz", "a}b-c", f"{identity}x"):
        with pytest.raises(UnknownVouch):
            await store.accounts.revoke(wrong, MODERATOR, clock.now())


async def test_vouching_and_revoking_are_audited(store: Store, clock: HandClock) -> None:
    """In the chain of the list; the address is personal there."""
    identity = await vouch(store, clock)
    await store.accounts.revoke(identity, MODERATOR, clock.now())
    entries = [entry[1][b"e"] for entry in await raw(store).xrange(f"listward:{{{MEMBERS}}}:audit")]
    assert [b'"verb":"vouch"' in entries[0], b'"verb":"revoke-vouch"' in entries[1]] == [True, True]
    assert not any(ANA.encode() in entry for entry in entries)
    assert (await Verifier(store.lanes).verify(MEMBERS)).whole


async def test_a_path_of_two_authors_cannot_be_vouched_for(store: Store, clock: HandClock) -> None:
    """Whatever list they wrote to, and however their mail was judged."""
    await store.accounts.note([seen(clock, EVE)])
    with pytest.raises(CannotVouch, match="Others send by this way") as refusal:
        await vouch(store, clock)
    assert refusal.value.reason == "shared"
    assert await store.accounts.vouches() == ()


async def test_a_vouch_lapses_when_another_author_uses_the_path(store: Store, clock: HandClock) -> None:
    """At once and visibly, for good, even where the other's mail was refused."""
    metrics = Metrics()
    store.accounts._metrics = metrics  # the fixture's store counts nothing
    identity = await vouch(store, clock)
    await store.accounts.note([seen(clock, EVE, accepted=False)])
    assert (await store.accounts.of(ANA, (SIGNED,))).vouchers == ()
    (shown,) = await store.accounts.vouches()
    assert (shown.id, shown.lapsed) == (identity, "shared")
    assert metrics.registry.get_sample_value("listward_vouches_lapsed_total") == 1
    with pytest.raises(CannotVouch):
        await vouch(store, clock)
    path_key = (await raw(store).keys("*path*"))[0]
    await raw(store).delete(path_key)  # even where the path were forgotten first
    assert (await store.accounts.of(ANA, (SIGNED,))).vouchers == ()


async def test_a_shared_path_is_known_though_nobody_was_told(
    store: Store, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between noting the other author and ending the vouch: the path itself says so."""
    await vouch(store, clock)
    key = (await raw(store).keys("*path*"))[0]
    await raw(store).hset(key, store.accounts.author_name(EVE), int(clock.now() // DAY_S))
    assert (await store.accounts.of(ANA, (SIGNED,))).vouchers == ()
    (shown,) = await store.accounts.vouches()
    assert shown.lapsed == "shared"


async def test_what_was_refused_makes_no_new_memory(store: Store, clock: HandClock) -> None:
    """A flood of refused mail cannot fill the store with paths."""
    await store.accounts.note([seen(clock, EVE, accepted=False)])
    assert await raw(store).dbsize() == 0


async def test_a_path_that_thousands_use_stays_small(store: Store, clock: HandClock) -> None:
    """A few authors are kept, the last ones, and it never looks like one sender's."""
    for day in range(3):
        await store.accounts.note([seen(clock, f"n{day}-{n}@x.example") for n in range(40)])
        clock.turn(200 * DAY_S)
    (key,) = await raw(store).keys("*path*")
    assert 2 <= await raw(store).hlen(key) <= 4
    with pytest.raises(CannotVouch):
        await vouch(store, clock)


async def test_a_vouch_lapses_without_use(store: Store, clock: HandClock) -> None:
    """After `vouch_days`; each day of use starts them anew."""
    await vouch(store, clock)
    clock.turn(300 * DAY_S)
    await store.accounts.note([seen(clock, used=(MEMBERS,))])
    clock.turn(300 * DAY_S)
    assert (await store.accounts.of(ANA, (SIGNED,))).vouchers
    await store.accounts.note([seen(clock), seen(clock, used=(LIST,)), seen(clock, ANA, SENT, used=(MEMBERS,))])
    clock.turn(66 * DAY_S)
    assert (await store.accounts.of(ANA, (SIGNED,))).vouchers == ()
    assert await store.accounts.vouches() == ()
    assert await raw(store).zcard("listward:{standings}:vouches") == 0


async def test_use_is_written_once_a_day(store: Store, clock: HandClock) -> None:
    """However many messages rely on it."""
    identity = await vouch(store, clock)
    clock.turn(DAY_S)
    key = store.accounts.author_name(ANA)
    await store.accounts.note([seen(clock, used=(MEMBERS,))])
    written = await raw(store).hget(f"listward:author:{{{key}}}:vouches", identity)
    keys = AuthorKeys(key)
    again = (int(clock.now() // DAY_S), 365, MEMBERS, store.accounts.path_name(SIGNED))
    assert await store.lanes.one(keys.vouches, *LIBRARY.call("relied_on", (keys.vouches,), *again)) == 0
    assert await raw(store).hget(keys.vouches, identity) == written


async def test_what_is_shared_is_renewed_no_more(store: Store, clock: HandClock) -> None:
    """A lapsed vouch is shown for its days, and then it is gone, whatever a late note says."""
    await vouch(store, clock)
    await store.accounts.note([seen(clock, EVE)])
    clock.turn(300 * DAY_S)
    await store.accounts.note([seen(clock, used=(MEMBERS,))])
    assert [one.lapsed for one in await store.accounts.vouches()] == ["shared"]
    clock.turn(66 * DAY_S)
    assert await store.accounts.vouches() == ()


async def test_many_at_once_make_no_more_than_a_handful(store: Store, clock: HandClock) -> None:
    """Whoever is late is told, and leaves nothing in the index."""
    paths = [Path(Method.DKIM, f"m{n}.example", "s") for n in range(MOST_VOUCHES * 2)]
    made = await asyncio.gather(*(vouch(store, clock, path) for path in paths), return_exceptions=True)
    assert len([one for one in made if isinstance(one, str)]) == MOST_VOUCHES
    assert all(isinstance(one, str | CannotVouch) for one in made)
    assert len(await store.accounts.vouches()) == MOST_VOUCHES
    assert await raw(store).zcard("listward:{standings}:vouches") == MOST_VOUCHES


async def test_a_handful_of_vouches_is_enough(store: Store, clock: HandClock) -> None:
    """Who collects more ways of sending is told to revoke one; what lapsed makes room."""
    for n in range(MOST_VOUCHES):
        await vouch(store, clock, Path(Method.DKIM, f"m{n}.example", "s"))
    with pytest.raises(CannotVouch, match="Revoke one first"):
        await vouch(store, clock)
    assert len(await store.accounts.vouches()) == MOST_VOUCHES
    clock.turn(366 * DAY_S)
    await vouch(store, clock)
    assert len(await store.accounts.vouches(author=ANA)) == 1


async def test_providers_cannot_be_vouched_for(store: Store, clock: HandClock) -> None:
    """Not though only one author was ever seen there."""
    for path in (
        Path(Method.DKIM, "gmail.com", "20230601"),
        Path(Method.SPF, "em12.sendgrid.net"),
        Path(Method.SPF, "co.uk"),
    ):
        with pytest.raises(CannotVouch, match="Many people"):
            await vouch(store, clock, path)


async def test_habits_are_counted_and_lapse(store: Store, clock: HandClock) -> None:
    """Posts of today and of the last months, days, and what was usual; each for itself."""
    payee = habit_key(ANA, "payee", "DE00")
    await store.accounts.note([seen(clock, post=Post(paths=("aa",), payees=(payee,), language="es"))] * 2)
    clock.turn(10 * DAY_S)
    await store.accounts.note([seen(clock, post=Post()), seen(clock, post=Post(language="en"))])
    habits = (await store.accounts.of(ANA, ())).habits
    assert (habits.posts, habits.posts_today, habits.days) == (4, 2, 2)
    assert (habits.paths, habits.payees, habits.languages) == ({"aa"}, {payee}, {"es", "en"})
    clock.turn(DAY_S)
    assert (await store.accounts.of(ANA, ())).habits.posts_today == 0
    clock.turn(80 * DAY_S)
    habits = (await store.accounts.of(ANA, ())).habits
    assert (habits.posts, habits.days, habits.paths, habits.languages) == (2, 1, frozenset(), {"en"})
    assert (await store.accounts.of(EVE, ())) is NO_STANDING


async def test_first_posts_are_counted_by_list(store: Store, clock: HandClock) -> None:
    """Each post that went out, for a year after the last one."""
    await store.accounts.note([seen(clock, delivered=(MEMBERS, LIST)), seen(clock, delivered=(MEMBERS,))])
    standing = await store.accounts.of(ANA, ())
    assert (standing.posts_on(MEMBERS), standing.posts_on(LIST), standing.posts_on("x@y")) == (2, 1, 0)
    (key,) = await raw(store).keys("*delivered*")
    assert 364 * DAY_S < await raw(store).ttl(key) <= 365 * DAY_S


async def test_services_that_all_send_by_are_not_noted(store: Store, clock: HandClock) -> None:
    """Nobody can vouch for them anyway."""
    await store.accounts.note([seen(clock, ANA, Path(Method.DKIM, "gmail.com", "s"))])
    assert await raw(store).dbsize() == 0


async def test_habits_stay_small(store: Store, clock: HandClock) -> None:
    """The latest of each kind, and one number a day."""
    for n in range(100):
        payees = tuple(f"{n}-{m}" for m in range(5))
        await store.accounts.note([seen(clock, post=Post(payees=payees))])
        clock.turn(DAY_S)
    habits = (await store.accounts.of(ANA, ())).habits
    assert (len(habits.payees), habits.days) == (MOST_HABITS, 90)
    assert "99-0" in habits.payees
    (key,) = await raw(store).keys("*habits*")
    assert sum([len(value) for value in (await raw(store).hgetall(key)).values()]) < 2000


async def test_frozen_accounts_are_known_listed_and_thawed(store: Store, clock: HandClock) -> None:
    """All addresses of a person at once; the first record stays; what was not frozen cannot be thawed."""
    await store.accounts.freeze((ANA, "ANA@work.example"), "admin@party.example", "Her account sends bills.", 5.0)
    await store.accounts.freeze((ANA,), MODERATOR, "again", 6.0)
    assert (await store.accounts.of(ANA, ())).frozen
    assert (await store.accounts.of("ana@work.example", ())).frozen
    shown = await store.accounts.frozen()
    assert {(one.address, one.by, one.reason, one.at) for one in shown} == {
        (ANA, "admin@party.example", "Her account sends bills.", 5.0),
        ("ana@work.example", "admin@party.example", "Her account sends bills.", 5.0),
    }
    clock.turn(1000 * DAY_S)
    assert await store.accounts.thaw((ANA.upper(), EVE)) == (ANA,)
    await store.accounts.freeze((EVE, ANA), MODERATOR, "why", 7.0, ANA)
    assert {one.address: one.named for one in await store.accounts.frozen() if one.at == 7.0} == {ANA: True, EVE: False}
    await store.accounts.thaw((ANA, EVE))
    assert not (await store.accounts.of(ANA, ())).frozen
    assert [one.address for one in await store.accounts.frozen()] == ["ana@work.example"]


async def test_a_freeze_that_cannot_be_read_is_in_force_and_shown(store: Store) -> None:
    """After a lost key, say: nobody is thawed by that."""
    await store.accounts.freeze((ANA,), MODERATOR, "why", 5.0)
    await raw(store).set(f"listward:author:{{{store.accounts.author_name(ANA)}}}:frozen", b"broken")
    assert (await store.accounts.of(ANA, ())).frozen
    assert [one.reason for one in await store.accounts.frozen()] == ["The record cannot be read."]


async def test_what_is_damaged_stands_for_nothing_and_stops_nobody(store: Store, clock: HandClock) -> None:
    """A broken vouch is none, broken habits are none; the rest of the author counts, and writing goes on."""
    await vouch(store, clock)
    await store.accounts.note([seen(clock, post=Post(language="es"))])
    base = f"listward:author:{{{store.accounts.author_name(ANA)}}}:"
    for broken in (b"", b"x", b"1 1 0 ab nobody x@y z", b"a b c d e f g"):
        await raw(store).hset(f"{base}vouches", "00-00", broken)
        await raw(store).hset(f"{base}habits", "days", broken)
        standing = await store.accounts.of(ANA, (SIGNED,))
        assert len(standing.vouchers) == 1
        assert standing.habits.posts == 0
        assert len(await store.accounts.vouches(author=ANA)) == 1
        await store.accounts.note([seen(clock, used=(MEMBERS,), post=Post())])
        assert (await store.accounts.of(ANA, ())).habits.posts >= 1
    await raw(store).hdel(f"{base}habits", "hours")
    assert (await store.accounts.of(ANA, (SIGNED,))).habits.posts == 0


async def test_no_address_or_domain_lies_in_the_clear(store: Store, clock: HandClock) -> None:
    """Neither in names of keys nor in values; what is shown to people is sealed. Everything but freezes lapses."""
    await vouch(store, clock)
    await store.accounts.note([seen(clock, post=Post(paths=(habit_key(ANA, "path", SIGNED.name),)))])
    keys = [key for key in await raw(store).keys("*") if b"author" in key or b"path" in key or b"standings" in key]
    assert len(keys) == 4
    texts = [*keys]
    for key in keys:
        if b"standings" not in key:
            assert await raw(store).ttl(key) > 0
            texts += [word for pair in (await raw(store).hgetall(key)).items() for word in pair]
    assert not any(word in text for text in texts for word in (b"ana", b"isp.example", b"mail.example", b"mod@"))


async def test_with_no_days_nothing_is_remembered(store: Store, site: Site, clock: HandClock) -> None:
    """The feature is off: what stood before counts no more, and nothing new is written."""
    await vouch(store, clock)
    await store.accounts.note([seen(clock, post=Post(language="es"))])
    off = site.model_copy(update={"accounts": site.accounts.model_copy(update={"vouch_days": 0, "habit_days": 0})})
    store.adopt(off)
    assert await store.accounts.of(ANA, (SIGNED,)) == Standing()
    assert await store.accounts.vouches() == ()
    with pytest.raises(CannotVouch, match="not remembered here"):
        await vouch(store, clock)
    size = await raw(store).dbsize()
    await store.accounts.note([seen(clock, EVE, SENT, used=(MEMBERS,), post=Post())])
    assert await raw(store).dbsize() == size


async def test_a_store_that_is_away_answers_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither member nor stranger, with or without a path."""

    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(store.lanes), "spread", away)
    for paths in ((), (SIGNED,)):
        with pytest.raises(ProbeUnavailable):
            await store.accounts.of(ANA, paths)


async def test_one_round_trip_reads_all(store: Store, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A standing costs one pipeline, whoever is asked about and however many paths."""
    await vouch(store, clock)
    sent: list[int] = []
    send = type(store.lanes)._send  # what goes over the wire is the subject

    async def counted(lanes: object, key: str, commands: list[object]) -> object:
        sent.append(len(commands))
        return await send(lanes, key, commands)  # type: ignore[arg-type]

    monkeypatch.setattr(type(store.lanes), "_send", counted)
    await store.accounts.of(ANA, (SIGNED, SENT))
    await store.accounts.of(EVE, (SIGNED, SENT))
    assert sent == [3, 3]
