"""Values that rules share are named once."""

import shutil
from pathlib import Path

import pytest

from listward.config.faults import ConfigError
from listward.config.find import DEFAULTS
from listward.config.load import load

RULE = '[[rule]]\nname = "r"\nstage = "content"\naction = "hold"\nwhen = { author = ["$partners", "x@y.example"] }\n'


def folder(tmp_path: Path, policy: str) -> Path:
    """A configuration with this policy."""
    shutil.copy(DEFAULTS / "site.toml", tmp_path)
    (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
    return tmp_path


def fault(place: Path) -> str:
    """The one fault of a configuration, without its folder."""
    with pytest.raises(ConfigError) as raised:
        load(place)
    (found,) = raised.value.faults
    return str(found).removeprefix(f"{place}/")


def test_a_name_stands_for_its_values(tmp_path: Path) -> None:
    """In when and in unless, beside other values, each once."""
    names = 'names = { partners = ["@a.example", "x@y.example"], spare = [] }\n'
    policy = load(folder(tmp_path, names + RULE + 'unless = { author = ["$spare", "z@a.example"] }\n')).policy
    assert policy.rules[0].when.author == ("@a.example", "x@y.example")
    assert policy.rules[0].unless is not None
    assert policy.rules[0].unless.author == ("z@a.example",)


def test_a_name_stands_for_mailboxes_that_get_a_copy(tmp_path: Path) -> None:
    """Beside others, each once."""
    names = 'names = { partners = [], office = ["a@party.example", "b@party.example"] }\n'
    rule = RULE.replace('"hold"', '"accept"') + 'copy_to = ["$office", "b@party.example"]\n'
    place = folder(tmp_path, names + rule)
    with (place / "site.toml").open("a") as site:
        site.write('\n[notices]\nnext_hop = "smtp://127.0.0.1:2528"\n')
    assert load(place).policy.rules[0].copy_to == ("a@party.example", "b@party.example")
    (place / "policy.toml").write_text(names + rule.replace("$office", "$offices"))
    assert fault(place).startswith("policy.toml:7: rule[1].copy_to: '$offices' is not one of the names")


def test_names_may_be_included(tmp_path: Path) -> None:
    """The same name in the file that includes counts."""
    (tmp_path / "more.toml").write_text(
        'names = { partners = ["@b.example"], other = ["@c.example"] }\n', encoding="utf-8"
    )
    head = 'include = ["more.toml"]\nnames = { partners = ["@a.example"] }\n'
    policy = load(folder(tmp_path, head + RULE.replace('"x@y.example"', '"$other"'))).policy
    assert policy.rules[0].when.author == ("@a.example", "@c.example")


def test_a_name_that_is_not_there_is_said(tmp_path: Path) -> None:
    """By file and line, with those that are."""
    names = 'names = { others = ["@a.example"] }\n'
    assert fault(folder(tmp_path, names + RULE)) == (
        "policy.toml:6: rule[1].when.author: '$partners' is not one of the names; allowed: $others"
    )


def test_what_is_no_list_is_no_name(tmp_path: Path) -> None:
    """A single text would be read letter by letter."""
    assert fault(folder(tmp_path, 'names = { partners = "@a.example" }\n' + RULE)).startswith(
        "policy.toml:1: names: holds lists of texts alone"
    )


def test_a_pattern_may_end_with_the_sign(tmp_path: Path) -> None:
    """Only a value that begins with it is a name."""
    rule = RULE.replace('author = ["$partners", "x@y.example"]', 'subject = ["done$", "$"]')
    assert load(folder(tmp_path, rule)).policy.rules[0].when.subject == ("done$", "$")
