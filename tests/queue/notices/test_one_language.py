"""A notice is in one language from its first word to its last, and says one reason."""

import re

import pytest
from memory_cases import START, draft
from notices_world import notice_site

from listward.config.find import DEFAULTS
from listward.config.load import Configuration, load
from listward.config.policy import Rule
from listward.queue.cases.case import Case, CaseState, Reason, Ruling
from listward.queue.notices.letters import write
from listward.queue.notices.suspect import SUSPECT
from listward.queue.notices.values import Told, values_for

SHIPPED = load(DEFAULTS)
CONFIGURATION = Configuration(notice_site(), SHIPPED.policy, SHIPPED.directory, SHIPPED.templates)
OTHERS = {
    "es": re.compile(r"\b(the|message|is|and|please|nobody|list|with|of|to|moderator)\b", re.IGNORECASE),
    "en": re.compile(r"\b(el|la|mensaje|es|y|nadie|lista|con|de|norma|un|una)\b", re.IGNORECASE),
}
RULES = [rule for rule in SHIPPED.policy.rules if rule.words]


def letter(kind: str, language: str, *reasons: Reason, ruling: Ruling | None = None) -> str:
    """The words of one notice to a member, without addresses."""
    state = CaseState.HELD if kind == "held" else CaseState.REJECTED
    case = Case("10008", 1, state, draft(subject="", reasons=reasons), START, START, ruling=ruling)
    values = {**values_for(Told(kind, case), CONFIGURATION, language), "organisation": "O"}
    text = write(CONFIGURATION.templates, kind, [(language, values)]).text
    return re.sub(r"\S+[@/]\S+", "", text)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_notice_mixes_languages(rule: Rule, language: str) -> None:
    """For every shipped rule: the words of the rule and the title of its clause are in the reader's language."""
    text = letter("held", language, Reason(rule.name, rule.stage, rule.clause, rule.words))
    assert OTHERS[language].findall(text) == []
    # Whoever may have stolen an account is not told what gave them away.
    assert (SHIPPED.policy.words(rule.name, language) in text) is (rule.name not in SUSPECT)
    ruling = Ruling("reject", "mod@party.example", START, rule.clause or "7.1", "Oro.")
    assert OTHERS[language].findall(letter("rejected", language, ruling=ruling)) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_reason_without_words_in_the_language_is_one_neutral_sentence(language: str) -> None:
    """Also what the gateway itself recorded, which is in English."""
    text = letter("held", language, Reason("next-hop-refused", "delivery", "", "The list server refused the message."))
    assert "list server" not in text
    assert {"en": "A moderator looks at this first.", "es": "Una persona moderadora lo mira primero."}[language] in text
    assert OTHERS[language].findall(text) == []


def test_a_persons_own_sentence_goes_as_it_was_written() -> None:
    """Nobody translates a ruling."""
    ruling = Ruling("reject", "mod@party.example", START, "7.3", "Please leave the appeal out.")
    text = letter("rejected", "es", ruling=ruling)
    assert "Por qué: Please leave the appeal out." in text


def test_sentence_and_clause_are_of_one_reason() -> None:
    """A clause of another reason would accuse of what the sentence does not say."""
    first = Reason("not-on-the-list", "identity", "", "Members write to this list directly.")
    second = Reason("junk-member", "content", "7.1", "The message looks like bulk mail.")
    text = letter("held", "en", first, second)
    assert "Members write to this list directly." in text
    assert "The rule" not in text
    turned = letter("held", "en", second, first)
    assert "bulk mail or advertising" in turned
    assert "The rule: 7.1" in turned
