"""The catalogue of findings is what the checks of this release make: no name more, no name less."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from policy_bench import make_site, probes, shipped_policy

import listward.filters
from listward.cli.judging import Given, transaction_for
from listward.config.catalogue import BY_POLICY, CATEGORIES, FINDINGS, NAMES, PATTERN, PHRASES, known_to
from listward.filters import guard
from listward.filters.content import ambiguity, attachments, solicitation, structure
from listward.filters.identity import habits
from listward.filters.identity.freezing import FROZEN
from listward.filters.judge import Judge
from listward.filters.learner import SpamModel
from listward.filters.policy.situation import OFFICE_FINDING
from listward.filters.routing import labels, marks

TABLES = {
    *ambiguity.REASONS,
    *structure._REASONS,
    *attachments._REASONS,
    *habits._SAYS,
    solicitation.CLEAR,
    solicitation.DOUBTFUL,
    solicitation.UNREAD,
    marks.RULE,
    labels.RULE,
    guard.RULE,
    FROZEN,
    OFFICE_FINDING,
}
SOURCES = sorted(Path(listward.filters.__path__[0]).rglob("*.py"))
# How findings are named whose name is no literal; each is in TABLES or made by the policy.
NAMED = {
    "rule",
    "RULE",
    "FROZEN",
    "HIJACK",
    "OFFICE_FINDING",
    "UNREAD",
    "defect.name",
    "asked.name",
    "f'phrases-{name}'",
}


GIVEN = Given("a@else.example", ("members@party.example",))


def calls() -> Iterator[ast.Call]:
    """Every place where a finding is made, by itself or by the helper of the posing checks."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_making(node.func):
                yield node


def _is_making(function: ast.expr) -> bool:
    named = isinstance(function, ast.Name) and function.id == "Finding"
    return named or (isinstance(function, ast.Attribute) and function.attr == "finding")


def literals() -> set[str]:
    """The names that are written where the finding is made."""
    return {call.args[0].value for call in calls() if isinstance(call.args[0], ast.Constant)}  # type: ignore[misc]  # names are texts


def test_the_catalogue_is_what_the_code_says() -> None:
    """The checks' tables, and the names written where a finding is made."""
    assert literals() | TABLES == NAMES


def test_no_finding_is_named_in_another_way() -> None:
    """A new way to name findings has to be followed here, or the catalogue would miss them."""
    others = {ast.unparse(call.args[0]) for call in calls() if not isinstance(call.args[0], ast.Constant)}
    assert others == NAMED


def test_categories_of_the_tables() -> None:
    """Each name is of the category under which it is listed."""
    of = {name: category for category, names in FINDINGS.items() for name in names}
    assert {of[name] for name in ambiguity.REASONS} == {ambiguity.CATEGORY}
    assert {name: kind for name, (kind, _) in structure._REASONS.items()}.items() <= of.items()
    assert {name: kind for name, (kind, *_) in attachments._REASONS.items()}.items() <= of.items()
    assert {of[name] for name in habits._SAYS} == {habits.CATEGORY}
    assert {"phrase", "pattern"} == BY_POLICY
    assert PHRASES == "phrases-"
    assert PATTERN == "pattern-"


@pytest.mark.shared
@pytest.mark.parametrize("corpus", ["internal", "solicitation", "spamham_modern", "listham"])
async def test_nothing_else_is_found_in_the_shared_mail(shared: Path, corpus: str) -> None:
    """A hundred messages of each set give names and categories of the catalogue alone."""
    with (shared / "corpora" / f"{corpus}.jsonl.zst").open("rb") as file:
        lines = zstandard.ZstdDecompressor().stream_reader(file).read(2_000_000).splitlines()[:-1]
    policy = shipped_policy()
    judge, known = Judge(make_site(), policy, SpamModel(), probes()), known_to(policy)
    for line in lines[:100]:
        transaction, message = transaction_for(_octets(json.loads(line)), GIVEN, judge.directory, 0.0)
        judgement = await judge.judge(transaction, take_author_at_word=True, message=message)
        assert {finding.rule for finding in judgement.findings} <= known
        assert {finding.category for finding in judgement.findings} <= CATEGORIES


def _octets(row: dict[str, str]) -> bytes:
    """The message, or one made of subject and text where a set holds nothing else."""
    if raw := row.get("raw"):
        return raw.encode("utf-8", "surrogateescape")
    return f"From: a@else.example\r\nSubject: {row.get('subject') or ''}\r\n\r\n{row['text']}\r\n".encode()
