"""The promise: refused where the server cannot keep it, kept through kill -9 where it can."""

import asyncio
import itertools
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from case_samples import body, draft
from redis_server import running_server, site_for
from store_world import LIST, act, raw

from listward.config.site import Limits
from listward.config.site import Store as StoreTable
from listward.queue.cases.case import CaseState
from listward.queue.cases.commands import Verb
from listward.queue.store.connect import Store, connect
from listward.queue.store.embedded import EmbeddedServer
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import Conflict, HeldLimit, StoreUnavailable
from listward.wire.payload import Payload

KEYS = ListKeys(LIST)
WRONG = [
    ("appendonly", "no", "yes"),
    ("appendfsync", "everysec", "always"),
    ("appendfsync", "no", "always"),
    ("maxmemory-policy", "allkeys-lru", "noeviction"),
    ("no-appendfsync-on-rewrite", "yes", "no"),
]


@pytest_asyncio.fixture
async def own() -> AsyncIterator[tuple[EmbeddedServer, Store]]:
    """A server of its own, for tests that kill it."""
    with running_server() as server:
        connected = connect(site_for(server))
        try:
            yield server, connected
        finally:
            await connected.close()


@pytest.mark.parametrize(("name", "wrong", "right"), WRONG)
async def test_each_wrong_setting_refuses_holds(store: Store, name: str, wrong: str, right: str) -> None:
    """At once, also under load and after holds that were fine; set right, holds go on without a restart."""
    await store.cases.hold(draft(), Payload(body()))
    await store.check_durable()
    await raw(store).config_set(name, wrong)
    try:
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match=name):
                await store.cases.hold(draft(), Payload(body()))
        with pytest.raises(StoreUnavailable, match=name):
            await store.check_durable()
    finally:
        await raw(store).config_set(name, right)
    assert (await store.cases.hold(draft(), Payload(body()))).version == 1


async def test_the_first_refusal_comes_before_anything_is_written(store: Store) -> None:
    """A store that was never seen sound gets nothing to keep."""
    await raw(store).config_set("appendfsync", "everysec")
    try:
        with pytest.raises(StoreUnavailable, match="appendfsync"):
            await store.cases.hold(draft(), Payload(body()))
        assert await raw(store).zcard(KEYS.state(CaseState.HELD)) == 0
    finally:
        await raw(store).config_set("appendfsync", "always")


async def test_settings_changed_under_load_never_let_a_promise_through(store: Store) -> None:
    """Every hold that was answered was made while the settings were right, or is refused."""
    await store.cases.hold(draft(), Payload(body()))

    async def change() -> None:
        for value in ("everysec", "always", "no", "always"):
            await raw(store).config_set("appendfsync", value)
            await asyncio.sleep(0.01)

    drafts = [draft() for _ in range(60)]
    *results, _ = await asyncio.gather(
        *(store.cases.hold(made, Payload(body())) for made in drafts), change(), return_exceptions=True
    )
    assert all(not isinstance(result, BaseException) or isinstance(result, StoreUnavailable) for result in results)
    again = [await store.cases.hold(made, Payload(body())) for made in drafts]
    assert len({case.number for case in again}) == 60


async def test_every_acknowledged_hold_survives_kill_9(own: tuple[EmbeddedServer, Store]) -> None:
    """Killed in the middle of holding: what was answered is there with its digest, tries again make no doubles."""
    server, store = own
    drafts = [draft() for _ in range(120)]
    bodies = {made.ledger_key: os.urandom(3000 + index) for index, made in enumerate(drafts)}
    tasks = [asyncio.create_task(store.cases.hold(made, Payload(bodies[made.ledger_key]))) for made in drafts]
    for answered in itertools.islice(asyncio.as_completed(tasks), 30):
        await answered
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    held = [result for result in results if not isinstance(result, BaseException)]
    lost = [result for result in results if isinstance(result, BaseException)]
    assert len(held) >= 30
    assert all(isinstance(problem, StoreUnavailable) for problem in lost)
    assert server._child
    server._child.wait(5)
    server.start()
    for case in held:
        assert await store.cases.body(case.number) == bodies[case.draft.ledger_key]
        assert await store.cases.get(case.number) == case
    again = [await store.cases.hold(made, Payload(bodies[made.ledger_key])) for made in drafts]
    assert len({case.number for case in again}) == len(drafts)
    assert {case.number for case in held} <= {case.number for case in again}
    for case in again:
        assert await store.cases.body(case.number) == bodies[case.draft.ledger_key]


