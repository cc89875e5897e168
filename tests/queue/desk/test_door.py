"""Log-in, sessions and tokens."""

from typing import Literal

import pytest
from argon2 import PasswordHasher
from desk_world import PASSWORD, World

from listward.queue.desk.access.door import IDLE_S, LIFE_S, TRIES_TOGETHER, WINDOW_S, Door, NoEntry, TooManyTries
from listward.queue.desk.access.passwords import Passwords, WeakPassword
from listward.queue.desk.access.person import AccessRole
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.clock import SystemClock

MOD = "mod@party.example"


async def test_the_right_password_opens_a_session(world: World) -> None:
    """A session's secret leads back to the person with roles and queues."""
    secret = await world.door.log_in(" MOD@party.example ", PASSWORD, "192.0.2.1")
    entry = await world.door.by_session(secret)
    assert entry is not None
    assert (entry.person.address, entry.person.queues) == (MOD, {"moderators"})


@pytest.mark.parametrize("address", [MOD, "stranger@party.example", "", "\x00", "a" * 5000])
async def test_a_wrong_password_says_the_same_for_everybody(world: World, address: str) -> None:
    """Nobody learns whether an address has a user."""
    with pytest.raises(NoEntry):
        await world.door.log_in(address, "wrong password!", "192.0.2.1")


async def test_a_check_against_no_user_does_the_same_work(world: World) -> None:
    """The hash is computed for unknown addresses too, so that time tells nothing."""
    calls: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            calls.append(str(hash))
            return super().verify(hash, password)

    world.door._passwords = Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
    for address in (MOD, "stranger@party.example"):
        with pytest.raises(NoEntry):
            await world.door.log_in(address, "wrong password!", "192.0.2.1")
    assert len(calls) == 2
    assert all(kept.startswith("$argon2id$") for kept in calls)


async def test_the_secret_of_a_session_is_not_kept(world: World) -> None:
    """The store holds a digest of 256 random bits, not what the cookie holds."""
    secret = await world.door.log_in(MOD, PASSWORD, "192.0.2.1")
    assert len(secret) >= 43
    assert secret not in world.redis.dump
    assert PASSWORD not in world.redis.dump


async def test_sessions_lapse_without_use_and_in_the_end(world: World) -> None:
    """A session ends after two hours without use, and after twelve whatever is done with it."""
    secret = await world.door.log_in(MOD, PASSWORD, "192.0.2.1")
    world.redis.now = IDLE_S - 1
    assert await world.door.by_session(secret)
    world.redis.now += IDLE_S - 1
    assert await world.door.by_session(secret)
    world.redis.now += IDLE_S + 1
    assert await world.door.by_session(secret) is None
    fresh = await world.door.log_in(MOD, PASSWORD, "192.0.2.1")
    world.clock.at += LIFE_S + 1
    assert await world.door.by_session(fresh) is None


async def test_logging_out_ends_the_session(world: World) -> None:
    """The cookie is worth nothing afterwards."""
    secret = await world.door.log_in(MOD, PASSWORD, "192.0.2.1")
    await world.door.log_out(secret)
    assert await world.door.by_session(secret) is None


async def test_a_new_password_ends_every_session(world: World) -> None:
    """Sessions of before the change are worth nothing; the new password works and the old one does not."""
    secrets = [await world.door.log_in(MOD, PASSWORD, "192.0.2.1") for _ in range(2)]
    await world.door.change_password(MOD, "another long password")
    assert [await world.door.by_session(secret) for secret in secrets] == [None, None]
    with pytest.raises(NoEntry):
        await world.door.log_in(MOD, PASSWORD, "192.0.2.2")
    assert await world.door.log_in(MOD, "another long password", "192.0.2.3")


async def test_a_disabled_user_is_out_at_once(world: World) -> None:
    """Session, token and password all stop; a new password lets the user in again, old sessions stay dead."""
    secret = await world.door.log_in(MOD, PASSWORD, "192.0.2.1")
    bearer = await world.door.issue_token(MOD, "bot", frozenset({"cases"}))
    await world.door.disable(MOD)
    assert await world.door.by_session(secret) is None
    assert await world.door.by_token(bearer) is None
    with pytest.raises(NoEntry):
        await world.door.log_in(MOD, PASSWORD, "192.0.2.1")
    await world.door.change_password(MOD, PASSWORD)
    assert await world.door.by_session(secret) is None
    assert await world.door.log_in(MOD, PASSWORD, "192.0.2.1")


