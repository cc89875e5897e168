"""A short run under faults on the real thing: two workers, a store and two next hops, everything broken once.

`make chaos` runs the same for as long as one likes, with faults and their order drawn from a seed.
"""

import pytest
from chaos_run import Outcome, Plan, run

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("chaos"), pytest.mark.timeout(300)]
SEED = 20_261_121
WITH_WAYS = (
    "kill worker",
    *["break next hop's answers"] * 6,
    "kill store",
    "cut a way",
    "cut a way in the middle",
    "terminate worker",
    "kill reader",
    "pause reader",
    "kill next hop",
    "fill the store's disk",
    "half-open a way",
    "take the names away",
    "reload",
    "fill the spool",
    "close a way",
)
EMBEDDED = ("kill store", "terminate worker", "pause store", "break next hop's answers", "terminate worker")


def expect_kept(outcome: Outcome) -> None:
    """Nothing is violated, and enough happened for that to mean something."""
    found = outcome.findings
    assert found.violations == ()
    assert found.lost == 0
    assert found.duplicates <= found.counted + outcome.history.counted("released_possible")
    assert found.accepted > 50
    assert found.held > 10


async def test_everything_breaks_and_the_promise_stands() -> None:
    """Killed, paused, cut, full, silent and nonsensical: each 250 is somewhere, and second copies are counted."""
    outcome = await run(Plan(1500, SEED, acts=WITH_WAYS, least=100, pace_s=0.1, pause_s=2, reply_deadline_s=4))
    expect_kept(outcome)
    assert sum(outcome.faults.values()) == len(WITH_WAYS)
    assert outcome.findings.tries > outcome.findings.messages


async def test_an_embedded_store_breaks_and_the_promise_stands() -> None:
    """The same with the store that the gateway starts itself, and workers that are restarted one after the other."""
    outcome = await run(Plan(600, SEED + 1, True, acts=EMBEDDED, least=100, pace_s=0.1, pause_s=2, reply_deadline_s=4))
    expect_kept(outcome)
