"""What the reject form starts with."""

from types import SimpleNamespace

import pytest
from desk_world import World, browser, log_in
from memory_cases import draft

from listward.config.find import DEFAULTS
from listward.config.load import load
from listward.queue.cases.case import Reason
from listward.queue.desk.console.casepages import Words, prefilled
from listward.wire.payload import Payload

POLICY = load(DEFAULTS).policy
MONEY = Reason("solicitation", "content", "7.3", "The message seems to ask for money or gifts.")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The message seems to ask for money"), ("es", "El mensaje parece pedir dinero"), ("fi", "")],
)
def test_the_sentence_is_in_the_authors_language(language: str, words: str) -> None:
    """Where the policy is not written in it the moderator writes: no other language slips in."""
    found = prefilled((MONEY,), POLICY, language)
    assert found.clause == "7.3"
    assert found.sentence.startswith(words)
    assert bool(found.sentence) is bool(words)


def test_sentence_and_clause_are_of_one_reason() -> None:
    """The first reason that cites a clause gives both."""
    plain = Reason("not-on-the-list", "identity", "", "Members write to this list directly.")
    assert prefilled((plain, MONEY), POLICY, "es").sentence == POLICY.words("solicitation", "es")
    assert prefilled((plain,), POLICY, "en") == Words(sentence=POLICY.words("not-on-the-list", "en"))
    assert prefilled((), POLICY, "en") == Words()


async def test_the_page_asks_the_roster_for_the_language() -> None:
    """An author who reads Spanish is answered in Spanish, with the rules' Spanish titles."""
    world = World(policy=POLICY)
    await world.people()
    held = await world.cases.hold(draft(reasons=(MONEY,)), Payload(b"x"))
    rosters = SimpleNamespace(find=lambda *_: SimpleNamespace(language="es"), names=lambda _: frozenset())
    client = browser(world.app(rosters))
    log_in(client, "mod@party.example")
    page = client.get(f"/cases/{held.number}").text
    assert "El mensaje parece pedir dinero" in page
    clause = POLICY.clause("7.3", "es")
    assert clause is not None
    assert f"7.3 · {clause.title}" in page
