"""The table of what the shipped rules answer is current, whole and true."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from policy_bench import make_policy, shipped_policy

from listward.config.policy import Policy

SCRIPT = Path(__file__).parents[2] / "scripts" / "policy_table.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script as a module."""
    found = importlib.util.spec_from_file_location("policy_table", SCRIPT)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_table_is_current(script: ModuleType) -> None:
    """Where this fails: .venv/bin/python scripts/policy_table.py."""
    assert script.DOCUMENT.read_text(encoding="utf-8") == script.table(script.rows(), shipped_policy())


def test_every_shipped_rule_answers_a_row(script: ModuleType) -> None:
    """And every row is answered: by a rule in force, by the program, or by what is still to come."""
    named = {name for row in script.rows() for name in row.rules}
    assert named == {rule.name for rule in shipped_policy().rules}
    assert all(row.rules or row.program or row.waits for row in script.rows())


def test_rules_whose_check_is_to_come_are_told_apart(script: ModuleType) -> None:
    """A rule for which nothing looks yet answers nothing yet."""
    lines = script.DOCUMENT.read_text(encoding="utf-8").splitlines()
    waiting = [line for line in lines if "its check is not built yet" in line]
    assert [line.split("|")[3].strip() for line in waiting] == ["`abuse`", "`private-data`"]


def faulty(**changes: object) -> Policy:
    """The policy of one rule on clause 7.1."""
    clauses = [{"number": number, "title": "T", "text": "Text."} for number in ("7.1", "7.2")]
    return make_policy({"name": "one", "clause": "7.1", **changes}, clause=clauses)


@pytest.mark.parametrize(
    ("row", "changes", "fault"),
    [
        ({"rules": ["two", "one"], "clause": "7.1"}, {}, "no rule 'two' is in force"),
        ({"rules": ["one"], "clause": "7.1"}, {"mode": "off"}, "no rule 'one' is in force"),
        ({"program": "By itself."}, {}, "rule 'one' answers no row"),
        ({"rules": ["one"], "clause": "7.2"}, {}, "rule 'one' answers no row on '7.1'"),
        ({"rules": ["one"], "clause": "7.1, 8"}, {}, "no clause '8'"),
    ],
)
def test_an_untrue_row_is_refused(
    script: ModuleType, row: dict[str, object], changes: dict[str, object], fault: str
) -> None:
    """Whatever the table would say of a rule that is not so."""
    asked = (script.Row(part="P", asks="Something.", **row),)
    with pytest.raises(ValueError, match=re.escape(fault) + r"($|; )"):
        script.table(asked, faulty(**changes))


def test_an_unanswered_row_is_refused(script: ModuleType) -> None:
    """Silence is no answer."""
    asked = (script.Row(part="P", asks="Something."), script.Row(part="P", asks="Rule.", clause="7.1", rules=["one"]))
    with pytest.raises(ValueError, match=r"nothing answers 'Something\.'"):
        script.table(asked, faulty())
