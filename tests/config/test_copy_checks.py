"""A rule that sends a copy is checked: its author can be told, and nothing internal leaves by it."""

from typing import Any

import pytest
from policy_bench import make_policy, make_site

from listward.config.copy_checks import check_copies
from listward.config.policy_checks import check_policy

NOTICES = {"next_hop": "smtp://127.0.0.1:2528", "from": "listward@party.example"}
INSIDE = "office@inside.party.example"


def faults(*copy_to: str, notices: Any = NOTICES, **rule: Any) -> list[str]:
    """What is wrong with one rule that sends a copy."""
    (made,) = make_policy({"action": "accept", "copy_to": copy_to, **rule}).rules
    return [message for _, message in check_copies(made, make_site(notices=notices))]


def test_a_mailbox_inside_is_right() -> None:
    """For every rule that lets a message reach its list, now or by a person."""
    assert faults(INSIDE) == []
    assert faults(INSIDE, action="hold") == []


@pytest.mark.parametrize("action", ["reject", "discard", "defer"])
def test_only_what_reaches_its_list_is_copied(action: str) -> None:
    """A refused message is its author's alone."""
    assert faults(INSIDE, action=action) == [f"{action} and a copy do not go together; allowed: action accept or hold"]


def test_there_is_a_way_to_tell_the_author() -> None:
    """No copy without it."""
    (message,) = faults(INSIDE, notices={})
    assert message.startswith("the author has to be told of a copy")


@pytest.mark.parametrize(
    "address",
    [
        "members@party.example",
        "Members-Owner@party.example",
        "news+x@party.example",
        "report@party.example",
        "listward@party.example",
    ],
)
def test_a_copy_never_comes_back(address: str) -> None:
    """No list, no command address, no address of ours."""
    (message,) = faults(address)
    assert "the copy would come back" in message


def test_a_copy_goes_to_an_address() -> None:
    """And not to the author, who has the message."""
    for wrong in ("office", "büro@inside.party.example"):
        assert [message.partition(";")[0] for message in faults(wrong)] == [f"{wrong!r} is not an e-mail address"]
    assert "who has the message already" in faults(INSIDE, when={"author": [INSIDE]})[0]


@pytest.mark.parametrize(
    ("when", "right"),
    [
        ({}, False),
        ({"zone": ["internal", "members"]}, False),
        ({"list": ["board"]}, False),
        ({"list": ["board@party.example"]}, False),
        ({"zone": ["members", "public"]}, True),
        ({"list": ["news"]}, True),
    ],
)
def test_what_is_internal_stays_inside(when: dict[str, Any], right: bool) -> None:
    """A mailbox outside gets copies of rules alone that no post to an internal list fits."""
    assert (faults("press@agency.example", when=when) == []) is right


def test_the_check_is_part_of_checking() -> None:
    """With the key of the address."""
    policy = make_policy({"action": "accept", "copy_to": [INSIDE, "members@party.example"]})
    assert [key for _, key, _ in check_policy(policy, make_site(notices=NOTICES))] == [("rule", 0, "copy_to", 1)]
