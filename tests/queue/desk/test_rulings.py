"""What a person may do with a case, with which words, and who was first."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest
from desk_world import World, policy, site
from memory_cases import START, MemoryCases, draft, stranger

from listward.config.site import Queue
from listward.filters.probes import ProbeUnavailable
from listward.queue.cases.case import Case, CaseState, StoredEnvelope
from listward.queue.cases.commands import Verb
from listward.queue.desk.access.person import Person, operator
from listward.queue.desk.rulings import VERBS, NeedsWords, NotYours, Rulings
from listward.queue.store.ports import Conflict, StoreUnavailable, UnknownCase
from listward.wire.payload import Payload

MOD = Person("mod@party.example", queues=frozenset({"moderators"}))
MOD2 = Person("mod2@party.example", queues=frozenset({"moderators"}))
OFFICE = Person("intl@party.example", queues=frozenset({"international"}))
WORDS = ("A 7.3", "Please leave the appeal out.")


async def held(world: World, **changes: object) -> Case:
    """A member's message that waits."""
    return await world.cases.hold(draft(**changes), Payload(b"x"))


def rulings(world: World, **options: object) -> Rulings:
    """The rulings of this world."""
    return Rulings(world.cases, world.site, world.policy, world.clock, world.metrics, **options)  # type: ignore[arg-type]


@pytest.fixture
def world() -> World:
    """A desk without users: persons are handed in."""
    return World()


async def test_release_is_one_touch_and_waits_for_undo(world: World) -> None:
    """No words are needed; the message leaves after the time for undo."""
    case = await held(world)
    released = await rulings(world).rule(MOD, case.number, Verb.RELEASE, case.version)
    assert released.state is CaseState.RELEASED
    assert released.deliver_after == START + 60
    assert released.ruling is not None
    assert released.ruling.by == MOD.address


async def test_undo_brings_it_back_in_time_and_not_later(world: World) -> None:
    """Within sixty seconds any moderator may take a release back."""
    case = await held(world)
    desk = rulings(world)
    released = await desk.rule(MOD, case.number, Verb.RELEASE, case.version)
    world.clock.at += 59
    back = await desk.rule(MOD2, case.number, Verb.UNDO, released.version)
    assert back.state is CaseState.HELD
    again = await desk.rule(MOD, case.number, Verb.RELEASE, back.version)
    world.clock.at += 61
    with pytest.raises(Conflict):
        await desk.rule(MOD, case.number, Verb.UNDO, again.version)


@pytest.mark.parametrize("words", [("", ""), ("A 7.3", ""), ("", "Why."), ("A 7.3", "  \n "), ("A 99", "Why.")])
async def test_a_reject_needs_clause_and_sentence(world: World, words: tuple[str, str]) -> None:
    """Without both, or with a clause that does not exist, nothing happens."""
    case = await held(world)
    with pytest.raises(NeedsWords):
        await rulings(world).rule(MOD, case.number, Verb.REJECT, case.version, *words)
    assert (await world.cases.get(case.number)).version == case.version


async def test_a_reject_keeps_clause_and_sentence(world: World) -> None:
    """The words stand in the ruling, on one line and without control characters."""
    case = await held(world)
    rejected = await rulings(world).rule(
        MOD, case.number, Verb.REJECT, case.version, " A 7.3 ", "Please\r\nBcc: x\x1b[2J leave it out."
    )
    assert rejected.ruling is not None
    assert (rejected.ruling.clause, rejected.ruling.sentence) == ("A 7.3", "Please Bcc: x·[2J leave it out.")


async def test_discarding_a_proven_authors_mail_needs_words(world: World) -> None:
    """As for a reject; a stranger's mail goes without."""
    case = await held(world)
    desk = rulings(world)
    with pytest.raises(NeedsWords):
        await desk.rule(MOD, case.number, Verb.DISCARD, case.version)
    assert (await desk.rule(MOD, case.number, Verb.DISCARD, case.version, *WORDS)).state is CaseState.DISCARDED
    spam = await world.cases.hold(stranger(), Payload(b"x"))
    assert (await desk.rule(MOD, spam.number, Verb.DISCARD, spam.version)).state is CaseState.DISCARDED


async def test_another_queues_case_is_not_yours(world: World) -> None:
    """Neither to read nor to decide, whichever the act."""
    case = await held(world)
    desk = rulings(world)
    with pytest.raises(NotYours):
        await desk.see(OFFICE, case.number)
    for verb in VERBS:
        with pytest.raises(NotYours):
            await desk.rule(OFFICE, case.number, verb, case.version, *WORDS)
    assert (await world.cases.get(case.number)).version == case.version


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb not in VERBS])
async def test_the_couriers_acts_are_not_for_people(world: World, verb: Verb) -> None:
    """Nobody marks a case as delivered by hand."""
    case = await held(world)
    with pytest.raises(NotYours):
        await rulings(world).rule(MOD, case.number, verb, case.version, *WORDS)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("author", ["mod@party.example", "MOD@Party.Example", "mod+lists@party.example"])