async def test_a_restart_is_bridged(own: tuple[EmbeddedServer, Store]) -> None:
    """A server that is back within a second is waited for."""
    server, store = own
    case = await store.cases.hold(draft(), Payload(body()))
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    assert server._child
    server._child.wait(5)
    held = asyncio.create_task(store.cases.hold(draft(), Payload(body())))
    await asyncio.sleep(0.05)
    await asyncio.to_thread(server.start)
    assert (await held).version == 1
    assert await store.cases.get(case.number) == case


async def test_a_server_restarted_with_other_settings_is_refused(own: tuple[EmbeddedServer, Store]) -> None:
    """A new run id is looked at like a new server."""
    server, store = own
    await store.cases.hold(draft(), Payload(body()))
    before = (await store.durability()).run_id
    server.stop()
    options = server._options
    server._options = lambda: [*options(), "--appendfsync", "everysec"]  # type: ignore[method-assign]
    await asyncio.to_thread(server.start)
    with pytest.raises(StoreUnavailable, match="appendfsync"):
        await store.cases.hold(draft(), Payload(body()))
    assert (await store.durability()).run_id != before


async def test_a_server_restarted_empty_works_again(own: tuple[EmbeddedServer, Store]) -> None:
    """The functions are loaded anew, nobody has to restart the gateway."""
    import shutil

    server, store = own
    await store.cases.hold(draft(), Payload(body()))
    server.stop()
    shutil.rmtree(server.directory)
    await asyncio.to_thread(server.start)
    assert (await store.cases.hold(draft(), Payload(body()))).version == 1


async def test_a_store_that_is_away_is_said_within_two_seconds(own: tuple[EmbeddedServer, Store]) -> None:
    """Holds, rulings, reads and ledger alike; and all go on when it is back."""
    server, store = own
    case = await store.cases.hold(draft(), Payload(body()))
    server.stop()
    for question in (
        store.cases.hold(draft(), Payload(body())),
        store.cases.get(case.number),
        store.cases.page(),
        act(store, case, Verb.CLAIM),
        store.ledger.settled(["a"]),
        store.check_durable(),
    ):
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            await question
        assert time.monotonic() - started < 2.5
    await asyncio.to_thread(server.start)
    assert (await act(store, case, Verb.CLAIM)).version == 2


async def test_a_frozen_store_is_given_up_within_its_time(own: tuple[EmbeddedServer, Store]) -> None:
    """SIGSTOP: no answer is a time-out, and afterwards the same message is held once."""
    server, store = own
    await store.cases.hold(draft(), Payload(body()))
    made = draft()
    assert server.pid
    os.kill(server.pid, signal.SIGSTOP)
    started = time.monotonic()
    try:
        with pytest.raises(StoreUnavailable, match="in time"):
            await store.cases.hold(made, Payload(body()))
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert time.monotonic() - started < 4.0
    case = await store.cases.hold(made, Payload(body()))
    assert [found.number for found in (await store.cases.page()).cases].count(case.number) == 1


async def test_a_full_store_says_so_and_loses_nothing(store: Store) -> None:
    """Out of memory: refused, what was held stays readable, and there is room again afterwards."""
    case = await store.cases.hold(draft(), Payload(body()))
    await raw(store).config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailable, match="full"):
            await store.cases.hold(draft(), Payload(body()))
        with pytest.raises(StoreUnavailable, match="full"):
            await act(store, case, Verb.CLAIM)
        assert await store.cases.body(case.number) == body()
    finally:
        await raw(store).config_set("maxmemory", "0")
    assert (await act(store, case, Verb.CLAIM)).version == 2


async def test_a_replica_takes_no_holds(own: tuple[EmbeddedServer, Store]) -> None:
    """Role master is part of the promise."""
    server, store = own
    with running_server() as primary:
        await raw(store).config_set("replica-read-only", "yes")
        await raw(store).execute_command("REPLICAOF", "127.0.0.1", "1")
        with pytest.raises(StoreUnavailable, match="master"):
            await store.check_durable()
        with pytest.raises(StoreUnavailable):
            await store.cases.hold(draft(), Payload(body()))
        await raw(store).execute_command("REPLICAOF", "NO", "ONE")
        assert primary.alive()
    assert (await store.cases.hold(draft(), Payload(body()))).version == 1
    assert server.alive()


