"""What rosters cost is measured, with tiny numbers here."""

import pytest
from bench.__main__ import options_from, setting
from bench.parts import rosters

TINY = ("--messages", "5", "--repetitions", "1", "--corpus", "12", "--patience", "0")


@pytest.mark.live
def test_rosters_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each size of each kind has a row, and the figures are there."""
    monkeypatch.setattr(rosters, "SIZES", (10, 2000))
    monkeypatch.setattr(rosters, "LOOK_UPS", 100)
    monkeypatch.setattr(rosters, "IDLE_S", 0.1)
    with setting(options_from(TINY), lambda line: None) as bench:
        part = rosters.measure(bench)
    assert [row for row in ("| CSV | 10 |", "| CSV | 2,000 |", "| TOML | 10 |", "| TOML | 2,000 |") if row in part.text]
    assert set(part.figures) == {"roster: load_s", "roster: octets", "roster: late_ms", "roster: slower"}
    assert part.figures["roster: octets"] < 150
