"""A member's own name is no posing on the page, though nothing proves her address."""

import pytest
from answering_world import ANA, AnasRosters, unproven, unproven_body
from desk_world import World, browser, log_in
from memory_cases import START

from listward.config.find import DEFAULTS
from listward.config.load import load
from listward.filters.identity.origin import Role
from listward.queue.cases.case import Case, CaseState, Reason
from listward.queue.cases.transitions import CONFIRMED
from listward.queue.desk.console.ownname import fair_reasons
from listward.wire.payload import Payload

POLICY = load(DEFAULTS).policy
FIRST = Reason("author-not-confirmed", "identity", "", "We could not yet confirm who wrote the message.")
RULE = Reason("posing", "content", "10.3", "A name that the message shows seems to be somebody else's.")
SENTENCE = "The name is that of a person on the list, and nothing proves the address."


def name(quote: str, rule: str = "display-name-poses") -> Reason:
    """What the gateway finds of a name, whoever shows it."""
    return Reason(rule, "posing", "10.3", SENTENCE, "from", 0, len(quote), quote)


def held(*reasons: Reason, **changes: str) -> Case:
    """A case of Ana's address."""
    return Case("10008", 1, CaseState.HELD, unproven(reasons=(FIRST, RULE, *reasons), **changes), START, START)


@pytest.mark.parametrize("changes", [{}, {"origin": "member", "basis": CONFIRMED}])
@pytest.mark.parametrize("shown", ["Ana Ruiz", "Ruiz, Ana", "ANA RUIZ"])
def test_a_member_does_not_pose_as_herself(shown: str, changes: dict[str, str]) -> None:
    """Before and after she has confirmed."""
    assert fair_reasons(held(name(shown), **changes), World().site, AnasRosters()) == (FIRST,)


@pytest.mark.parametrize(
    ("case", "rosters"),
    [
        (held(name("Ana Ruiz (Ben Weber)")), AnasRosters()),
        (held(name("Ben Weber")), AnasRosters()),
        (held(name("Ana Ruiz"), name("Ben Weber")), AnasRosters()),
        (held(name("Ana Ruiz"), name("Ana Ruiz", "sender-is-another")), AnasRosters()),
        (held(), AnasRosters()),
        (held(name("Ana Ruiz"), author="kim@home.example"), AnasRosters()),
        (held(name("Ana Ruiz"), origin="forged"), AnasRosters()),
        (held(name("Ana Ruiz")), AnasRosters(Role.BANNED)),
        (held(name("Ana Ruiz")), None),
    ],
)
def test_all_else_is_shown(case: Case, rosters: AnasRosters | None) -> None:
    """Another's name, more than one sign, another address, forged mail, a ban, a roster that is away."""
    assert fair_reasons(case, World().site, rosters) == case.draft.reasons


async def test_the_page_and_its_form_accuse_no_member_of_posing() -> None:
    """Neither as a reason nor as the sentence that a rejection starts with; the page says whose name it is."""
    world = World(policy=POLICY)
    await world.people()
    draft = unproven(author_name="Ana Ruiz", reasons=(FIRST, RULE, name("Ana Ruiz")))
    case = await world.cases.hold(draft, Payload(unproven_body()))
    client = browser(world.app(AnasRosters()))
    log_in(client, "mod@party.example")
    page = client.get(f"/cases/{case.number}").text
    assert "The name shown is the one that the roster has for this address." in page
    assert RULE.sentence not in page
    assert SENTENCE not in page
    assert 'value="10.3" selected' not in page
    assert ANA in page
