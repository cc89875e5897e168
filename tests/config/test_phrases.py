"""Phrase lists say who approved them and until when; clauses of judgement have no other detector."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from policy_bench import make_policy, make_site

from listward.config.faults import ConfigError
from listward.config.find import DEFAULTS
from listward.config.load import load
from listward.config.phrases import PhraseList, read_phrases
from listward.config.policy_checks import check_policy

APPROVED = "# approved-by: The board\n# approved-on: 2026-05-03\n#expires:2027-05-03\none phrase\n"
RULE = '[[rule]]\nname = "r"\nstage = "content"\naction = "{action}"\n{mode}clause = "{clause}"\nwhen = {{ {when} }}\n'


def folder(tmp_path: Path, rule: str, **lists: str) -> Path:
    """A configuration with this rule, the shipped clauses, and these phrase lists."""
    shutil.copy(DEFAULTS / "site.toml", tmp_path)
    (tmp_path / "policy.toml").write_text(rule, encoding="utf-8")
    (tmp_path / "phrases").mkdir()
    for name, text in lists.items():
        (tmp_path / "phrases" / f"{name}.txt").write_text(text, encoding="utf-8")
    return tmp_path


def fault(place: Path) -> str:
    """The one fault of a configuration, without its folder."""
    with pytest.raises(ConfigError) as raised:
        load(place)
    (found,) = raised.value.faults
    return str(found).removeprefix(f"{place}/")


def test_a_list_is_read_with_its_remarks(tmp_path: Path) -> None:
    """Entries with their lines; remarks of other kinds, and behind an entry, are remarks."""
    text = f"# Words\n{APPROVED}\n# two\nthird phrase # why\n"
    (tmp_path / "x.txt").write_text(text, encoding="utf-8")
    assert read_phrases(tmp_path) == {
        "x": PhraseList(
            entries=("one phrase", "third phrase"),
            lines=(5, 8),
            approved_by="The board",
            approved_on=date(2026, 5, 3),
            expires=date(2027, 5, 3),
        )
    }


def test_a_wrong_day_is_named(tmp_path: Path) -> None:
    """By file and line."""
    (tmp_path / "x.txt").write_text("\n# expires: next year\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"x\.txt:2: expires: 'next year' is not a day; allowed: such as 2027-05-03"):
        read_phrases(tmp_path)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"when": 'category = ["abuse"]'}, "people look for it; allowed: a phrase list that somebody approved"),
        ({"when": 'text = ["party line"]'}, "people look for it; allowed: a phrase list that somebody approved"),
        ({"when": 'origin = ["member"]'}, "people look for it; allowed: a phrase list that somebody approved"),
        ({"action": "reject"}, "such a rule may only hold"),
        ({"mode": ""}, "such a rule may only hold"),
        ({"mode": 'mode = "enforce"\n'}, "such a rule may only hold"),
        ({"when": 'phrases = ["plain"]'}, "the list 'plain' has to say approved-by, approved-on and expires"),
    ],
)
def test_no_program_judges_opinions(tmp_path: Path, rule: dict[str, str], said: str) -> None:
    """A rule on such a clause is an approved list that holds, for a time, and watches first."""
    values = {"action": "hold", "mode": 'mode = "shadow"\n', "clause": "4.1", "when": 'phrases = ["list"]', **rule}
    found = fault(folder(tmp_path, RULE.format(**values), list=APPROVED, plain="one phrase\n"))
    assert "rule[1].clause: clause 4.1 is a matter of judgement: " in found
    assert said in found


@pytest.mark.parametrize("mode", ["shadow", "hold", "off"])
def test_an_approved_list_may_watch_and_hold(tmp_path: Path, mode: str) -> None:
    """As the organisation decided."""
    values = {"action": "hold", "mode": f'mode = "{mode}"\n', "clause": "5.2", "when": 'phrases = ["list"]'}
    assert load(folder(tmp_path, RULE.format(**values), list=APPROVED)).policy.rules[0].mode == mode


def test_no_shipped_rule_rests_on_a_clause_of_judgement() -> None:
    """People report, people decide, and the case cites the clause."""
    policy = load(DEFAULTS).policy
    judged = {clause.number for clause in policy.clauses if clause.judgement}
    assert judged == {"4.1", "4.2", "4.5", "4.6", "4.7", "5.1", "5.2"}
    assert judged.isdisjoint(rule.clause for rule in policy.rules)


@pytest.mark.parametrize(
    ("unless", "faulty"),
    [(None, False), ({"text": ["please"]}, True), ({"phrases": ["loose"]}, True), ({"role": ["officer"]}, False)],
)
def test_opinions_stay_opinions_in_every_language_and_exception(unless: dict[str, object] | None, faulty: bool) -> None:
    """A clause that one language calls a matter of judgement is one, and an exception looks for no words either."""
    clauses = [{"number": "4.1", "title": "T", "text": "T", "language": each} for each in ("en", "es")]
    clauses[1] |= {"judgement": True}
    approved = {"entries": ["x"], "approved_by": "c", "approved_on": "2026-01-01", "expires": "2027-01-01"}
    lists = {"tight": approved, "loose": {"entries": ["y"]}}
    bare = make_policy({"clause": "4.1", "action": "reject"}, clause=clauses)
    assert [key for _, key, _ in check_policy(bare, make_site())] == [("rule", 0, "clause")]
    rule = {"clause": "4.1", "mode": "hold", "when": {"phrases": ["tight"]}, "unless": unless}
    policy = make_policy(rule, clause=clauses, phrases=lists)
    assert [key for _, key, _ in check_policy(policy, make_site())] == [("rule", 0, "clause")] * faulty
