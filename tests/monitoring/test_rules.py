"""Alerts hold what they promise: Prometheus takes the rules, they are raised in time, and each says what to do."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from listward.runtime.metrics import Metrics

RULES = Path(__file__).parents[2] / "monitoring" / "listward.rules.yml"
TEXT = RULES.read_text(encoding="utf-8")
ALERTS = re.split(r"(?m)^ *- alert: ", TEXT)[1:]
CASES = sorted(Path(__file__).parent.glob("*_alerts.yml"))
NEEDS_PROMTOOL = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="needs promtool: apt install prometheus, as scripts/system-packages does"
)


@NEEDS_PROMTOOL
def test_prometheus_takes_the_rules() -> None:
    """Every expression and template can be read."""
    checked = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@NEEDS_PROMTOOL
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_alerts_are_raised_in_time(case: Path) -> None:
    """And not before, on series written for it."""
    checked = subprocess.run(["promtool", "test", "rules", case], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("alert", ALERTS, ids=lambda text: text.split("\n")[0])
def test_each_alert_says_what_to_do(alert: str) -> None:
    """Its class, what members notice, whether mail is at risk, and the first command, which is one of ours."""
    assert re.search(r"class: (wake|today|people)\n", alert)
    for name in ("summary", "members", "mail", "first_command"):
        assert re.search(rf'^ +{name}: "[^"]+"$', alert, re.MULTILINE), name
    assert 'first_command: "listward ' in alert


def test_alerts_speak_of_metrics_that_exist() -> None:
    """A metric that was renamed would never raise an alert again."""
    names = {
        name
        for family in Metrics().registry.collect()
        for name in (family.name, f"{family.name}_total", f"{family.name}_bucket")
    }
    expressions = re.findall(r"(?m)^ +expr: (.*)$", TEXT)
    used = {name for expression in expressions for name in re.findall(r"listward_\w+", expression)}
    assert used
    assert used <= names
