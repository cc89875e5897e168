"""Answers on a real store: what a confirmed or disowned message is in every index, and what retention leaves of it."""

from courier_world import World
from store_world import DAY, raw

from listward.filters.identity.standing import Method, Path
from listward.queue.cases.case import Answer, Case, CaseState, Reason, Said
from listward.queue.cases.commands import Command, Verb
from listward.queue.store.names import ListKeys

LIST = "board@party.example"
KEYS = ListKeys(LIST)
PATHS = (Path(Method.DKIM, "small-host.example", "s1"), Path(Method.SPF, "small-host.example"))
ANA = "ana@member.example"


async def unproven(world: World) -> Case:
    """A held message that nothing proves."""
    return await world.held(origin="unproven", authenticated=False, role="", paths=PATHS)


async def answered(world: World, case: Case, said: Said, deliver_in: float = 0.0) -> Case:
    """Her answer."""
    now = world.clock.now()
    reasons = (Reason("first-posts", "identity", "", "First posts are read.", "text", 0, 5, "Hello"),)
    answer = Answer(said, now, "member", reasons if said is Said.HERS else ())
    verb = Verb.CONFIRM if said is Said.HERS else Verb.DENY
    after = now + deliver_in if deliver_in else 0.0
    command = Command(verb, ANA, now, deliver_after=after, answer=answer)
    return await world.store.cases.apply(case.number, case.version, command)


async def test_the_answer_comes_back_from_the_store(world: World) -> None:
    """With origin, role, reasons and paths."""
    case = await answered(world, await unproven(world), Said.HERS)
    found = await world.store.cases.get(case.number)
    assert found == case
    assert (found.draft.origin, found.draft.proven_member, found.draft.paths) == ("member", True, PATHS)


async def test_a_confirmed_message_never_expires_a_disowned_one_does(world: World) -> None:
    """The first is a member's, the second a stranger's."""
    hers = await answered(world, await unproven(world), Said.HERS)
    other = await answered(world, await unproven(world), Said.NOT_HERS)
    world.clock.turn(15 * DAY)
    courier = world.courier()
    await courier.take_leases()
    await courier.turn_clocks()
    assert (await world.now(hers)).state is CaseState.HELD
    assert (await world.now(other)).state is CaseState.EXPIRED


async def test_one_that_was_released_with_the_answer_is_delivered(world: World) -> None:
    """Once, after the time to undo."""
    case = await answered(world, await unproven(world), Said.HERS, deliver_in=60)
    world.clock.turn(61)
    await world.once(world.courier())
    assert (await world.now(case)).state is CaseState.DELIVERED


async def test_a_disowned_release_waits_again_and_reminds_again(world: World) -> None:
    """Its clock begins anew."""
    case = await unproven(world)
    now = world.clock.now()
    release = Command(Verb.RELEASE, "mod@party.example", now, queue="moderators", deliver_after=now + 60)
    case = await world.store.cases.apply(case.number, case.version, release)
    await answered(world, case, Said.NOT_HERS)
    world.clock.turn(61)
    await world.once(world.courier())
    assert (await world.now(case)).state is CaseState.HELD
    assert await raw(world.store).zscore(KEYS.waiting("remind"), case.number)


async def test_retention_leaves_no_words_of_the_message(world: World) -> None:
    """Neither in the draft nor in the reasons that the answer brought; later no way of sending either."""
    case = await answered(world, await unproven(world), Said.HERS)
    await world.store.forgetting.forget_text(case.number)
    kept = await world.now(case)
    assert [(reason.rule, reason.quote) for reason in kept.draft.reasons] == [("first-posts", "")]
    assert (kept.draft.subject, kept.draft.origin) == ("", "member")
    await world.store.forgetting.forget_person(case.number)
    kept = await world.now(case)
    assert (kept.draft.paths, kept.draft.envelope.sender) == ((), "")
    assert kept.draft.author != ANA


async def test_the_answer_is_in_the_audit_trail(world: World) -> None:
    """Who answered is personal there, and can be erased."""
    await answered(world, await unproven(world), Said.NOT_HERS)
    entries = [fields for _, fields in await raw(world.store).xrange(KEYS.audit)]
    assert any(b'"verb":"deny"' in value for fields in entries for value in fields.values())
    assert not any(ANA.encode() in value for fields in entries for value in fields.values())
