"""What is forgotten, and when; and what stays."""

import pytest
from courier_world import World
from store_world import DAY, LIST, act, raw

from listward.config.site import Retention as Days
from listward.queue.audit.sealing import Sealer
from listward.queue.audit.verify import Verifier
from listward.queue.cases.case import Case, CaseState
from listward.queue.cases.commands import Verb
from listward.queue.cases.transitions import COURIER
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import UnknownCase

KEYS = ListKeys(LIST)


async def look(world: World, days: float, **given: object) -> None:
    """Let days pass and forget what is due."""
    world.clock.turn(days * DAY)
    courier = world.courier(**given)
    await courier.take_leases()
    await courier.forget()


async def ended(world: World, verb: Verb, **changes: object) -> Case:
    """A case that was ended by one act."""
    case = await world.held(**changes)
    if verb is Verb.DELIVERED:
        case = await act(world.store, case, Verb.RELEASE, at=world.clock.now())
        case = await act(world.store, case, Verb.DELIVERING, COURIER, at=world.clock.now())
    by = COURIER if verb in {Verb.DELIVERED, Verb.EXPIRE} else "mod@party.example"
    return await act(world.store, case, verb, by, at=world.clock.now(), sentence="Because.")


@pytest.mark.parametrize(
    ("verb", "changes", "days"),
    [
        (Verb.DELIVERED, {}, 7),
        (Verb.REJECT, {}, 30),
        (Verb.DISCARD, {}, 30),
        (Verb.DISCARD, {"authenticated": False}, 14),
        (Verb.WITHDRAW, {}, 1),
    ],
)
async def test_each_end_keeps_its_text_for_its_days(
    world: World, verb: Verb, changes: dict[str, object], days: int
) -> None:
    """Until then the message is there; afterwards message, subject, first lines and quotations are gone."""
    case = await ended(world, verb, **changes)
    await look(world, days - 0.1)
    assert await world.store.cases.body(case.number)
    await look(world, 0.2)
    with pytest.raises(UnknownCase):
        await world.store.cases.body(case.number)
    assert await raw(world.store).exists(KEYS.body(case.number)) == 0
    kept = await world.now(case)
    assert (kept.state, kept.version, kept.draft.author) == (case.state, case.version, case.draft.author)
    assert (kept.draft.subject, kept.draft.first_lines, kept.draft.reasons[0].quote) == ("", "", "")
    assert kept.draft.reasons[0].sentence == "It asks for money."
    assert kept.ruling == case.ruling


async def test_an_undecided_text_is_kept(world: World) -> None:
    """However long people take, an authenticated author's message is there."""
    case = await world.held()
    await look(world, 400)
    assert await world.store.cases.body(case.number)


async def test_an_expired_strangers_text_goes_at_once(world: World) -> None:
    """Its 14 days are over."""
    case = await world.held(authenticated=False)
    world.clock.turn(14.1 * DAY)
    await act(world.store, case, Verb.EXPIRE, COURIER, at=world.clock.now())
    await look(world, 0)
    assert await raw(world.store).exists(KEYS.body(case.number)) == 0


async def test_shorter_days_count_at_once(world: World) -> None:
    """A changed configuration also shortens what was decided before."""
    case = await ended(world, Verb.REJECT)
    site = world.site.model_copy(update={"retention": Days(rejected_days=2)})
    await look(world, 3, site=site)
    assert await raw(world.store).exists(KEYS.body(case.number)) == 0


async def test_after_a_year_the_person_is_a_pseudonym_and_the_chain_is_whole(world: World) -> None:
    """No name or address of the case is left; its facts and the audit log's proof are."""
    case, other = await ended(world, Verb.REJECT), await world.held(author="ben@member.example")
    sealer = Sealer(world.store.lanes, world.store.guard, world.clock)
    await sealer.seal(LIST)
    await look(world, 31)
    await look(world, 335)
    kept = await world.now(case)
    assert kept.draft.author == world.store.codec.pseudonym("ana@member.example")
    assert (kept.draft.author_name, kept.draft.message_id, kept.draft.envelope.recipients) == ("", "", ())
    assert kept.ruling
    assert (kept.ruling.by, kept.ruling.sentence, kept.ruling.verb, kept.state) == (
        "",
        "",
        "reject",
        CaseState.REJECTED,
    )
    clear = await raw(world.store).hgetall(KEYS.clear)
    assert not any(b"ana@" in text or b"mod@" in text for text in clear.values())
    assert any(b"ben@" in text for text in clear.values())
    found = await Verifier(world.store.lanes).verify(LIST)
    assert (found.faults, found.erased) == ((), 2)
    assert (await world.now(other)).draft.author == "ben@member.example"
    await look(world, 400)
    assert await world.now(case) == kept


async def test_a_message_whose_hold_was_never_finished_is_swept(world: World) -> None:
    """After an hour; one whose case was written stays."""
    case = await world.held()
    orphan = await world.store.numbering.take(LIST)
    await raw(world.store).hset(KEYS.body(orphan), "0", b"piece")
    begun = {orphan: world.clock.now(), case.number: world.clock.now()}
    await raw(world.store).zadd(KEYS.pending, begun)
    await look(world, 0.5 / 24)
    assert await raw(world.store).exists(KEYS.body(orphan)) == 1
    await look(world, 0.6 / 24)
    assert await raw(world.store).exists(KEYS.body(orphan)) == 0
    assert await raw(world.store).zcard(KEYS.pending) == 0
    assert await world.store.cases.body(case.number)


async def test_a_damaged_record_does_not_stop_the_others(world: World) -> None:
    """It is logged; the next case is forgotten in the same round."""
    broken, fine = await ended(world, Verb.WITHDRAW), await ended(world, Verb.WITHDRAW)
    await raw(world.store).hset(KEYS.case(broken.number), "x", "junk")
    await look(world, 2)
    assert await raw(world.store).exists(KEYS.body(fine.number)) == 0
    assert world.log.lines("damaged")[0]["case"] == broken.number
