"""Stores that are given: plain Redis with a password, a cluster, a Sentinel. The same code path as the embedded one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path as Folder
from typing import Any

import pytest
from case_samples import body, draft
from free_ports import free_ports
from redis_nodes import cluster_of_two, command, sentinel, tcp_server
from store_world import act

from listward.config.policy import Policy, Rule
from listward.config.site import Gateway, MailingList, Organisation, Site
from listward.config.site import Store as StoreTable
from listward.filters.identity.origin import Role
from listward.filters.identity.standing import How, Method, Path, Post, Sighting
from listward.filters.judgement import Action
from listward.filters.policy.trial import trial_of
from listward.filters.probes import RosterEntry
from listward.queue.audit.sealing import Sealer
from listward.queue.audit.verify import Verifier
from listward.queue.cases.case import CaseState
from listward.queue.cases.commands import Verb
from listward.queue.notices.ledger import Later, NoticeLedger
from listward.queue.notices.tokens import Tokens, Way
from listward.queue.store.connect import Store, connect
from listward.queue.store.keys import BadKey
from listward.queue.store.observations import Example, Observation, Would
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.switches import Switch, Switches, Turned
from listward.queue.store.urls import BadUrl
from listward.runtime.clock import SystemClock
from listward.wire.payload import Payload

LISTS = ("board@party.example", "members@party.example", "youth@party.example", "news@party.example")


def site_of(folder: Folder, url: str, **table: Any) -> Site:
    """A site with that store."""
    values: dict[str, Any] = {
        "organisation": Organisation(name="Party", domains=("party.example",)),
        "gateway": Gateway(),
        "store": StoreTable(url=url, path=folder / "state", **table),
        "list": tuple(MailingList(address=name, zone="members", next_hop="smtp://127.0.0.1:2527") for name in LISTS),
        "directory": folder,
    }
    return Site(**values)


@asynccontextmanager
async def connected(folder: Folder, url: str, **table: Any) -> AsyncIterator[Store]:
    """A store on that url."""
    store = connect(site_of(folder, url, **table))
    try:
        yield store
    finally:
        await store.close()


async def walk(store: Store) -> None:
    """Hold, list, rule, seal, verify and count on several lists."""
    await store.check_durable()
    cases = [await store.cases.hold(draft(list=name), Payload(body(name))) for name in LISTS for _ in range(3)]
    assert sorted(case.number for case in (await store.cases.page(limit=50)).cases) == sorted(
        case.number for case in cases
    )
    for case in cases:
        released = await act(store, case, Verb.RELEASE)
        assert (await store.cases.get(case.number)).state is released.state is CaseState.RELEASED
        assert await store.cases.body(case.number) == body(case.draft.list)
    due = await store.agenda.deliveries(LISTS, cases[-1].changed_at + 1e6)
    assert sorted(entry.number for entry in due) == sorted(case.number for case in cases)
    await store.ledger.settle({f"key{n}": "relayed" for n in range(20)})
    assert len(await store.ledger.settled([f"key{n}" for n in range(25)])) == 20
    assert [await store.counters.seen_elsewhere("d", name) for name in LISTS] == [0, 1, 2, 3]
    await remember(store)
    await bring(store)
    await correspond(store)
    await watch(store)
    sealer, verifier = Sealer(store.lanes, store.guard, SystemClock()), Verifier(store.lanes)
    for name in await sealer.unsealed(LISTS):
        await sealer.seal(name)
    assert all([(await verifier.verify(name)).whole for name in LISTS])
    assert await verifier.site_faults() == ()


async def remember(store: Store) -> None:
    """Vouch, use, share, freeze and thaw: each step in one slot, though a question spans several."""
    authors = [f"n{n}@isp.example" for n in range(6)]
    now = SystemClock().now()
    paths = [Path(Method.DKIM, f"n{n}.test", "s") for n in range(6)]
    for author, path in zip(authors, paths, strict=True):
        await store.accounts.vouch(LISTS[1], author, path, "mod@party.example", How.RELEASE, now)
    await store.accounts.note([Sighting(author, now, tuple(paths[:1]), post=Post()) for author in authors])
    found = [await store.accounts.of(author, tuple(paths)) for author in authors]
    assert [len(standing.vouchers) for standing in found] == [0, 1, 1, 1, 1, 1]
    assert all(standing.habits.posts == 1 for standing in found)
    assert [vouch.lapsed for vouch in await store.accounts.vouches()].count("shared") == 1
    await store.accounts.freeze(authors, "admin@party.example", "why", now)
    assert len(await store.accounts.frozen()) == 6
    assert len(await store.accounts.thaw(authors)) == 6


async def bring(store: Store) -> None:
    """Rosters: a copy and its pieces share the list's slot, whatever becomes of it."""
    people = [RosterEntry(f"p{n}@isp.example", f"Person {n}", Role.MEMBER) for n in range(4_500)]
    for name in LISTS[:2] * 2:
        await store.rosters.write(name, store.rosters.seal(name, people), 100.0)
    await store.rosters.agree(LISTS[0], 200.0)
    assert await store.rosters.doubt(LISTS[1], 300.0) == 300.0
    await store.rosters.keep(LISTS[0])
    stamps = await store.rosters.stamps(LISTS)
    assert [stamps[name].agreed_at for name in LISTS[:3]] == [200.0, 100.0, 0.0]
    found = await store.rosters.read(LISTS[0])
    assert found is not None
    assert tuple(found[1].people()) == tuple(people)


