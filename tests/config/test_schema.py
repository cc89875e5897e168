"""The JSON Schemas take what the program takes, and refuse what an editor should mark."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from listward.config.find import DEFAULTS
from listward.config.schema import schemas, write_schemas
from listward.config.starter import STARTER, write_starter

SCHEMAS = schemas()
SHIPPED = [
    ("site", DEFAULTS / "site.toml"),
    ("site", STARTER / "site.toml"),
    ("policy", DEFAULTS / "policy.toml"),
    ("clauses", DEFAULTS / "clauses.toml"),
]


def faults(name: str, values: dict[str, Any]) -> list[str]:
    """Where the schema of a file refuses these values."""
    found = Draft202012Validator(SCHEMAS[name]).iter_errors(values)
    return [error.json_path for error in found]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    """By the standard's own schema."""
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(("name", "path"), SHIPPED, ids=["site", "starter", "policy", "clauses"])
def test_shipped_files_are_valid(name: str, path: Path) -> None:
    """What ships is what an editor calls right."""
    assert faults(name, tomllib.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "path", sorted((DEFAULTS.parent / "examples").glob("*/*.toml")), ids=lambda path: path.parent.name
)
def test_shipped_examples_are_valid(path: Path) -> None:
    """Shared names too, where otherwise only certain values are right."""
    assert faults(path.stem, tomllib.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("when", "place"),
    [
        ({"size": {"at_least": "two"}}, "size"),
        ({"time": {"since": "10pm"}}, "time"),
        ({"author": ["ana"]}, "author[0]"),
        ({"zone": ["open"]}, "zone[0]"),
    ],
)
def test_slips_in_conditions_are_marked(when: dict[str, Any], place: str) -> None:
    """While one writes, not only when the program reads it."""
    rule = {"name": "a", "stage": "content", "action": "hold", "when": when}
    assert faults("policy", {"rule": [rule]}) == [f"$.rule[0].when.{place}"]


@pytest.mark.parametrize(
    "when",
    [
        {"size": {"at_least": "2 MB", "at_most": 3_000_000}},
        {"time": {"since": "09:30", "until": "17:00", "days": ["sat"]}},
        {"author": ["ana@a.example", "@b.example", "$partners"], "zone": ["$ours"], "origin": ["member", "$ours"]},
    ],
)
def test_conditions_that_the_program_reads_are_taken(when: dict[str, Any]) -> None:
    """In every form."""
    rule = {"name": "a", "stage": "content", "action": "hold", "when": when}
    assert faults("policy", {"rule": [rule]}) == []


def test_every_form_that_the_program_reads_is_taken() -> None:
    """Several next hops as a list, durations as text or seconds, networks as text."""
    site = {
        "organisation": {"name": "A", "domains": ["a.example"], "internal_networks": ["10.0.0.0/8"]},
        "gateway": {},
        "list": [{"address": "x@a.example", "zone": "public", "next_hop": ["smtp://a:25", "smtp://b:25"]}],
        "clocks": {"hold": ["1h", 7200, "2d"]},
    }
    assert faults("site", site) == []


@pytest.mark.parametrize(
    ("name", "values", "place"),
    [
        ("policy", {"rule": [{"name": "a", "stage": "sky", "action": "hold"}]}, "$.rule[0].stage"),
        ("policy", {"rule": [{"name": "a", "stage": "content", "action": "hold", "why": "x"}]}, "$.rule[0]"),
        ("policy", {"rule": [], "payees": ["x"]}, "$"),
        ("clauses", {"clause": [{"number": "1", "title": "t"}]}, "$.clause[0]"),
        ("clauses", {"clause": [], "rule": []}, "$"),
        ("site", {"organisation": {"name": "A", "domains": ["a.example"]}, "gateway": {}}, "$"),
    ],
)
def test_what_the_program_refuses_is_marked(name: str, values: dict[str, Any], place: str) -> None:
    """Unknown keys, missing keys and values that are not allowed, at their place."""
    assert place in faults(name, values)


def test_a_new_configuration_names_its_schema(tmp_path: Path) -> None:
    """Editors read the first line of the file."""
    write_starter(tmp_path)
    first = (tmp_path / "site.toml").read_text().splitlines()[0]
    assert json.loads((tmp_path / first.removeprefix("#:schema ")).read_text()) == SCHEMAS["site"]


def test_schemas_are_written_by_their_names(tmp_path: Path) -> None:
    """One beside the other, in a folder that need not be there."""
    assert [path.name for path in write_schemas(tmp_path / "new")] == [
        "site.schema.json",
        "policy.schema.json",
        "clauses.schema.json",
    ]
