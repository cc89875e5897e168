"""Writes docs/policy-rows.md: what written rules on communication ask, and which shipped rule or part answers it."""

import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import Field

from listward.config.catalogue import waiting
from listward.config.find import DEFAULTS
from listward.config.load import load
from listward.config.policy import Policy, Rule
from listward.config.table import Table

DOCUMENT = Path(__file__).parents[1] / "docs" / "policy-rows.md"
ROWS = DEFAULTS / "rows.toml"
_HEAD = """# What the shipped rules answer

Written rules on communication ask many things of mail. This table says, clause by clause, what answers each: rules of
the shipped [policy](policy.md), the program by itself, or a part that is not built yet. It is made by
`scripts/policy_table.py` from `rows.toml` and `policy.toml`, and a test keeps it true. The clauses are those of the
shipped `clauses.toml`.
"""
_NOTES = {"shadow": "watches only", "hold": "holds at most"}


class Row(Table):
    """One thing that is asked, and what answers it."""

    part: str
    clause: str = ""
    asks: str
    rules: tuple[str, ...] = ()
    program: str = ""
    waits: str = ""


class Rows(Table):
    """rows.toml."""

    rows: tuple[Row, ...] = Field(alias="row", min_length=1)


def rows() -> tuple[Row, ...]:
    """The rows that ship."""
    return Rows.model_validate(tomllib.loads(ROWS.read_text(encoding="utf-8"))).rows


def table(asked: Sequence[Row], policy: Policy) -> str:
    """Return the document. Raises ValueError for what the policy does not have, and for a rule that answers nothing."""
    if faults := tuple(_faults(asked, policy)):
        raise ValueError("; ".join(faults))
    return "\n".join((_HEAD, *_parts(asked, policy)))


def _faults(asked: Sequence[Row], policy: Policy) -> Iterator[str]:
    in_force = {rule.name for rule in policy.rules if rule.mode != "off"}
    named = {name for row in asked for name in row.rules}
    yield from (f"no rule {name!r} is in force" for name in sorted(named - in_force))
    yield from (f"rule {name!r} answers no row" for name in sorted(in_force - named))
    yield from (f"rule {rule.name!r} answers no row on {rule.clause!r}" for rule in _elsewhere(asked, policy))
    for row in asked:
        yield from (f"no clause {number!r}" for number in _numbers(row) if policy.clause(number) is None)
        if not (row.rules or row.program or row.waits):
            yield f"nothing answers {row.asks!r}"


def _elsewhere(asked: Sequence[Row], policy: Policy) -> Iterator[Rule]:
    """The rules that cite a clause and stand only in rows on others."""
    on = {(name, number) for row in asked for name in row.rules for number in _numbers(row)}
    return (rule for rule in policy.rules if rule.clause and rule.mode != "off" and (rule.name, rule.clause) not in on)


def _numbers(row: Row) -> list[str]:
    return [number for number in row.clause.split(", ") if number]


def _parts(asked: Sequence[Row], policy: Policy) -> Iterator[str]:
    for part in dict.fromkeys(row.part for row in asked):
        yield f"## {part}\n"
        yield "| clause | what it asks | by rules | by the program | waits |\n|---|---|---|---|---|"
        yield from (_line(row, policy) for row in asked if row.part == part)
        yield ""


def _line(row: Row, policy: Policy) -> str:
    by_name = {rule.name: rule for rule in policy.rules}
    named = [by_name[name] for name in row.rules]
    later = [f"`{rule.name}`: its check is not built yet." for rule in named if waiting(rule)]
    waits = " ".join((*later, row.waits)).strip()
    cells = (row.clause, row.asks, ", ".join(map(_named, named)), row.program, waits)
    return f"| {' | '.join(cell or '-' for cell in cells)} |"


def _named(rule: Rule) -> str:
    note = _NOTES.get(rule.mode, "")
    return f"`{rule.name}` ({note})" if note else f"`{rule.name}`"


if __name__ == "__main__":
    text = table(rows(), load(DEFAULTS).policy)
    if "--check" in sys.argv:
        sys.exit(not DOCUMENT.is_file() or text != DOCUMENT.read_text(encoding="utf-8"))
    DOCUMENT.write_text(text, encoding="utf-8")
