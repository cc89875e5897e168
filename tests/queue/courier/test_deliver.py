"""Releases: delivered once, tried again, given back; a crash on the way is visible and settled."""

import asyncio
from typing import Any

import pytest
from courier_world import World
from scripted_hop import Drop, Hang, Raw, Say
from store_world import act, raw

from listward.queue.cases.case import CaseState, StoredEnvelope
from listward.queue.cases.commands import Verb
from listward.queue.cases.transitions import COURIER
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import Conflict, StoreUnavailable

BOARD = ListKeys("board@party.example")
TWO = ("one@party.example", "two@party.example")


async def test_a_release_is_delivered_once_after_the_time_to_undo(world: World) -> None:
    """Envelope and text as they came; not before, and never again."""
    envelope = StoredEnvelope("ana+x@member.example", ("board@party.example",), ("BODY=8BITMIME",), ((),))
    text = b"Received: x\r\nFrom: ana@member.example\r\n\r\n.dots\r\n\xe9\r\n"
    case = await world.released(text, envelope=envelope)
    courier = world.courier()
    await world.once(courier)
    assert world.hop.messages == []
    world.clock.turn(61)
    for _ in range(3):
        await world.once(courier)
    (taken,) = world.hop.messages
    assert (taken.data, taken.sender, taken.recipients) == (text, envelope.sender, envelope.recipients)
    assert any(b"BODY=8BITMIME" in command for command in world.hop.commands)
    found = await world.now(case)
    assert (found.state, found.attempts, found.failure) == (CaseState.DELIVERED, 1, "")


async def test_two_couriers_deliver_once(world: World) -> None:
    """Even when both believe the list is theirs."""
    for _ in range(6):
        await world.released()
    world.clock.turn(61)
    one, two = world.courier(), world.courier()
    await asyncio.gather(world.once(one), world.once(two))
    assert len(world.hop.messages) == 6
    assert len({taken.wire for taken in world.hop.messages}) == 1


async def test_an_undone_release_is_not_delivered(world: World) -> None:
    """Undo and courier race for the version; the undo was first."""
    case = await world.released()
    undone = await act(world.store, case, Verb.UNDO, at=world.clock.now() + 59)
    world.clock.turn(61)
    await world.once(world.courier())
    assert world.hop.messages == []
    assert (await world.now(case)) == undone


async def test_a_release_made_anew_has_its_whole_time_to_undo(world: World) -> None:
    """A courier that saw the first release come due does not take the second for it."""
    case = await world.released()
    courier = world.courier()
    case = await act(world.store, case, Verb.UNDO, at=world.clock.now() + 59)
    await act(world.store, case, Verb.RELEASE, deliver_after=world.clock.now() + 119)
    world.clock.turn(61)
    await courier._deliverer.deliver(case.number)
    assert world.hop.commands == []


@pytest.mark.parametrize("where", ["CONNECT", "MAIL", "RCPT", "DATA", "DOT"])
async def test_a_4xx_is_tried_again_later(world: World, where: str) -> None:
    """At every step of the transaction; after the pause it is delivered."""
    world.hop.on(where, Say("451 4.3.0 later"), times=1)
    case = await world.released()
    world.clock.turn(61)
    courier = world.courier()
    await world.once(courier)
    waiting = await world.now(case)
    assert (waiting.state, waiting.attempts, waiting.deliver_after) == (CaseState.RELEASED, 1, world.clock.now() + 30)
    assert "did not take it yet: 451" in waiting.failure
    await world.once(courier)
    assert world.hop.messages == []
    world.clock.turn(31)
    await world.once(courier)
    assert (await world.now(case)).state is CaseState.DELIVERED
    assert len(world.hop.messages) == 1


async def test_a_hop_that_is_away_is_tried_again(world: World) -> None:
    """Nobody listens: the case waits, and people can still take the release back."""
    case = await world.released()
    await world.hop.stop()
    world.clock.turn(61)
    await world.once(world.courier())
    waiting = await world.now(case)
    assert waiting.state is CaseState.RELEASED
    assert (await act(world.store, waiting, Verb.UNDO, at=world.clock.now() + 999)).state is CaseState.HELD
    await world.hop.start()


@pytest.mark.parametrize("where", ["RCPT", "DOT"])
async def test_a_5xx_gives_the_case_back_with_the_reason(world: World, where: str) -> None:
    """Held again, with the server's words; released again, it is tried again."""
    world.hop.on(where, Say("550 5.1.1 no such list"), times=1)
    case = await world.released()
    world.clock.turn(61)
    courier = world.courier()
    await world.once(courier)
    back = await world.now(case)
    assert (back.state, back.approvals) == (CaseState.HELD, ())
    assert "550 5.1.1 no such list" in back.failure
    assert world.counted("next_hop_errors_total", kind="5xx") == 1
    await act(world.store, back, Verb.RELEASE)
    world.clock.turn(61)
    await world.once(courier)
    assert (await world.now(case)).state is CaseState.DELIVERED


