"""A policy can include others, and each rule stays at home in its own file."""

import shutil
from pathlib import Path

import pytest

from listward.config.faults import ConfigError
from listward.config.find import DEFAULTS
from listward.config.load import load
from listward.config.policy import Policy

RULE = '[[rule]]\nname = "{}"\nstage = "content"\naction = "hold"\n'


def folder(tmp_path: Path, policy: str, **files: str) -> Path:
    """A configuration with this policy.toml, and further files by their stem."""
    shutil.copy(DEFAULTS / "site.toml", tmp_path)
    (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
    (tmp_path / "rules").mkdir(exist_ok=True)
    for stem, text in files.items():
        (tmp_path / "rules" / f"{stem}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def rules(policy: Policy) -> list[str]:
    """The names of the rules in order."""
    return [rule.name for rule in policy.rules]


def faults(place: Path) -> list[str]:
    """The faults of a configuration, without its folder."""
    with pytest.raises(ConfigError) as raised:
        load(place)
    return [str(fault).removeprefix(f"{place}/") for fault in raised.value.faults]


def test_own_rules_come_first_and_replace_by_name(tmp_path: Path) -> None:
    """Then those of each included file, in the order they are named."""
    policy = 'include = ["rules/one.toml", "rules/two.toml"]\n' + RULE.format("own") + RULE.format("b")
    place = folder(tmp_path, policy, one=RULE.format("a") + RULE.format("b"), two=RULE.format("c"))
    assert rules(load(place).policy) == ["own", "b", "a", "c"]


def test_the_shipped_policy_can_be_included(tmp_path: Path) -> None:
    """With its marks, where the organisation names none of its own."""
    shipped = load(DEFAULTS).policy
    included = load(folder(tmp_path, 'include = ["shipped"]\n')).policy
    assert included.rules == shipped.rules
    assert included.internal_marks == shipped.internal_marks
    own = load(folder(tmp_path, 'include = ["shipped"]\ninternal_marks = ["eyes only"]\n')).policy
    assert own.internal_marks == ("eyes only",)


def test_a_fault_is_named_in_the_file_it_stands_in(tmp_path: Path) -> None:
    """Also one that only the rules together show."""
    policy = 'include = ["rules/one.toml"]\n' + RULE.format("own")
    assert faults(folder(tmp_path, policy, one=RULE.format("a") + "queue = 1\n")) == [
        "rules/one.toml:5: rule[1].queue: 1 does not fit: it should be a valid string"
    ]
    assert faults(folder(tmp_path, policy, one=RULE.format("a") + "\n" + RULE.format("a"))) == [
        "rules/one.toml:7: rule[2].name: 'a' stands twice"
    ]


@pytest.mark.parametrize(
    ("policy", "one", "fault"),
    [
        (
            'include = ["rules/none.toml"]',
            "",
            "policy.toml:1: include: 'rules/none.toml' is not a file; allowed: a file",
        ),
        ('include = "shipped"', "", "policy.toml:1: include: 'shipped' is not a list of files; allowed: such as"),
        ('include = ["rules/one.toml"]', "rule = [", "rules/one.toml:1: is not TOML: "),
        (
            'include = ["rules/one.toml"]',
            'include = ["shipped"]',
            "rules/one.toml:1: include: stands in an included file",
        ),
        ('include = ["rules/one.toml"]', 'language = "es"', "rules/one.toml:1: language: 'es' is not the language of"),
    ],
)
def test_what_cannot_be_included_is_said(tmp_path: Path, policy: str, one: str, fault: str) -> None:
    """By file and line, with what is allowed."""
    (found,) = faults(folder(tmp_path, policy, one=one))
    assert found.startswith(fault)


def test_the_digest_covers_what_is_included(tmp_path: Path) -> None:
    """An approval of the policy is one of all its files."""
    policy = 'include = ["rules/one.toml"]\n'
    before = load(folder(tmp_path, policy, one=RULE.format("a"))).policy.digest
    assert load(folder(tmp_path, policy, one=RULE.format("a"))).policy.digest == before
    assert load(folder(tmp_path, policy, one=RULE.format("a") + 'queue = "moderators"\n')).policy.digest != before