async def test_with_replicas_a_hold_waits_for_them(free_port: int) -> None:
    """Acknowledged by the replica it is held; with the replica gone or frozen it is refused, and found again later."""
    with running_server() as primary, running_server() as replica:
        table = StoreTable(url=f"unix://{primary.socket}", path=primary.directory.parent, replicas=1, wait_s=0.3)
        store = connect(site_for(primary, store=table))
        follower = connect(site_for(replica))
        try:
            with pytest.raises(StoreUnavailable, match="min-replicas-to-write"):
                await store.check_durable()
            await raw(store).config_set("min-replicas-to-write", "1")
            await raw(store).config_set("port", str(free_port))
            with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
                await store.check_durable()
            await raw(follower).config_set("repl-diskless-load", "on-empty-db")
            await raw(follower).execute_command("REPLICAOF", "127.0.0.1", str(free_port))
            await raw(store).config_set("repl-diskless-sync-delay", "0")
            await _until(lambda: raw(follower).execute_command("ROLE"), lambda role: b"connected" in role)
            number = await _held_in_time(store, draft())
            assert await raw(follower).exists(KEYS.case(number)) == 1
            made = draft()
            assert replica.pid
            os.kill(replica.pid, signal.SIGSTOP)
            try:
                with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
                    await store.cases.hold(made, Payload(body()))
                with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
                    await store.cases.hold(made, Payload(body()))
            finally:
                os.kill(replica.pid, signal.SIGCONT)
            again = await _held_in_time(store, made)
            assert await raw(follower).exists(KEYS.case(again)) == 1
            with pytest.raises(Conflict):
                await store.cases.apply(again, 9, _claim())
        finally:
            await store.close()
            await follower.close()


async def test_held_bytes_are_bounded_in_all_and_per_sender(server: EmbeddedServer, store: Store) -> None:
    """Strangers may fill four fifths, authenticated authors have the reserve; a repeat is answered all the same."""
    limits = Limits(held_bytes_total=10_000, held_bytes_per_sender=6_000)
    bounded = connect(site_for(server, limits=limits))
    try:
        first = draft(authenticated=False)
        case = await bounded.cases.hold(first, Payload(bytes(4000)))
        with pytest.raises(HeldLimit, match="this sender"):
            await bounded.cases.hold(draft(authenticated=False), Payload(bytes(4000)))
        stranger = draft(
            authenticated=False, envelope=type(first.envelope)("x@strange.example", first.envelope.recipients)
        )
        await bounded.cases.hold(stranger, Payload(bytes(4000)))
        third = draft(
            authenticated=False, envelope=type(first.envelope)("y@strange.example", first.envelope.recipients)
        )
        with pytest.raises(HeldLimit, match="too many bytes are held"):
            await bounded.cases.hold(third, Payload(bytes(1000)))
        assert (await bounded.cases.hold(draft(author="ben@member.example"), Payload(bytes(1000)))).version == 1
        assert await bounded.cases.hold(first, Payload(bytes(4000))) == case
    finally:
        await bounded.close()


async def test_room_comes_back_when_texts_go(server: EmbeddedServer, store: Store) -> None:
    """What was forgotten does not count any more."""
    bounded = connect(site_for(server, limits=Limits(held_bytes_total=10_000, held_bytes_per_sender=5_000)))
    try:
        case = await bounded.cases.hold(draft(), Payload(bytes(4000)))
        with pytest.raises(HeldLimit):
            await bounded.cases.hold(draft(), Payload(bytes(4000)))
        case = await act(bounded, case, Verb.REJECT, clause="A 1", sentence="No.")
        assert await bounded.forgetting.forget_text(case.number)
        assert (await bounded.cases.hold(draft(), Payload(bytes(4000)))).version == 1
        assert int(await raw(store).hget("listward:{held}:bytes", "*") or 0) == 4000
    finally:
        await bounded.close()


def _claim() -> object:
    from listward.queue.cases.commands import Command

    return Command(Verb.CLAIM, "mod@party.example", 1.0)


async def _held_in_time(store: Store, made: object) -> str:
    for _ in range(100):
        try:
            return (await store.cases.hold(made, Payload(body()))).number  # type: ignore[arg-type]
        except StoreUnavailable:
            await asyncio.sleep(0.1)
    raise AssertionError("the replica did not come back")


async def _until(ask: object, right: object) -> None:
    for _ in range(200):
        if right(await ask()):  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to pass")


@pytest.fixture
def free_port() -> int:
    """A port nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
