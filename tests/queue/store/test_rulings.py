"""Transitions in the store: one wins, everything of a step is written together."""

import asyncio
import json

import pytest
from case_samples import body, draft
from store_world import LIST, act, raw, warm

from listward.config.site import Queue
from listward.queue.cases.case import CaseState
from listward.queue.cases.commands import Command, Verb
from listward.queue.cases.transitions import COURIER
from listward.queue.store.connect import Store, connect
from listward.queue.store.embedded import EmbeddedServer
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import Conflict, UnknownCase
from listward.wire.payload import Payload

KEYS = ListKeys(LIST)


async def test_of_50_releases_at_once_exactly_one_wins(store: Store) -> None:
    """The others are told who won, and what stands now."""
    case = await store.cases.hold(draft(), Payload(body()))
    await warm(store)
    commands = [Command(Verb.RELEASE, f"mod{n}@party.example", case.opened_at + 1) for n in range(50)]
    results = await asyncio.gather(
        *(store.cases.apply(case.number, 1, command) for command in commands), return_exceptions=True
    )
    (won,) = [result for result in results if not isinstance(result, BaseException)]
    lost = [result for result in results if isinstance(result, Conflict)]
    assert len(lost) == 49
    assert won.ruling is not None
    assert {(loser.decided_by, loser.version, loser.state) for loser in lost} == {(won.ruling.by, 2, "released")}
    assert await raw(store).xlen(KEYS.audit) == await raw(store).xlen(KEYS.outbox) == 2


async def test_a_step_writes_case_indexes_audit_and_outbox(store: Store) -> None:
    """All four agree after every step of a whole life."""
    case = await store.cases.hold(draft(), Payload(body()))
    case = await act(store, case, Verb.CLAIM)
    case = await act(store, case, Verb.RELEASE, deliver_after=case.changed_at + 60)
    assert await raw(store).zrange(KEYS.due, 0, -1) == [case.number.encode()]
    case = await act(store, case, Verb.DELIVERING, COURIER)
    assert await raw(store).zcard(KEYS.due) == 0
    case = await act(store, case, Verb.DELIVERED, COURIER)
    assert await store.cases.get(case.number) == case
    verbs = [event.verb async for event in store.cases.events(LIST)]
    assert verbs == ["hold", "claim", "release", "delivering", "delivered"]
    entries = [json.loads(values[b"e"]) for _, values in await raw(store).xrange(KEYS.audit)]
    assert [(entry["verb"], entry["from"], entry["to"]) for entry in entries] == [
        ("hold", "", "held"),
        ("claim", "held", "claimed"),
        ("release", "claimed", "released"),
        ("delivering", "released", "delivering"),
        ("delivered", "delivering", "delivered"),
    ]
    states = {state: await raw(store).zcard(KEYS.state(state)) for state in CaseState}
    assert {state for state, count in states.items() if count} == {CaseState.DELIVERED}
    assert await raw(store).zrange(KEYS.bodies("released"), 0, -1, withscores=True) == [
        (case.number.encode(), case.changed_at)
    ]


async def test_a_refused_act_writes_nothing(store: Store) -> None:
    """An old version, a wrong state and a claim of somebody else leave all as it was."""
    case = await act(store, await store.cases.hold(draft(), Payload(body())), Verb.CLAIM)
    before = await raw(store).xlen(KEYS.audit), await raw(store).hgetall(KEYS.case(case.number))
    for version, command, name in (
        (1, Command(Verb.RELEASE, "mod@party.example", 1.0), "mod@party.example"),
        (2, Command(Verb.RELEASE, "other@party.example", 1.0), "mod@party.example"),
        (2, Command(Verb.UNDO, "mod@party.example", 1.0), "mod@party.example"),
        (2, Command(Verb.DELIVERING, COURIER, 1.0), "mod@party.example"),
    ):
        with pytest.raises(Conflict) as caught:
            await store.cases.apply(case.number, version, command)
        assert (caught.value.decided_by, caught.value.version, caught.value.state) == (name, 2, "claimed")
    assert before == (await raw(store).xlen(KEYS.audit), await raw(store).hgetall(KEYS.case(case.number)))


async def test_a_conflict_says_why(store: Store) -> None:
    """Where the version is right and the act is not, a sentence for people goes along."""
    case = await act(store, await store.cases.hold(draft(), Payload(body())), Verb.CLAIM)
    with pytest.raises(Conflict) as caught:
        await act(store, case, Verb.REJECT, "other@party.example")
    assert caught.value.reason == "mod@party.example has claimed this case."


async def test_a_lost_answer_is_asked_for_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command sent twice is carried out once and succeeds both times."""
    case = await store.cases.hold(draft(), Payload(body()))
    send, sent = type(store.lanes)._send, []

    async def losing(lanes: object, key: str, commands: list[tuple[object, ...]]) -> list[object]:
        replies: list[object] = await send(lanes, key, commands)  # type: ignore[arg-type]
        if any("lw_apply" in str(word) for command in commands for word in command[:2]):
            sent.append(commands)
            if len(sent) == 1:
                raise ConnectionError("the answer was lost")
        return replies

    monkeypatch.setattr(type(store.lanes), "_send", losing)
    released = await act(store, case, Verb.RELEASE)
    assert (released.state, released.version, len(sent)) == (CaseState.RELEASED, 2, 2)
    assert await raw(store).xlen(KEYS.outbox) == 2


async def test_an_unknown_case_is_said(store: Store) -> None:
    """A number without a case cannot be ruled on."""
    number = await store.numbering.take(LIST)
    with pytest.raises(UnknownCase):
        await store.cases.apply(number, 1, Command(Verb.CLAIM, "mod@party.example", 1.0))


async def test_escalation_follows_the_configuration(store: Store, server: EmbeddedServer) -> None:
    """The queue's escalate_to takes the case over, also in the queue's index."""
    from redis_server import site_for

    queues = (Queue(name="moderators", group="m", escalate_to="secretary"), Queue(name="secretary", group="s"))
    escalating = connect(site_for(server, queue=queues))
    try:
        case = await act(
            escalating, await escalating.cases.hold(draft(), Payload(body())), Verb.ESCALATE, queue="moderators"
        )
        assert case.draft.queues == ("secretary",)
        assert (await store.cases.get(case.number)).draft.queues == ("secretary",)
        assert not (await store.cases.page(queue="moderators")).cases
        assert len((await store.cases.page(queue="secretary")).cases) == 1
    finally:
        await escalating.close()


async def test_audit_entries_hold_people_as_salted_hashes(store: Store) -> None:
    """The same person has another hash in every entry; the clear text stands beside."""
    case = await act(store, await store.cases.hold(draft(), Payload(body())), Verb.CLAIM)
    await act(store, case, Verb.UNCLAIM)
    entries = [json.loads(values[b"e"]) for _, values in await raw(store).xrange(KEYS.audit)]
    assert entries[1]["personal"]["by"] != entries[2]["personal"]["by"]
    clear = json.loads((await raw(store).hget(KEYS.clear, "2")) or b"{}")
    assert clear["by"] == "mod@party.example"