async def test_nobody_decides_on_their_own_message(world: World, verb: Verb, author: str) -> None:
    """Not by From and not by the envelope sender, also with a detail behind a plus."""
    for changes in ({"author": author}, {"envelope": StoredEnvelope(author, ("board@party.example",))}):
        case = await held(world, **changes)
        with pytest.raises(NotYours, match="own message"):
            await rulings(world).rule(MOD, case.number, verb, case.version, *WORDS)


async def test_the_loser_of_a_race_is_told_who_won(world: World) -> None:
    """Two rulings on the same version: one holds, the other is a conflict that names the winner."""
    case = await held(world)
    desk = rulings(world)
    outcomes = await asyncio.gather(
        desk.rule(MOD, case.number, Verb.RELEASE, case.version),
        desk.rule(MOD2, case.number, Verb.REJECT, case.version, *WORDS),
        return_exceptions=True,
    )
    conflicts = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert len(conflicts) == 1
    assert conflicts[0].decided_by in {MOD.address, MOD2.address}


async def test_the_late_are_told_before_they_are_asked_for_words(world: World) -> None:
    """A reject without words on a case that is decided is a conflict, not a form to fill in."""
    case = await held(world)
    desk = rulings(world)
    await desk.rule(MOD, case.number, Verb.RELEASE, case.version)
    with pytest.raises(Conflict) as caught:
        await desk.rule(MOD2, case.number, Verb.REJECT, case.version)
    assert caught.value.decided_by == MOD.address


async def test_a_claim_keeps_colleagues_off_and_can_be_given_back(world: World) -> None:
    """A colleague's release of a claimed case names the claimant; after unclaim it goes."""
    case = await held(world)
    desk = rulings(world)
    claimed = await desk.rule(MOD, case.number, Verb.CLAIM, case.version)
    with pytest.raises(Conflict) as caught:
        await desk.rule(MOD2, case.number, Verb.RELEASE, claimed.version)
    assert caught.value.decided_by == MOD.address
    free = await desk.rule(MOD, case.number, Verb.UNCLAIM, claimed.version)
    assert (await desk.rule(MOD2, case.number, Verb.RELEASE, free.version)).state is CaseState.RELEASED


async def test_each_queue_approves_for_itself(world: World) -> None:
    """Two queues, two people: the case is released by the second; who has approved already is told so."""
    case = await held(world, queues=("moderators", "international"))
    desk = rulings(world)
    first = await desk.rule(MOD, case.number, Verb.RELEASE, case.version)
    assert first.state is CaseState.HELD
    with pytest.raises(NotYours, match="approved already"):
        await desk.rule(MOD, case.number, Verb.RELEASE, first.version)
    second = await desk.rule(OFFICE, case.number, Verb.RELEASE, first.version)
    assert second.state is CaseState.RELEASED
    assert [approval.queue for approval in second.approvals] == ["moderators", "international"]


async def test_who_serves_both_queues_releases_in_one_touch(world: World) -> None:
    """One press is enough for a person of both."""
    both = replace(MOD, queues=frozenset({"moderators", "international"}))
    case = await held(world, queues=("moderators", "international"))
    assert (await rulings(world).rule(both, case.number, Verb.RELEASE, case.version)).state is CaseState.RELEASED


async def test_any_queue_may_reject(world: World) -> None:
    """One no is enough."""
    case = await held(world, queues=("moderators", "international"))
    rejected = await rulings(world).rule(OFFICE, case.number, Verb.REJECT, case.version, *WORDS)
    assert rejected.state is CaseState.REJECTED


async def test_a_case_is_passed_on_to_the_queue_above(world: World) -> None:
    """Without words; where there is nothing above, it says so."""
    case = await held(world)
    desk = rulings(world)
    assert desk.above(MOD, case) == "secretary"
    passed = await desk.rule(MOD, case.number, Verb.ESCALATE, case.version)
    assert passed.draft.queues == ("secretary",)
    other = await held(world, queues=("international",))
    with pytest.raises(NotYours, match="no queue above"):
        await desk.rule(OFFICE, other.number, Verb.ESCALATE, other.version)


async def test_an_internal_matter_is_not_released_to_a_public_list() -> None:
    """Routing is checked again at release: the list was opened while the message waited."""
    opened = site()
    lists = tuple(entry.model_copy(update={"zone": "public"}) for entry in opened.lists)
    world = World(site=opened.model_copy(update={"lists": lists}))
    case = await held(world, internal=True)
    with pytest.raises(NotYours, match="public"):
        await rulings(world).rule(MOD, case.number, Verb.RELEASE, case.version)


