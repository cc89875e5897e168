"""What an answer does: a confirmed message is judged as a member's, a disowned one is a stranger's; each once."""

from dataclasses import replace
from typing import Any

import pytest
from answering_world import ANA, BOARD, SENT, SIGNED, AnasRosters, Asked, MembersJudge, unproven_body
from desk_world import site
from memory_cases import START

from listward.filters.identity.origin import OriginKind, Role
from listward.filters.identity.standing import How, Standing
from listward.filters.judgement import Action
from listward.queue.cases.case import Case, CaseState, Said
from listward.queue.cases.commands import Command, Verb
from listward.queue.notices.confirming import bar_to_path
from listward.queue.notices.tokens import Way
from listward.queue.store.ports import Conflict, StoreUnavailable

MOD = "mod@party.example"


async def test_a_confirmed_message_is_judged_as_a_members_and_leaves() -> None:
    """Nothing but the missing proof held it: it is released with the time to undo."""
    world = Asked()
    case, token = await world.hold()
    outcome = await world.confirming.answer(token, Way.LINK, Said.HERS)
    assert outcome is not None
    assert outcome.taken
    now = await world.cases.get(case.number)
    assert (now.state, now.deliver_after, now.draft.origin) == (CaseState.RELEASED, START + 60, "member")
    assert (now.draft.role, now.version) == ("member", 2)
    ((transaction, origin),) = world.judge.seen
    assert (origin, transaction.recipients, transaction.raw) == (OriginKind.MEMBER, (BOARD,), unproven_body())


@pytest.mark.parametrize("action", [Action.HOLD, Action.REJECT, Action.DISCARD, Action.DEFER])
async def test_what_else_holds_it_goes_on_holding_it(action: Action) -> None:
    """No machine refuses here: it waits as a member's message, with a member's reasons."""
    world = Asked(MembersJudge(action))
    case, token = await world.hold()
    await world.confirming.answer(token, Way.LINK, Said.HERS)
    now = await world.cases.get(case.number)
    assert (now.state, now.draft.proven_member) == (CaseState.HELD, True)
    if action.strength >= Action.DISCARD.strength:
        assert [reason.rule for reason in now.draft.reasons] == ["first-posts"]


async def test_one_that_a_moderator_looks_at_stays_with_her() -> None:
    """She decides, and sees that it was confirmed."""
    world = Asked()
    case, token = await world.hold()
    await world.cases.apply(case.number, 1, Command(Verb.CLAIM, MOD, START))
    await world.confirming.answer(token, Way.LINK, Said.HERS)
    now = await world.cases.get(case.number)
    assert (now.state, now.claimed_by, now.draft.proven_member) == (CaseState.CLAIMED, MOD, True)


async def test_whoever_left_the_roster_meanwhile_is_not_let_through() -> None:
    """A person decides."""
    world = Asked()
    case, token = await world.hold()
    world.rosters.entries.clear()
    outcome = await world.confirming.answer(token, Way.LINK, Said.HERS)
    assert (await world.cases.get(case.number)).state is CaseState.HELD
    assert outcome is not None
    assert (outcome.remembered, outcome.barred) == (False, "stranger")


async def test_a_frozen_account_lets_nothing_through() -> None:
    """Whoever reads its mailbox may not be its owner."""
    world = Asked()
    case, token = await world.hold()
    world.accounts.standings[ANA] = Standing(frozen=True)
    await world.confirming.answer(token, Way.LINK, Said.HERS, remember=False)
    now = await world.cases.get(case.number)
    assert (now.state, now.draft.reasons[0].rule) == (CaseState.HELD, "account-frozen")


async def test_a_message_whose_text_is_gone_waits_for_a_person() -> None:
    """What cannot be judged is not let through."""
    world = Asked()
    case, token = await world.hold()
    world.cases.bodies.clear()
    await world.confirming.answer(token, Way.LINK, Said.HERS)
    assert (await world.cases.get(case.number)).state is CaseState.HELD


