"""Clauses can include others; each stays at home in its own file, and the file holds nothing else."""

import shutil
from pathlib import Path

import pytest

from listward.config.faults import ConfigError
from listward.config.find import DEFAULTS
from listward.config.load import load

OWN = '[[clause]]\nnumber = "{}"\ntitle = "Own"\ntext = "Our own words."\n'


def folder(tmp_path: Path, clauses: str, policy: str = 'include = ["shipped"]\n') -> Path:
    """A configuration with this clauses.toml and policy.toml."""
    shutil.copy(DEFAULTS / "site.toml", tmp_path)
    (tmp_path / "clauses.toml").write_text(clauses, encoding="utf-8")
    (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
    return tmp_path


def faults(place: Path) -> list[str]:
    """The faults of a configuration, without its folder."""
    with pytest.raises(ConfigError) as raised:
        load(place)
    return [str(fault).removeprefix(f"{place}/") for fault in raised.value.faults]


def test_own_clauses_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    """So that the shipped rules keep the clauses they rest on; one's own come first."""
    policy = load(folder(tmp_path, 'include = ["shipped"]\n' + OWN.format("88"))).policy
    assert policy.clauses[0].number == "88"
    assert policy.clauses[1:] == load(DEFAULTS).policy.clauses


def test_a_clause_of_ones_own_stands_in_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    """In every language: a translation of what no longer holds would mislead."""
    policy = load(folder(tmp_path, 'include = ["shipped"]\n' + OWN.format("7.3"))).policy
    assert [clause.text for clause in policy.clauses if clause.number == "7.3"] == ["Our own words."]


def test_clauses_of_a_file_beside_count_for_the_hash(tmp_path: Path) -> None:
    """What was approved is what was read."""
    place = folder(tmp_path, 'include = ["more.toml", "shipped"]\n')
    (tmp_path / "more.toml").write_text(OWN.format("88"), encoding="utf-8")
    before = load(place).policy.digest
    (tmp_path / "more.toml").write_text(OWN.format("89"), encoding="utf-8")
    assert load(place).policy.digest != before


def test_a_fault_in_a_clause_names_its_file_and_line(tmp_path: Path) -> None:
    """Not the file of the rules, where nobody finds it."""
    place = folder(tmp_path, 'include = ["shipped"]\n\n[[clause]]\nnumber = "88"\ntext = "x"\n')
    assert faults(place) == ["clauses.toml:3: clause[1].title: is missing"]


def test_rules_in_the_file_of_the_clauses_are_a_fault(tmp_path: Path) -> None:
    """They would silently stand in the place of the whole policy."""
    rule = '[[rule]]\nname = "all"\nstage = "content"\naction = "accept"\n'
    place = folder(tmp_path, 'include = ["shipped"]\n' + rule)
    assert faults(place) == ["clauses.toml:2: rule[1]: is not a known key; allowed: clause, include"]


def test_clauses_in_the_file_of_the_rules_are_a_fault(tmp_path: Path) -> None:
    """They would silently count for nothing."""
    place = folder(tmp_path, 'include = ["shipped"]\n', 'include = ["shipped"]\n' + OWN.format("88"))
    assert faults(place) == ["policy.toml:2: clause[1]: clauses stand in clauses.toml, beside this file"]


def test_one_clause_alone_in_single_brackets_is_a_fault(tmp_path: Path) -> None:
    """With the way to write it."""
    place = folder(tmp_path, OWN.format("88").replace("[[clause]]", "[clause]"))
    assert faults(place) == ["clauses.toml:1: clause: is one table; each clause begins with [[clause]]"]


def test_an_included_file_of_clauses_includes_nothing(tmp_path: Path) -> None:
    """One file says what belongs together."""
    place = folder(tmp_path, 'include = ["more.toml"]\n')
    (tmp_path / "more.toml").write_text('include = ["shipped"]\n', encoding="utf-8")
    assert faults(place) == ["more.toml:1: include: is not a known key; allowed: clause"]