@pytest.mark.parametrize(
    ("list_address", "recipients", "goes"),
    [
        ("inner@party.example", ("inner@party.example",), True),
        ("inner@party.example", ("ana@inside.party.example", "INNER@party.example"), True),
        ("inner@party.example", ("ana@inside.party.example", "bob@home.example"), False),
        ("inner@party.example", ("ana@party.example",), False),
        ("inner@party.example", ("board@party.example",), False),
        ("board@party.example", ("board@party.example",), True),
        ("board@party.example", ("bob@home.example",), False),
        ("gone@party.example", ("gone@party.example",), False),
    ],
)
async def test_an_internal_matter_leaves_only_for_the_inside(
    world: World, list_address: str, recipients: tuple[str, ...], goes: bool
) -> None:
    """Every frozen recipient counts; a members' list is for its moderator to decide."""
    envelope = StoredEnvelope("ana@party.example", recipients)
    case = await held(world, list=list_address, envelope=envelope, internal=True, author="eva@party.example")
    if goes:
        assert (await rulings(world).rule(MOD, case.number, Verb.RELEASE, 1)).state is CaseState.RELEASED
        return
    with pytest.raises(NotYours, match="somebody outside"):
        await rulings(world).rule(MOD, case.number, Verb.RELEASE, 1)


async def test_a_list_that_became_internal_keeps_its_waiting_mail_inside(world: World) -> None:
    """Copies for outside subscribers are not released, also where the case was not marked internal."""
    envelope = StoredEnvelope("inner-bounces@party.example", ("bob@home.example",))
    case = await held(world, list="inner@party.example", envelope=envelope, internal=False)
    with pytest.raises(NotYours, match="somebody outside"):
        await rulings(world).rule(MOD, case.number, Verb.RELEASE, 1)
    public = await held(world, envelope=envelope, internal=False)
    assert (await rulings(world).rule(MOD, public.number, Verb.RELEASE, 1)).state is CaseState.RELEASED


@pytest.mark.parametrize("number", ["10008", "1000-8", "#10008", " 10008 "])
async def test_numbers_are_read_as_people_write_them(world: World, number: str) -> None:
    """Dashes and blanks do not matter."""
    await held(world)
    assert (await rulings(world).see(MOD, number)).number == "10008"


@pytest.mark.parametrize("number", ["", "10009", "99", "../etc", "1" * 500, "<script>", "१०००८"])
async def test_what_is_no_number_is_no_case(world: World, number: str) -> None:
    """Garbage ends as an unknown case, never elsewhere."""
    with pytest.raises(UnknownCase):
        await rulings(world).see(MOD, number)


async def test_decided_cases_stay_visible_for_a_week(world: World) -> None:
    """After that they are nobody's to open, but the operator's."""
    case = await held(world)
    desk = rulings(world)
    await desk.rule(MOD, case.number, Verb.REJECT, case.version, *WORDS)
    world.clock.at += 7 * 86_400 - 1
    assert await desk.see(MOD2, case.number)
    world.clock.at += 2
    with pytest.raises(NotYours):
        await desk.see(MOD2, case.number)
    assert await desk.see(operator("root"), case.number)


async def test_a_bundle_discards_strangers_spam_and_nothing_else(world: World) -> None:
    """A member's message, an unproven member's, an internal one, an unknown number and a late one stay."""
    desk = rulings(world)
    spam = [await world.cases.hold(stranger(), Payload(b"x")) for _ in range(3)]
    member = await held(world)
    unproven = await world.cases.hold(stranger(role="member"), Payload(b"x"))
    internal = await world.cases.hold(stranger(internal=True), Payload(b"x"))
    doubtful = await world.cases.hold(stranger(spam_score=0.2, reasons=()), Payload(b"x"))
    await desk.rule(MOD2, spam[2].number, Verb.RELEASE, spam[2].version)
    asked = [*spam, member, unproven, internal, doubtful]
    outcomes = await desk.discard_bundle(MOD, [*((case.number, 1) for case in asked), ("99999", 1)])
    assert [outcome.case is not None for outcome in outcomes] == [True, True, *[False] * 6]
    assert "mod2@party.example was first" in outcomes[2].problem
    for case in (member, unproven, internal, doubtful):
        assert (await world.cases.get(case.number)).state is CaseState.HELD


@pytest.mark.parametrize("away", [False, True])
async def test_a_roster_address_is_never_in_a_bundle(world: World, away: bool) -> None:
    """Also where the mail did not prove it; and while the roster is away nobody can say, so nobody is."""

    def find(list_address: str, address: str) -> object:
        if away:
            raise ProbeUnavailable("away")
        return object() if (list_address, address) == ("board@party.example", "win@spam.example") else None

    rosters = SimpleNamespace(find=find, names=lambda _: frozenset())
    case = await world.cases.hold(stranger(), Payload(b"x"))
    outcomes = await rulings(world, rosters=rosters).discard_bundle(MOD, [(case.number, 1)])
    assert outcomes[0].case is None