async def test_a_recipient_that_was_taken_is_never_sent_to_again(world: World) -> None:
    """One of two is taken; later tries, also after people decided anew, are for the other alone."""
    world.hop.on("RCPT", Say("450 4.2.0 busy"), match="two@", times=1)
    world.hop.on("RCPT", Say("450 4.2.0 busy"), match="two@", times=1)
    case = await world.released(envelope=StoredEnvelope("a@member.example", TWO))
    world.clock.turn(61)
    courier = world.courier()
    await world.once(courier)
    case = await world.now(case)
    case = await act(world.store, case, Verb.UNDO)
    await act(world.store, case, Verb.RELEASE, at=world.clock.now())
    await world.once(courier)
    world.clock.turn(31)
    await world.once(courier)
    assert (await world.now(case)).state is CaseState.DELIVERED
    assert [taken.recipients for taken in world.hop.messages] == [TWO[:1], TWO[1:]]


@pytest.mark.parametrize("action", [Drop(), Raw(b"\x00garbage\r\n")])
async def test_a_lost_reply_is_tried_again_and_counted(world: World, action: Any) -> None:
    """Copies are at most one more than lost replies, and the metric says how many were lost."""
    world.hop.on("DOT", action, times=1)
    case = await world.released()
    world.clock.turn(61)
    courier = world.courier()
    await world.once(courier)
    assert (await world.now(case)).state is CaseState.RELEASED
    world.clock.turn(31)
    await world.once(courier)
    assert (await world.now(case)).state is CaseState.DELIVERED
    assert world.counted("next_hop_errors_total", kind="lost") == 1
    assert len(world.hop.contents) == 2


async def test_a_second_lost_reply_gives_the_case_to_people(world: World) -> None:
    """Never silently a third time; who releases it anew starts a new count."""
    world.hop.on("DOT", Drop())
    case = await world.released()
    courier = world.courier()
    for _ in range(5):
        world.clock.turn(1801)
        await world.once(courier)
    back = await world.now(case)
    assert (back.state, back.unknowns) == (CaseState.HELD, 1)
    assert back.failure.endswith("It may have been delivered; a person decides.")
    assert len(world.hop.contents) == 2
    world.hop.heal()
    await act(world.store, back, Verb.RELEASE, at=world.clock.now())
    await world.once(courier)
    assert ((await world.now(case)).state, (await world.now(case)).unknowns) == (CaseState.DELIVERED, 0)


async def test_a_message_that_kills_couriers_comes_back_to_people(world: World) -> None:
    """Two crashes of one release are enough; nothing is sent by the one who finds the second."""
    case = await world.released()
    world.clock.turn(61)
    for _ in range(2):
        case = await act(world.store, await world.now(case), Verb.DELIVERING, COURIER, at=world.clock.now())
        world.clock.turn(91)
        await world.courier()._deliverer.settle_unknown(case.number)
    back = await world.now(case)
    assert (back.state, "may have been delivered" in back.failure) == (CaseState.HELD, True)
    assert world.hop.contents == []
    assert len(world.log.lines("possible-duplicate")) == 1
    assert world.counted("next_hop_errors_total", kind="unknown") == 2


async def test_a_crash_found_after_a_day_is_not_sent_again(world: World) -> None:
    """The courier was away for so long that people decide anew."""
    case = await act(world.store, await world.released(), Verb.DELIVERING, COURIER, at=world.clock.now())
    world.clock.turn(86_401)
    await world.once(world.courier())
    back = await world.now(case)
    assert (back.state, "may have been delivered" in back.failure) == (CaseState.HELD, True)
    assert world.hop.contents == []


async def test_a_crash_on_the_way_is_visible_and_settled_later(world: World) -> None:
    """Killed after `delivering`: nothing happens for the length of a try, then it is tried again and counted."""
    world.hop.on("DOT", Hang(), times=1)
    case = await world.released()
    world.clock.turn(61)
    dead = world.courier()
    await dead.take_leases()
    await dead.deliver_due()
    (task,) = dead._deliveries
    await world.hop.until(lambda it: len(it.contents) == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await world.now(case)).state is CaseState.DELIVERING
    world.hop.heal()

    await raw(world.store).delete(BOARD.lease)  # it has lapsed
    second = world.courier(owner="second")
    await world.once(second)
    world.clock.turn(20)
    await world.once(second)
    assert (await world.now(case)).state is CaseState.DELIVERING
    assert world.hop.messages == []
    world.clock.turn(80)
    await world.once(second)
    case = await world.now(case)
    assert (case.state, "second copy is possible" in case.failure) in [
        (CaseState.RELEASED, True),
        (CaseState.DELIVERED, False),
    ]
    await world.once(second)
    assert (await world.now(case)).state is CaseState.DELIVERED
    assert world.counted("next_hop_errors_total", kind="unknown") == 1
    assert len(world.log.lines("possible-duplicate")) == 1


