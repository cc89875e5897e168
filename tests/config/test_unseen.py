"""What a committee approves is what it sees: no sign that hides, moves or turns round what is written."""

from pathlib import Path

import pytest
from policy_bench import write_site

from listward.config.faults import ConfigError
from listward.config.load import load

RULE = '[[rule]]\nname = "one"\nstage = "content"\naction = "hold"\n'


def faults(folder: Path) -> list[str]:
    """What is wrong with the folder, without the folder's own name."""
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


@pytest.mark.parametrize("sign", ["\\u001b", "\\u202e", "\\r", "\\u0000", "\\u009b", "\\u2028"])
def test_no_sign_hides_what_a_rule_says(tmp_path: Path, sign: str) -> None:
    """A terminal's controls and turned text are faults, by file and line, in words and conditions."""
    folder = write_site(tmp_path / "site", "")
    rule = f'{RULE}words = "Good{sign} words."\nwhen = {{ text = ["x{sign}"] }}\n'
    (folder / "policy.toml").write_text(rule, encoding="utf-8")
    first, second = faults(folder)
    assert first.startswith("policy.toml:5: rule[1].words: holds the sign U+")
    assert second.startswith("policy.toml:6: rule[1].when.text[1]: holds the sign U+")


def test_clauses_and_the_organisation_too(tmp_path: Path) -> None:
    """A clause's text may have several lines, its title and the organisation's name are one."""
    folder = write_site(tmp_path / "site", "")
    clause = '[[clause]]\nnumber = "9"\ntitle = "T{}"\ntext = "One.\\nTwo.{}"\n'
    (folder / "clauses.toml").write_text(clause.format("\\nitle", "\\u001b[2J"), encoding="utf-8")
    site = folder / "site.toml"
    site.write_text(site.read_text().replace("The Example Party", "The\\nBcc: x@y.example"), encoding="utf-8")
    found = faults(folder)
    assert "site.toml:2: organisation.name: is more than one line; allowed: one line" in found
    assert "clauses.toml:3: clause[1].title: is more than one line; allowed: one line" in found
    assert any(fault.startswith("clauses.toml:4: clause[1].text: holds the sign U+001B") for fault in found)


def test_other_languages_are_welcome(tmp_path: Path) -> None:
    """Letters of every script, marks of direction and line breaks in a pattern are no fault."""
    folder = write_site(tmp_path / "site", "")
    rule = f'{RULE}words = "يرجى الانتظار\u200f — été"\nwhen = {{ text = ["a\\nb\\tc"] }}\n'
    (folder / "policy.toml").write_text(rule, encoding="utf-8")
    assert load(folder).policy.rules[0].words.startswith("ي")
