"""Targets are marked as they were met, and the page says everything the run found."""

from pathlib import Path

import pytest
from bench.__main__ import PARTS, options_from, target_of
from bench.measure import Sample
from bench.page import page
from bench.parts.path import FLOOR, INTERNAL, OURS, RIVAL_NAMES, RSPAMD, figures
from bench.run import Part
from bench.targets import TARGETS, Target, tally, targets_table


def sample(system: str, cpu_ms: float | None = None) -> Sample:
    """One run at C=20."""
    return Sample(system, 20, 10, 100.0, 100.0, 1.0, 2.0, cpu_ms, 0.1, None, 0.0, {"250": 10}, 0)


MOST, LEAST = Target("what", "most", "a", 2.0), Target("what", "least", "a", 2.0, least=True)


@pytest.mark.parametrize(("value", "most", "least"), [(1.9, True, False), (2.0, True, True), (2.1, False, True)])
def test_a_target_is_met_up_to_its_bound(value: float, most: bool, least: bool) -> None:
    """At the bound both kinds are met."""
    assert (MOST.met({"a": value}), LEAST.met({"a": value})) == (most, least)


def test_what_was_not_measured_is_not_met_and_not_missed() -> None:
    """A rival that could not be installed is no failure and no success."""
    assert MOST.met({}) is None
    added = Target("what", "text", "a", 3.0, plus="b")
    assert (added.met({"a": 4.0}), added.met({"a": 4.0, "b": 1.0}), added.met({"a": 4.1, "b": 1.0})) == (
        None,
        True,
        False,
    )


def test_the_table_marks_each_target() -> None:
    """Met, not met and not measured are told apart, and counted."""
    met, unmet = TARGETS[0], TARGETS[1]
    given = {met.figure: met.bound, unmet.figure: unmet.bound * 2}
    lines = targets_table(given).splitlines()[2:]
    assert len(lines) == len(TARGETS)
    assert lines[0].endswith("| met |")
    assert lines[1].endswith("| **not met** |")
    assert all(line.endswith("| not measured |") for line in lines[2:])
    assert tally(given) == f"1 of 2 measured targets are met. {len(TARGETS) - 2} were not measured."


def test_every_figure_of_the_mail_path_has_its_name() -> None:
    """What the targets ask for is what the mail path gives, for every rival."""
    costs = {FLOOR: None, **dict.fromkeys(OURS, 1.0), **dict.fromkeys(RIVAL_NAMES, 4.0)}
    found = figures([sample(name, cpu_ms) for name, cpu_ms in costs.items()])
    asked = {target.figure for target in TARGETS if target.figure.startswith("Listward")}
    assert asked <= found.keys()
    assert found[f"{INTERNAL} / {RSPAMD}: cpu_ms"] == 0.25


def test_the_page_says_what_disturbed_the_run() -> None:
    """Parts in order, the targets before them, and a plain word where the machine was not quiet."""
    parts = [Part("One", "first", {}), Part("Two", "second", {})]
    quiet, noisy = page(parts, {}, "How.", []), page(parts, {}, "How.", ["floor, C=1", "floor, C=1", "holds"])
    assert "The machine was quiet" in quiet
    assert "**The machine was not quiet**: 3 times" in noisy
    assert "floor, C=1 (2), holds (1)." in noisy
    assert quiet.index("## Targets") < quiet.index("## One\n\nfirst") < quiet.index("## Two\n\nsecond")


def test_quick_changes_only_what_was_not_said() -> None:
    """--quick takes less of everything; a number on the command line stands."""
    quick, whole = options_from(["--quick", "--messages", "7"]), options_from([])
    assert (quick.messages, whole.messages) == (7, 1000)
    assert quick.repetitions < whole.repetitions


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The error names the part."""
    with pytest.raises(SystemExit):
        options_from(["path", "nothing"])
    assert "no such part: nothing" in capsys.readouterr().err


def test_only_a_whole_run_writes_the_page_by_itself() -> None:
    """A choice of parts and a quick run print; the page of the documents is left alone unless it is named."""
    assert target_of(options_from([])) == Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
    assert target_of(options_from([*PARTS])) is None
    assert target_of(options_from(["--quick"])) is None
    assert target_of(options_from(["--quick", "--page", "figures.md"])) == Path("figures.md")
