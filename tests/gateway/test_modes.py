"""Modes end to end: a worker with a real store, a policy of its own; and what watching rules leave behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from scripted_hop import Say
from vouching_world import INNER, MEMBERS, SITE, STRANGER, World, vouching_world

from listward.filters.judgement import Action
from listward.filters.policy.trial import name_of
from listward.queue.store.observations import Figures

POLICY = """
name = "Trial"

[[rule]]
name = "casino"
stage = "content"
action = "reject"
mode = "{mode}"
when = {{ text = ["roulette night"] }}

[[rule]]
name = "any-game"
stage = "content"
action = "hold"
mode = "shadow"
when = {{ text = ["roulette"] }}
"""
GAME = {"text": "Dear all, come to our roulette night on Friday.\r\n"}
MODE = '\n[policy]\nmode = "{mode}"\n'
TUNED = 'next_hop = "{hop}"\nroster = "members.csv"\ntuners = ["tuner@party.example"]\n'


@asynccontextmanager
async def world_with(
    folder: Path, rule: str = "enforce", site: str = "enforce", tuned: bool = False
) -> AsyncIterator[World]:
    """A worker under such modes."""
    mode, action = ("enforce", "defer") if rule == "defer" else (rule, "reject")
    (folder / "policy.toml").write_text(POLICY.format(mode=mode).replace('"reject"', f'"{action}"'))
    text = SITE + MODE.format(mode=site)
    if tuned:
        text = text.replace('next_hop = "{hop}"\nroster = "members.csv"\n', TUNED)
    async with vouching_world(folder, site=text) as world:
        yield world


async def counted(world: World, address: str = MEMBERS) -> tuple[int, dict[str, dict[Action, int]], Figures]:
    """How many messages were counted, and what each rule would have done, by its name."""
    observing = world.worker._services.observing
    assert observing is not None
    await observing.write()
    found = await world.store.observations.figures(address, 0)
    return sum(found.judged.values()), {name_of(key): row for key, row in found.would.items()}, found


@pytest.mark.parametrize(
    ("mode", "code", "cases", "would"),
    [
        ("off", 250, 0, None),
        ("shadow", 250, 0, "reject"),
        ("hold", 250, 1, None),
        ("enforce", 550, 0, None),
    ],
)
async def test_a_rule_does_what_its_mode_says(
    tmp_path: Path, mode: str, code: int, cases: int, would: str | None
) -> None:
    """Nothing; counting alone; a hold at most; what it says."""
    async with world_with(tmp_path, mode) as world:
        assert (await world.send(STRANGER, host="", **GAME))[0] == code
        assert len(await world.cases()) == cases
        assert len(world.hop.messages) == (1 if code == 250 and not cases else 0)
        value = world.metrics.registry.get_sample_value
        for action in Action:
            expected = 1 if action.value == would else None
            assert value("listward_shadow_total", {"rule": "casino", "action": action.value}) == expected
        _, by_rule, _ = await counted(world)
        assert by_rule.get("casino") == ({Action(would): 1} if would else None)


async def test_a_site_that_observes_lets_pass_and_counts(tmp_path: Path) -> None:
    """Every rule watches; one behind another is counted as such, and people's cases stay empty."""
    async with world_with(tmp_path, site="observe") as world:
        assert (await world.send(STRANGER, host="", **GAME))[0] == 250
        assert (await world.send())[0] == 250
        assert len(world.hop.messages) == 2
        assert await world.cases() == ()
        judged, would, found = await counted(world)
        assert judged == 2
        assert would == {"casino": {Action.REJECT: 1}, "any-game": {Action.HOLD: 1}}
        assert {name_of(key): row for key, row in found.after.items()} == {"any-game": {Action.HOLD: 1}}


