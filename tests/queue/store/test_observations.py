"""What rules on trial would have done, in a real store: counts, examples, marks, and how all of it lapses."""

from dataclasses import replace

import pytest
from store_world import DAY, LIST, HandClock

from listward.config.phrases import PhraseList
from listward.config.policy import Policy, Rule
from listward.config.site import Limits, Site
from listward.filters.judgement import Action
from listward.filters.policy.trial import Standing, Trial, trial_of
from listward.queue.store.connect import Store, connect
from listward.queue.store.names import ListKeys
from listward.queue.store.observations import Example, Observation, Would
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.metrics import Metrics

OTHER = "members@party.example"
RULES = (
    Rule(name="heat", stage="content", action="hold"),
    Rule(name="junk", stage="content", action="reject", mode="shadow"),
)
POLICY = Policy(rule=RULES, digest="ab" * 32)
TRIAL = trial_of(POLICY, observing=True)
HEAT, JUNK = TRIAL.keys["heat"], TRIAL.keys["junk"]
SECRET = "The rent is due, dear friends."
EXAMPLE = Example(Action.HOLD, "heat was found", "Rent \ud800", SECRET, ("rent",), "member", covered=True)


def seen(clock: HandClock, *would: Would, on: str = LIST, trial: Trial = TRIAL) -> Observation:
    """One message."""
    return Observation(on, clock.now(), trial, would)


def heated(example: Example | None = EXAMPLE) -> Would:
    """What the heat rule would have done."""
    return Would(HEAT, Action.HOLD, example=example)


async def test_counts_add_up_by_list_rule_and_action(store: Store, clock: HandClock) -> None:
    """Over days; what another rule came before is counted as such too, and other lists have counts of their own."""
    both = (heated(None), Would(JUNK, Action.REJECT, after=True))
    lacking = replace(seen(clock), undecided=(HEAT,))
    await store.observations.observed([lacking, seen(clock, *both), seen(clock, on=OTHER)])
    clock.turn(DAY)
    await store.observations.observed([seen(clock, Would(JUNK, Action.HOLD))])
    found = await store.observations.figures(LIST, 0)
    assert found.judged == {("ab" * 8, True): 3}
    assert found.would == {HEAT: {Action.HOLD: 1}, JUNK: {Action.REJECT: 1, Action.HOLD: 1}}
    assert found.after == {JUNK: {Action.REJECT: 1}}
    assert found.undecided == {HEAT: 1}
    assert (await store.observations.figures(LIST, clock.now())).judged == {("ab" * 8, True): 1}
    assert (await store.observations.figures(OTHER, 0)).would == {}


