"""`listward observe report` on a real store."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from answering_world import unproven, unproven_body
from desk_config import call, write_site
from redis_server import running_server

from listward.config.load import load
from listward.filters.judgement import Action
from listward.filters.policy.trial import trial_of
from listward.queue.cases.case import Reason
from listward.queue.cases.commands import Command, Verb
from listward.queue.desk.terminal import terminal_desk
from listward.queue.store.connect import connect
from listward.queue.store.observations import Example, Observation, Would
from listward.runtime.clock import SystemClock
from listward.wire.payload import Payload

pytestmark = pytest.mark.live
Said = tuple[int, str, str]
BOARD = "board@party.example"
POLICY = """
[[rule]]
name = "heat"
stage = "content"
action = "hold"
mode = "shadow"
when = { category = ["abuse"] }

[[rule]]
name = "junk"
stage = "content"
action = "reject"
mode = "hold"
when = { category = ["spam"] }
"""
MORE = 'tuners = ["tuner@party.example"]\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A configuration with a rule on trial, on a store of its own that has counts and a ruling."""
    with running_server() as server:
        made = write_site(tmp_path_factory.mktemp("observe"), server)
        with (made / "site.toml").open("a") as site:
            site.write(MORE)
        (made / "policy.toml").write_text(POLICY)
        asyncio.run(fill(made))
        yield made


async def fill(folder: Path) -> None:
    """Sixty messages, three of which the rule would have held, two of these marked; a case that was kept back."""
    configuration = load(folder)
    store, now = connect(configuration.site), SystemClock().now()
    trial = trial_of(configuration.policy, observing=False)
    would = (Would(trial.keys["heat"], Action.HOLD, example=Example(Action.HOLD, "saw", "s", "text")),)
    seen = [Observation(BOARD, now, trial, would if number < 3 else ()) for number in range(60)]
    await store.observations.observed(seen)
    for kept in (await store.observations.examples(BOARD, trial.keys["heat"]))[:2]:
        await store.observations.mark(kept.place, True)
    reasons = (Reason("junk", "content", "", ""),)
    draft = unproven(policy_hash=configuration.policy.digest, reasons=reasons)
    case = await store.cases.hold(draft, Payload(unproven_body()))
    await store.cases.apply(case.number, case.version, Command(Verb.DISCARD, "mod@party.example", now))
    await store.close()


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call `listward observe report ...` with this configuration."""
    return lambda *arguments: call(capsys, "observe", "report", *arguments, "--config", str(folder))


def test_a_line_for_each_rule(run: Callable[..., Said]) -> None:
    """What is on trial first, then what is in force and was ruled on, and by what a rule is ready."""
    code, said, _ = run()
    assert code == 0
    assert said.splitlines()[:2] == [
        "heat: would have held 3 of 60; you marked 2 right, 0 wrong; too few",
        "junk: in force; people kept 1 back and let 0 through; too few",
    ]
    assert "at least 50 examples marked" in said


def test_the_members_edition(run: Callable[..., Said]) -> None:
    """No small count in it."""
    assert run("--public")[1].startswith(
        "heat: would have held <5 of 60; people marked <5 right, 0 wrong; too few\n"
        "junk: in force; people kept <5 back and let 0 through"
    )


def test_for_programs(run: Callable[..., Said]) -> None:
    """What the API answers."""
    found = json.loads(run("--json", "--since", "14d", "--list", "board")[1])
    assert [(rule["rule"], rule["judged"], rule["kept_back"]) for rule in found["rules"]] == [
        ("heat", 60, 0),
        ("junk", 0, 1),
    ]
    assert found["lists"] == [BOARD]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--since", "soon"), "allowed"),
        (("--list", "nothing"), "there are: board"),
        (("--public", "--json"), "does not go with"),
    ],
)
def test_wrong_use_says_what_is_allowed(run: Callable[..., Said], arguments: tuple[str, ...], says: str) -> None:
    """And ends with 2."""
    code, _, complaint = run(*arguments)
    assert (code, says in complaint) == (2, True)


def test_who_may_not_is_told_so(run: Callable[..., Said], folder: Path) -> None:
    """A user of another queue sees no counts of this list; its tuner does."""

    async def people() -> None:
        async with terminal_desk(load(folder)) as desk:
            for address in ("intl@party.example", "tuner@party.example"):
                await desk.door.add_user(address, frozenset(), "correct horse battery")

    asyncio.run(people())
    code, _, complaint = run("--as", "intl@party.example")
    assert (code, "moderators and tuners" in complaint) == (1, True)
    assert run("--as", "tuner@party.example")[0] == 0