@pytest.mark.parametrize(
    ("facts", "bundled"),
    [
        ({"spam_score": 0.9}, True),
        ({"spam_score": 0.5, "reasons": ()}, False),
        ({"spam_score": 0.89, "reasons": ()}, False),
        ({"spam_score": 0.0}, True),  # a reader has found it to be spam
        ({"spam_score": 0.95, "origin": "known", "authenticated": True}, True),
        ({"spam_score": 0.5, "origin": "known", "authenticated": True}, False),
        ({"spam_score": 0.99, "origin": "member", "authenticated": True}, False),
        ({"spam_score": 0.99, "origin": "internal", "authenticated": True}, False),
        ({"spam_score": 0.99, "origin": "known", "authenticated": True, "role": "banned"}, False),
    ],
)
async def test_likely_spam_of_strangers_is_bundled_proven_or_not(
    world: World, facts: dict[str, object], bundled: bool
) -> None:
    """A proven address makes spam no better; a middling score makes an innocent message no spam."""
    case = await world.cases.hold(stranger(**facts), Payload(b"x"))
    (outcome,) = await rulings(world).discard_bundle(MOD, [(case.number, 1)])
    assert (outcome.case is not None) is bundled
    assert rulings(world).is_bundled(case) is bundled


async def test_people_of_another_lists_roster_are_never_in_a_bundle(world: World) -> None:
    """Members write to lists that they are not on, and their mail may look like junk."""
    rosters = SimpleNamespace(find=lambda on, _: object() if on == "inner@party.example" else None)
    case = await world.cases.hold(stranger(origin="known", authenticated=True), Payload(b"x"))
    (outcome,) = await rulings(world, rosters=rosters).discard_bundle(MOD, [(case.number, 1)])
    assert outcome.case is None


async def test_a_bundle_asks_what_every_act_asks(world: World) -> None:
    """One's own message and a colleague's claim are no bundle's."""
    own = await world.cases.hold(stranger(author=MOD.address), Payload(b"x"))
    claimed = await world.cases.hold(stranger(), Payload(b"x"))
    await rulings(world).rule(MOD2, claimed.number, Verb.CLAIM, 1)
    outcomes = await rulings(world).discard_bundle(MOD, [(own.number, 1), (claimed.number, 2)])
    assert [outcome.case for outcome in outcomes] == [None, None]


async def test_a_bundle_has_a_bound(world: World) -> None:
    """Five hundred cases are enough for one touch."""
    with pytest.raises(NeedsWords):
        await rulings(world).discard_bundle(MOD, [("10008", 1)] * 501)


async def test_time_to_decision_is_measured_once(world: World) -> None:
    """A ruling counts from the hold; claim and undo do not count."""
    case = await held(world)
    desk = rulings(world)
    world.clock.at += 100
    claimed = await desk.rule(MOD, case.number, Verb.CLAIM, case.version)
    released = await desk.rule(MOD, case.number, Verb.RELEASE, claimed.version)
    back = await desk.rule(MOD, case.number, Verb.UNDO, released.version)
    await desk.rule(MOD, case.number, Verb.REJECT, back.version, *WORDS)
    samples = {sample.name: sample.value for sample in next(iter(world.metrics.decision_seconds.collect())).samples}
    assert samples["listward_decision_seconds_count"] == 1
    assert samples["listward_decision_seconds_sum"] == 100


async def test_a_store_that_is_away_promises_nothing(world: World) -> None:
    """The error passes on, so that every door can say "try again"."""
    case = await held(world)
    world.cases.away = True
    with pytest.raises(StoreUnavailable):
        await rulings(world).rule(MOD, case.number, Verb.RELEASE, case.version)


async def test_undo_time_comes_from_the_site() -> None:
    """[clocks] undo_s is what counts."""
    base = site()
    quick = base.model_copy(update={"clocks": base.clocks.model_copy(update={"undo_s": 5})})
    world = World(site=quick)
    case = await held(world)
    released = await rulings(world).rule(MOD, case.number, Verb.RELEASE, case.version)
    assert released.deliver_after == START + 5


async def test_escalation_needs_a_queue_above() -> None:
    """A queue whose table names none has none."""
    world = World(site=site(queue=(Queue(name="moderators", group="moderators"),)), cases=MemoryCases())
    case = await held(world)
    desk = Rulings(world.cases, world.site, policy(), world.clock)
    assert desk.above(MOD, case) == ""