async def test_a_batch_that_came_twice_counts_once(store: Store, clock: HandClock) -> None:
    """A lost reply makes the store's connection send it again."""
    address, command = LIST, store.observations._observed(LIST, int(clock.now() // DAY), [seen(clock, heated())])
    for _ in range(2):
        await store.lanes.one(command[0], *command[1])
    assert (await store.observations.figures(address, 0)).would == {HEAT: {Action.HOLD: 1}}
    assert len(await store.observations.examples(LIST, HEAT)) == 1


async def test_counts_lapse_by_themselves(store: Store, clock: HandClock) -> None:
    """Each day's key has its end, examples after fourteen days at most, and nothing else is left in the store."""
    await store.observations.observed([seen(clock, heated())])
    day = int(clock.now() // DAY)
    keys = ListKeys(LIST)
    counts = await store.lanes.one("any", "TTL", keys.watched(day))
    examples = await store.lanes.one("any", "TTL", keys.examples(day))
    assert 89 * DAY < counts <= 91 * DAY
    assert 13 * DAY < examples <= 14 * DAY
    every = await store.lanes.one("any", "KEYS", "*")
    for_good = [key for key in every if await store.lanes.one("any", "TTL", key) < 0]
    assert for_good == []
    clock.turn(14 * DAY)
    assert await store.observations.examples(LIST, HEAT) == ()


async def test_the_rules_of_a_policy_are_remembered(store: Store, clock: HandClock) -> None:
    """With their standings, so that cases and counts of an earlier policy are told apart."""
    await store.observations.observed([seen(clock)])
    known = await store.observations.policies([POLICY.digest, "cd" * 32])
    assert known == {"ab" * 8: {HEAT: Standing.FORCE, JUNK: Standing.SHADOW}}


async def test_an_example_is_sealed_and_names_nobody(store: Store, clock: HandClock) -> None:
    """What lies in the store cannot be read there; what is opened is what was kept, halves of characters included."""
    await store.observations.observed([seen(clock, heated())])
    (kept,) = await store.observations.examples(LIST, HEAT)
    assert (kept.example, kept.mark) == (EXAMPLE, None)
    lying = await store.lanes.one("any", "HGETALL", ListKeys(LIST).examples(int(clock.now() // DAY)))
    assert not any(word in value.lower() for value in lying.values() for word in (b"rent", b"member"))
    assert not {"author", "sender", "address", "name"} & set(EXAMPLE.__slots__)


async def test_an_example_opens_for_its_own_list_alone(store: Store, clock: HandClock) -> None:
    """Moved to another list's key it is not shown."""
    await store.observations.observed([seen(clock, heated())])
    day = int(clock.now() // DAY)
    await store.lanes.one("any", "COPY", ListKeys(LIST).examples(day), ListKeys(OTHER).examples(day))
    assert await store.observations.examples(OTHER, HEAT) == ()


async def test_examples_are_few_however_many_there_are(store: Store, site: Site, clock: HandClock) -> None:
    """At most so many of a rule and day, drawn from all of them; what finds no place is counted."""
    store.settings.adopt(site.model_copy(update={"limits": Limits(examples_per_day=3)}))
    metrics = Metrics()
    store.observations._metrics = metrics
    for number in range(60):
        await store.observations.observed([seen(clock, heated(replace(EXAMPLE, subject=str(number))))])
    subjects = {int(kept.example.subject) for kept in await store.observations.examples(LIST, HEAT)}
    assert len(subjects) == 3
    assert max(subjects) > 2
    assert (metrics.registry.get_sample_value("listward_limits_hit_total", {"limit": "examples"}) or 0) >= 10


async def test_no_examples_where_none_are_wanted(store: Store, site: Site, clock: HandClock) -> None:
    """Counts stay."""
    store.settings.adopt(site.model_copy(update={"limits": Limits(examples_per_day=0)}))
    await store.observations.observed([seen(clock, heated())])
    assert await store.observations.examples(LIST, HEAT) == ()
    assert (await store.observations.figures(LIST, 0)).would == {HEAT: {Action.HOLD: 1}}


async def test_marks_are_counted_and_can_be_changed(store: Store, clock: HandClock) -> None:
    """A second touch counts no more; the other answer takes the first one's place; marks outlive the text."""
    await store.observations.observed([seen(clock, heated())])
    (kept,) = await store.observations.examples(LIST, HEAT)
    for mark, right, wrong in ((True, 1, 0), (True, 1, 0), (False, 0, 1), (None, 0, 0), (False, 0, 1)):
        assert await store.observations.mark(kept.place, mark)
        found = await store.observations.figures(LIST, 0)
        assert (found.right.get(HEAT, 0), found.wrong.get(HEAT, 0)) == (right, wrong)
        assert (await store.observations.examples(LIST, HEAT))[0].mark is mark
    clock.turn(20 * DAY)
    assert (await store.observations.figures(LIST, 0)).wrong == {HEAT: 1}


async def test_a_marked_example_keeps_its_place(store: Store, site: Site, clock: HandClock) -> None:
    """And one that is gone cannot be marked."""
    store.settings.adopt(site.model_copy(update={"limits": Limits(examples_per_day=1)}))
    await store.observations.observed([seen(clock, heated())])
    (kept,) = await store.observations.examples(LIST, HEAT)
    assert not await store.observations.mark(replace(kept.place, id="0" * 16), True)
    assert not await store.observations.mark(replace(kept.place, day=kept.place.day - 1), True)
    assert await store.observations.mark(kept.place, True)
    for _ in range(30):
        await store.observations.observed([seen(clock, heated(replace(EXAMPLE, subject="new")))])
    assert [one.place for one in await store.observations.examples(LIST, HEAT)] == [kept.place]


async def test_a_flood_writes_few_examples_at_once(store: Store, clock: HandClock) -> None:
    """All are counted."""
    await store.observations.observed([seen(clock, heated()) for _ in range(200)])
    assert len(await store.observations.examples(LIST, HEAT)) == 5
    assert (await store.observations.figures(LIST, 0)).would == {HEAT: {Action.HOLD: 200}}


async def test_damage_hides_one_example(store: Store, clock: HandClock) -> None:
    """The others are shown."""
    await store.observations.observed([seen(clock, heated())])
    await store.observations.observed([seen(clock, heated())])
    key = ListKeys(LIST).examples(int(clock.now() // DAY))
    await store.lanes.one(key, "HSET", key, f"e:{HEAT}:1", "-" + "0" * 16 + "damaged")
    assert len(await store.observations.examples(LIST, HEAT)) == 1


async def test_without_a_store_nothing_is_known(site: Site, clock: HandClock) -> None:
    """It says so."""
    table = site.store.model_copy(update={"url": "unix:///nowhere/redis.sock"})
    away = connect(site.model_copy(update={"store": table}), clock=clock)
    with pytest.raises(StoreUnavailable):
        await away.observations.figures(LIST, clock.now())
    with pytest.raises(StoreUnavailable):
        await away.observations.observed([seen(clock)])
    await away.close()


def test_the_key_of_a_rule_goes_by_what_it_asks() -> None:
    """Its mode, words and clause may change; its conditions, action or stage make another rule of it."""
    old = TRIAL.keys["heat"]
    for change, same in (
        ({"mode": "hold"}, True),
        ({"words": "Other words.", "clause": "4.3", "queue": "press"}, True),
        ({"without_dns": "defer"}, True),
        ({"without_dns": "skip"}, False),
        ({"action": "reject"}, False),
        ({"when": {"category": ("abuse",)}}, False),
    ):
        rule = Rule.model_validate({**RULES[0].model_dump(exclude_unset=True), **change})
        changed = trial_of(Policy(rule=(rule,)), observing=False)
        assert (changed.keys["heat"] == old) is same, change


def test_another_phrase_makes_another_rule_of_it() -> None:
    """So that what was marked before says nothing of it; a list that it does not ask for changes nothing."""
    rule = Rule.model_validate({**RULES[0].model_dump(exclude_unset=True), "when": {"phrases": ["money"]}})
    lists = ({"money": ("rent",)}, {"money": ("rent", "loan")}, {"money": ("rent",), "other": ("loan",)})
    one, more, beside = (
        trial_of(
            Policy(rule=(rule,), phrases={name: PhraseList(entries=words) for name, words in given.items()}), False
        )
        for given in lists
    )
    assert one.keys != more.keys
    assert one.keys == beside.keys