async def test_tries_are_limited_for_address_and_client_together(world: World) -> None:
    """After five wrong tries also the right password waits; another client may still log in; later all may."""
    for _ in range(TRIES_TOGETHER):
        with pytest.raises(NoEntry):
            await world.door.log_in(MOD, "wrong password!", "192.0.2.1")
    with pytest.raises(TooManyTries):
        await world.door.log_in(MOD, PASSWORD, "192.0.2.1")
    assert await world.door.log_in(MOD, PASSWORD, "192.0.2.99")
    world.redis.now += WINDOW_S + 1
    assert await world.door.log_in(MOD, PASSWORD, "192.0.2.1")


async def test_good_log_ins_use_up_nothing(world: World) -> None:
    """Somebody who logs in often is not locked out."""
    for _ in range(TRIES_TOGETHER * 3):
        assert await world.door.log_in(MOD, PASSWORD, "192.0.2.1")


async def test_a_client_that_tries_many_addresses_is_stopped(world: World) -> None:
    """The bound per client stops guessing over all users."""
    outcomes = []
    for number in range(40):
        try:
            await world.door.log_in(f"a{number}@party.example", "wrong password!", "192.0.2.1")
        except (NoEntry, TooManyTries) as refused:
            outcomes.append(type(refused))
    assert outcomes == [NoEntry] * 30 + [TooManyTries] * 10


async def test_a_token_is_shown_once_and_kept_as_a_digest(world: World) -> None:
    """The bearer works; its secret is nowhere in the store; a wrong secret under the right id does not work."""
    bearer = await world.door.issue_token(MOD, "bot", frozenset({"check"}))
    entry = await world.door.by_token(bearer)
    assert entry is not None
    assert (entry.person.address, entry.scopes, entry.csrf) == (MOD, {"check"}, None)
    identity, _, secret = bearer.partition(".")
    assert secret not in world.redis.dump
    assert await world.door.by_token(f"{identity}.{secret}x") is None
    assert await world.door.by_token("") is None


async def test_tokens_end(world: World) -> None:
    """By their last day, and by being revoked."""
    short = await world.door.issue_token(MOD, "bot", frozenset({"check"}), days=1)
    world.clock.at += 86_400
    assert await world.door.by_token(short) is None
    other = await world.door.issue_token(MOD, "bot", frozenset({"check"}))
    assert await world.access.end_token(other.partition(".")[0])
    assert not await world.access.end_token(other.partition(".")[0])
    assert await world.door.by_token(other) is None


async def test_wrong_wishes_are_refused(world: World) -> None:
    """A second user of an address, a poor password, an unknown scope, a user that is none."""
    with pytest.raises(ValueError, match="user already"):
        await world.door.add_user(MOD, frozenset(), PASSWORD)
    with pytest.raises(WeakPassword, match="10 to 1000"):
        await world.door.add_user("new@party.example", frozenset(), "short")
    with pytest.raises(ValueError, match="not a mail address"):
        await world.door.add_user("courier", frozenset(), PASSWORD)
    with pytest.raises(ValueError, match="no such scope"):
        await world.door.issue_token(MOD, "bot", frozenset({"everything"}))
    with pytest.raises(KeyError):
        await world.door.disable("stranger@party.example")


async def test_a_store_that_is_away_is_named(world: World) -> None:
    """No door opens or says no for want of the store."""
    world.redis.away = True
    with pytest.raises(StoreUnavailable):
        await world.door.log_in(MOD, PASSWORD, "192.0.2.1")
    with pytest.raises(StoreUnavailable):
        await world.door.by_session("x")


async def test_users_are_listed_with_their_roles(world: World) -> None:
    """Every user is there, by address."""
    users = await world.access.users()
    assert [user.address for user in users] == sorted(user.address for user in users)
    assert {user.address: user.roles for user in users}[MOD] == {AccessRole.MODERATOR}


@pytest.mark.parametrize("jump_days", [1, -1])
async def test_a_clock_that_jumps_neither_ends_nor_revives_tokens_and_sessions(world: World, jump_days: int) -> None:
    """With the date a day off for a while, what stands stands and what has ended has ended."""
    steady, wrong = 1_000.0, 0.0
    clock = SystemClock(lambda: 1_800_000_000.0 + steady + wrong, lambda: steady)
    door = Door(world.access, world.site, clock, world.passwords)
    ended = await door.issue_token(MOD, "old", frozenset({"cases"}), days=1)
    steady += 86_400 + 60
    clock.now()
    stands = await door.issue_token(MOD, "new", frozenset({"cases"}), days=1)
    session = await door.log_in(MOD, PASSWORD, "192.0.2.1")
    wrong = jump_days * 86_400.0
    steady += 600
    assert await door.by_token(ended) is None
    assert await door.by_token(stands) is not None
    assert await door.by_session(session) is not None