async def test_a_site_that_observes_is_no_open_relay(tmp_path: Path) -> None:
    """Addresses that do not exist and mail that runs in a circle are refused, and are no rule's doing."""
    async with world_with(tmp_path, site="observe") as world:
        assert (await world.send(to="nobody@elsewhere.example"))[0] in {503, 550, 554}
        assert (await world.send(headers=(("Received", "x"),) * 101))[0] == 554
        assert world.hop.messages == []
        assert (await counted(world))[0] == 0


async def test_a_member_is_held_where_a_stranger_is_refused(tmp_path: Path) -> None:
    """What would have been is bounded as what is: a shadow never promises more than enforce does."""
    async with world_with(tmp_path, "shadow") as world:
        await world.vouch()
        assert (await world.send(**GAME))[0] == 250
        assert (await counted(world))[1]["casino"] == {Action.HOLD: 1}


async def test_nothing_is_counted_where_no_rule_watches(tmp_path: Path) -> None:
    """A site that has left its first weeks behind pays nothing for them."""
    (tmp_path / "policy.toml").write_text(POLICY.format(mode="enforce").replace('"shadow"', '"off"'))
    async with vouching_world(tmp_path, site=SITE) as world:
        assert (await world.send(STRANGER, host="", **GAME))[0] == 550
        judged, _, _ = await counted(world)
        assert judged == 0
        assert await world.store.lanes.one("any", "KEYS", "*watched*") == []


async def test_examples_are_kept_for_lists_with_tuners_alone(tmp_path: Path) -> None:
    """The beginning of the text and what the rule saw; of an internal list marked as such."""
    async with world_with(tmp_path, "shadow", tuned=True) as world:
        await world.send(STRANGER, host="", **GAME)
        _, _, found = await counted(world)
        (key,) = (key for key in found.would if name_of(key) == "casino")
        (kept,) = await world.store.observations.examples(MEMBERS, key)
        assert kept.example.subject.startswith("Evening")
        assert "roulette night" in kept.example.text
        assert "roulette night" in kept.example.saw
        assert STRANGER not in repr(kept)
        assert not kept.example.internal
    async with world_with(tmp_path, "shadow") as world:
        await world.send(STRANGER, host="", **GAME)
        _, would, _ = await counted(world)
        assert set(would) == {"casino", "any-game"}
        assert await world.store.observations.examples(MEMBERS, key) == ()


async def test_an_example_of_an_internal_list_says_so(tmp_path: Path) -> None:
    """So that only tuners who moderate that very list see it."""
    async with world_with(tmp_path, "shadow", tuned=True) as world:
        await world.send(STRANGER, host="", to=INNER, **GAME)
        _, _, found = await counted(world, INNER)
        (key,) = (key for key in found.would if name_of(key) == "casino")
        (kept,) = await world.store.observations.examples(INNER, key)
        assert kept.example.internal


async def test_what_comes_again_counts_once(tmp_path: Path) -> None:
    """A next hop that is away makes the sender try again: the message is counted when it is answered for good."""
    async with world_with(tmp_path, "shadow") as world:
        world.hop.on("DOT", Say("451 4.3.0 later"), times=1)
        assert (await world.send(number=7))[0] == 451
        assert (await counted(world))[0] == 0
        assert (await world.send(number=7))[0] == 250
        assert (await world.send(number=7))[0] == 250
        assert (await counted(world))[0] == 1


async def test_what_is_put_off_is_not_counted(tmp_path: Path) -> None:
    """Another rule makes it wait: it comes again, and would be counted each time."""
    async with world_with(tmp_path, "defer") as world:
        assert (await world.send(STRANGER, host="", number=7, **GAME))[0] == 451
        assert (await counted(world))[0] == 0


async def test_a_store_that_is_away_costs_the_counts_alone(tmp_path: Path) -> None:
    """Observing goes on, and how many were not counted is a metric."""
    async with world_with(tmp_path, site="observe") as world:
        world.server.stop()
        assert (await world.send(STRANGER, host="", **GAME))[0] == 250
        observing = world.worker._services.observing
        assert observing is not None
        await observing.write()
        assert world.value("watching_errors_total") == 1