async def test_a_disowned_message_is_a_strangers() -> None:
    """It stays where it is, nothing is judged, and whoever vouched for its way was mistaken."""
    world = Asked()
    case, token = await world.hold()
    await world.accounts.vouch(BOARD, ANA, SIGNED, MOD, How.RELEASE, START)
    outcome = await world.confirming.answer(token, Way.LINK, Said.NOT_HERS)
    now = await world.cases.get(case.number)
    assert outcome is not None
    assert (outcome.taken, now.state, now.denied, now.draft.origin) == (True, CaseState.HELD, True, "unproven")
    assert (world.judge.seen, world.accounts.kept) == ([], {})


async def test_a_release_that_has_not_left_is_taken_back_by_its_supposed_author() -> None:
    """While there is time to undo."""
    world = Asked()
    case, token = await world.hold()
    await world.cases.apply(case.number, 1, Command(Verb.RELEASE, MOD, START, deliver_after=START + 60))
    assert await world.confirming.answer(token, Way.LINK, Said.HERS) is not None
    assert (await world.cases.get(case.number)).answer is None
    await world.confirming.answer(token, Way.LINK, Said.NOT_HERS)
    assert (await world.cases.get(case.number)).state is CaseState.HELD


@pytest.mark.parametrize("said", list(Said))
async def test_a_ruling_that_came_first_stands(said: Said) -> None:
    """The answer changes nothing."""
    world = Asked()
    case, token = await world.hold()
    await world.cases.apply(case.number, 1, Command(Verb.REJECT, MOD, START, clause="A 7.3", sentence="No."))
    outcome = await world.confirming.answer(token, Way.LINK, said)
    assert outcome is not None
    assert not outcome.taken
    assert (await world.cases.get(case.number)).version == 2


@pytest.mark.parametrize("first", list(Said))
@pytest.mark.parametrize("second", list(Said))
async def test_a_token_is_used_once_and_so_is_the_question(first: Said, second: Said) -> None:
    """Neither the same token nor another one of the same case answers again."""
    world = Asked()
    case, token = await world.hold()
    other = await world.tokens.issue(case.number, ANA, Way.LINK, 1000)
    await world.confirming.answer(token, Way.LINK, first)
    before = await world.cases.get(case.number)
    assert await world.confirming.answer(token, Way.LINK, second) is None
    outcome = await world.confirming.answer(other, Way.LINK, second)
    assert outcome is not None
    assert not outcome.taken
    assert await world.cases.get(case.number) == before


async def test_a_token_of_another_case_person_or_way_asks_nothing() -> None:
    """Nor one that is too old."""
    world = Asked()
    case, token = await world.hold()
    other = await world.tokens.issue(case.number, "kim@home.example", Way.LINK, 1000)
    gone = await world.tokens.issue("99999", ANA, Way.LINK, 1000)
    for made, way in ((other, Way.LINK), (gone, Way.LINK), (token, Way.REPLY), ("x", Way.LINK)):
        assert await world.confirming.asked(made, way) is None
        assert await world.confirming.answer(made, way, Said.HERS) is None
    world.redis.now = 1001
    assert await world.confirming.answer(token, Way.LINK, Said.HERS) is None
    assert (await world.cases.get(case.number)).version == 1


async def test_a_moderator_in_the_same_moment_is_no_reason_to_fail() -> None:
    """The answer looks again, and is taken on what stands now."""
    world = Asked()
    case, token = await world.hold()
    apply, tries = world.cases.apply, []

    async def once_late(number: str, version: int, command: Command) -> Case:
        tries.append(version)
        if len(tries) == 1:
            await apply(number, version, Command(Verb.CLAIM, MOD, START))
            raise Conflict(MOD, version + 1, "claimed")
        return await apply(number, version, command)

    world.cases.apply = once_late  # type: ignore[method-assign]  # the race, made sure
    outcome = await world.confirming.answer(token, Way.LINK, Said.HERS)
    assert outcome is not None
    assert (outcome.taken, tries) == (True, [1, 2])
    assert (await world.cases.get(case.number)).claimed_by == MOD