async def test_a_crash_after_the_ledger_is_settled_without_a_second_copy(world: World) -> None:
    """The hop took it and the ledger knows: the case is delivered, nothing is sent."""
    case = await world.released()
    case = await act(world.store, case, Verb.DELIVERING, COURIER, at=world.clock.now())
    await world.store.ledger.settle({f"release:{case.number}:board@party.example": "relayed"})
    world.clock.turn(91)
    await world.once(world.courier())
    assert (await world.now(case)).state is CaseState.DELIVERED
    assert world.hop.commands == []
    assert world.counted("next_hop_errors_total", kind="unknown") == 0


async def test_an_outcome_is_noted_when_the_store_comes_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store goes away while the hop answers: the courier keeps the outcome, and sends nothing again."""
    case = await world.released()
    world.clock.turn(61)
    settle, failures = world.store.ledger.settle, [StoreUnavailable("away")]

    async def failing(outcomes: dict[str, str]) -> None:
        if failures:
            raise failures.pop()
        await settle(outcomes)

    monkeypatch.setattr(type(world.store.ledger), "settle", lambda _, outcomes: failing(outcomes))
    await world.once(world.courier())
    assert (await world.now(case)).state is CaseState.DELIVERED
    assert len(world.hop.messages) == 1


async def test_a_damaged_message_is_never_sent(world: World) -> None:
    """Back to people with the reason, and a line for the administrator."""
    torn, gone = await world.released(), await world.released()
    await raw(world.store).hset(BOARD.body(torn.number), "0", b"junk")
    await raw(world.store).delete(BOARD.body(gone.number))
    world.clock.turn(61)
    await world.once(world.courier())
    for case in (torn, gone):
        found = await world.now(case)
        assert (found.state, found.failure) == (CaseState.HELD, "The stored message is damaged and was not sent.")
    assert world.hop.commands == []
    assert len(world.log.lines("damaged")) == 2


async def test_without_a_server_to_deliver_to_people_are_told(world: World) -> None:
    """A list that is gone from the configuration, and a draft without a hop."""
    case = await world.released(list="gone@party.example", next_hop="")
    world.clock.turn(61)
    await world.once(world.courier())
    found = await world.now(case)
    assert (found.state, "no server to deliver it to" in found.failure) == (CaseState.HELD, True)


async def test_a_message_a_hop_never_takes_comes_back_to_people(world: World) -> None:
    """No endless loop: after a day of 451 the case is held again."""
    world.hop.on("DOT", Say("451 4.3.0 poison"))
    case = await world.released()
    courier = world.courier()
    for _ in range(60):
        world.clock.turn(1801)
        await world.once(courier)
        if (await world.now(case)).state is CaseState.HELD:
            break
    found = await world.now(case)
    assert "for a day. Its last answer: 451 4.3.0 poison" in found.failure
    with pytest.raises(Conflict):
        await act(world.store, case, Verb.DELIVERING, COURIER)


async def test_stopping_lets_deliveries_end(world: World) -> None:
    """What is under way when the stop comes is finished and noted."""
    cases = [await world.released() for _ in range(15)]
    world.clock.turn(61)
    stop = asyncio.Event()
    courier = world.courier()
    running = asyncio.create_task(courier.run(stop))
    await world.hop.wait_for(1)
    stop.set()
    await running
    states = [(await world.now(case)).state for case in cases]
    assert CaseState.DELIVERING not in states
    assert states.count(CaseState.DELIVERED) == len(world.hop.messages) >= 1
    assert await raw(world.store).exists(BOARD.lease) == 0


async def test_a_large_release_is_delivered_octet_for_octet(world: World) -> None:
    """It goes from the store's pieces through a file to the hop."""
    text = b"Received: x\r\nFrom: ana@member.example\r\n\r\n" + b".a line that begins with a dot\xe9\r\n" * 100_000
    case = await world.released(text)
    world.clock.turn(61)
    await world.once(world.courier())
    (taken,) = world.hop.messages
    assert taken.data == text
    assert any(b"BODY=8BITMIME" in command for command in world.hop.commands)
    assert (await world.now(case)).state is CaseState.DELIVERED