async def watch(store: Store) -> None:
    """What rules on trial would do: each list's counts and examples in its own slot, in one write for all."""
    policy = Policy(rule=(Rule(name="heat", stage="content", action="hold", mode="shadow"),), digest="ab" * 32)
    trial, now = trial_of(policy, observing=False), SystemClock().now()
    would = (Would(trial.keys["heat"], Action.HOLD, example=Example(Action.HOLD, "saw", "subject", "text")),)
    await store.observations.observed([Observation(name, now, trial, would) for name in LISTS])
    for name in LISTS:
        (kept,) = await store.observations.examples(name, trial.keys["heat"])
        assert await store.observations.mark(kept.place, True)
        assert (await store.observations.figures(name, 0)).right == {trial.keys["heat"]: 1}
    assert list(await store.observations.policies([policy.digest])) == ["ab" * 8]


async def correspond(store: Store) -> None:
    """What couriers and answers need besides, a command at a time."""
    tokens, switches = Tokens(store.redis), Switches(store.redis, store.codec)
    ledger, now = NoticeLedger(store.redis, store.codec.lasting_name), SystemClock().now()
    token = await tokens.issue("number", "ana@isp.example", Way.LINK, 60)
    assert await tokens.question(token, Way.LINK) is not None
    await tokens.spend(token, Way.LINK)
    assert await tokens.question(token, Way.LINK) is None
    await switches.add(Switch("s1", Turned.FROZEN, "ana@isp.example", ("ana@home.example",), now))
    assert [switch.id for switch in await switches.waiting()] == ["s1"]
    await switches.done("s1")
    assert [await switches.first("x", 60), await switches.first("x", 60), await switches.lease(60)] == [
        True,
        False,
        True,
    ]
    assert [await ledger.place("ana@isp.example", event, now) for event in ("e1", "e2", "e1")] == [0, 1, 0]
    assert await ledger.is_first("ana@isp.example", "e1", now)
    later = Later("number", "held", "e1")
    await ledger.postpone(later, now)
    assert await ledger.due(now + 2 * 86_400) == (later,)
    await ledger.settle((later,))


async def test_plain_redis_over_tcp_with_a_password(tmp_path: Folder) -> None:
    """The password comes from a file; without it, or with a wrong one, nothing is held and nothing secret is said."""
    (port,) = free_ports(1)
    (tmp_path / "password").write_text("hunter2\n")
    (tmp_path / "wrong").write_text("hunter3\n")
    with tcp_server(port, "--requirepass", "hunter2"):
        async with connected(tmp_path, f"redis://127.0.0.1:{port}", password_file=Folder("password")) as store:
            await walk(store)
        async with connected(tmp_path, f"redis://127.0.0.1:{port}") as store:
            with pytest.raises(StoreUnavailable, match=r"wants a password|refuses the password"):
                await store.check_durable()
        async with connected(tmp_path, f"redis://127.0.0.1:{port}", password_file=Folder("wrong")) as store:
            with pytest.raises(StoreUnavailable, match="refuses the password"):
                await store.check_durable()


async def test_a_cluster_spreads_lists_over_its_nodes(tmp_path: Folder) -> None:
    """Every step stays in one slot; both nodes hold lists; a slot that moved is followed."""
    one, two, bus_one, bus_two = free_ports(4)
    with cluster_of_two((one, two), (bus_one, bus_two)):
        async with connected(tmp_path, f"redis+cluster://127.0.0.1:{one}") as store:
            await walk(store)
            assert all(command(port, "DBSIZE") != b":0\r\n" for port in (one, two))


async def test_a_node_of_a_cluster_without_the_promise_refuses(tmp_path: Folder) -> None:
    """The settings are asked of the node that would hold the message."""
    one, two, bus_one, bus_two = free_ports(4)
    with cluster_of_two((one, two), (bus_one, bus_two)):
        async with connected(tmp_path, f"redis+cluster://127.0.0.1:{one},127.0.0.1:{two}") as store:
            for name in LISTS:
                await store.cases.hold(draft(list=name), Payload(body()))
            command(one, "CONFIG", "SET", "appendfsync", "no")
            outcomes = []
            for name in LISTS:
                try:
                    await store.cases.hold(draft(list=name), Payload(body()))
                    outcomes.append(True)
                except StoreUnavailable:
                    outcomes.append(False)
            assert True in outcomes
            assert False in outcomes


async def test_a_sentinel_names_the_master(tmp_path: Folder) -> None:
    """The store is found by the name the Sentinel watches."""
    port, watcher = free_ports(2)
    with tcp_server(port), sentinel(watcher, port, "listward"):
        async with connected(tmp_path, f"redis+sentinel://127.0.0.1:{watcher}/listward") as store:
            await walk(store)
        async with connected(tmp_path, f"redis+sentinel://127.0.0.1:{watcher}/unknown") as store:
            with pytest.raises(StoreUnavailable):
                await store.check_durable()


def test_a_broken_url_or_key_is_named_before_anything_is_tried(tmp_path: Folder) -> None:
    """connect() itself says what is wrong."""
    with pytest.raises(BadUrl):
        connect(site_of(tmp_path, "redis://one,two"))
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "store-key").write_text("x")
    with pytest.raises(BadKey):
        connect(site_of(tmp_path, "embedded"))