async def test_the_way_is_remembered_where_it_is_wanted() -> None:
    """The first that can be: a signature before the envelope's domain."""
    world = Asked()
    _, token = await world.hold()
    outcome = await world.confirming.answer(token, Way.LINK, Said.HERS, remember=True)
    assert outcome is not None
    assert (outcome.remembered, outcome.barred) == (True, "")
    (kept,) = world.accounts.kept.values()
    assert (kept.list, kept.author, kept.path, kept.by, kept.how) == (BOARD, ANA, SIGNED, ANA, How.CONFIRMATION)
    again = Asked()
    _, token = await again.hold()
    await again.confirming.answer(token, Way.LINK, Said.HERS, remember=False)
    assert again.accounts.kept == {}


@pytest.mark.parametrize(
    ("role", "changes", "refuses", "why"),
    [
        (Role.OFFICER, {}, "", "office"),
        (Role.MODERATOR, {}, "", "office"),
        (Role.MEMBER, {"paths": ()}, "", "no-path"),
        (Role.MEMBER, {}, "shared", "shared"),
    ],
)
async def test_where_it_cannot_be_remembered_the_reason_is_said(
    role: Role, changes: dict[str, Any], refuses: str, why: str
) -> None:
    """The message is hers all the same."""
    world = Asked(rosters=AnasRosters(role))
    world.accounts.refuses = refuses
    case, token = await world.hold(**changes)
    outcome = await world.confirming.answer(token, Way.LINK, Said.HERS)
    assert outcome is not None
    assert (outcome.taken, outcome.remembered, outcome.barred) == (True, False, why)
    assert (await world.cases.get(case.number)).state is CaseState.RELEASED
    assert world.accounts.kept == {}


async def test_nothing_is_remembered_for_internal_matters_and_without_a_roster() -> None:
    """Whatever their way."""
    world = Asked()
    case, _ = await world.hold()
    inner = replace(case, draft=replace(case.draft, internal=True))
    assert bar_to_path(inner, site(), AnasRosters()) == "internal-list"
    assert bar_to_path(case, site(), None) == "no-list"
    assert bar_to_path(replace(case, draft=replace(case.draft, paths=(SENT,))), site(), AnasRosters()) == ""


async def test_a_store_that_is_away_takes_no_answer() -> None:
    """The token is not spent: she can try again."""
    world = Asked()
    case, token = await world.hold()
    world.cases.away = True
    with pytest.raises(StoreUnavailable):
        await world.confirming.answer(token, Way.LINK, Said.HERS)
    world.cases.away = False
    await world.confirming.answer(token, Way.LINK, Said.HERS)
    assert (await world.cases.get(case.number)).state is CaseState.RELEASED


async def test_a_way_that_cannot_be_remembered_now_costs_nothing_else() -> None:
    """The message leaves, and she is told that its way is not remembered."""
    world = Asked()
    case, token = await world.hold()

    async def away(*_: object) -> str:
        raise StoreUnavailable("away")

    world.accounts.vouch = away  # type: ignore[method-assign]  # it goes away between the two
    outcome = await world.confirming.answer(token, Way.LINK, Said.HERS)
    assert outcome is not None
    assert (outcome.taken, outcome.remembered, outcome.barred) == (True, False, "not-now")
    assert (await world.cases.get(case.number)).state is CaseState.RELEASED


async def test_a_no_that_cannot_end_a_vouch_is_not_taken_yet() -> None:
    """The whole answer is tried again: nothing is half done."""
    world = Asked()
    case, token = await world.hold()
    made = await world.accounts.vouch(BOARD, ANA, SIGNED, MOD, How.RELEASE, START)
    world.accounts.away = True
    with pytest.raises(StoreUnavailable):
        await world.confirming.answer(token, Way.LINK, Said.NOT_HERS)
    assert (await world.cases.get(case.number)).answer is None
    world.accounts.away = False
    await world.confirming.answer(token, Way.LINK, Said.NOT_HERS)
    assert (await world.cases.get(case.number)).denied
    assert world.accounts.ended == [(made, ANA)]
