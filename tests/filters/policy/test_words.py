"""The words of SMTP replies."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_bench import finding, make_policy, make_site, verdict

from listward.filters.findings import Finding
from listward.filters.judgement import Action, Mode, RecipientVerdict, ReplyWords, RuleOutcome
from listward.filters.policy.citations import with_clauses
from listward.filters.policy.words import reply_for

SITE = make_site()
FORBIDDEN = re.compile(r"violation|blocked|illegal|spam|forged", re.IGNORECASE)


def refusal(reply: str, *findings: Finding, words: str = "Words for the author.") -> ReplyWords:
    """The reply to a refusal by a rule with these words."""
    outcome = RuleOutcome("r", "content", Mode.ENFORCE, True, "", Action.REJECT, words=words, reply=reply)
    refused = RecipientVerdict(
        verdict(Action.ACCEPT).target, verdict(Action.ACCEPT).origin, Action.REJECT, (), (outcome,)
    )
    return reply_for(Action.REJECT, (refused,), findings, SITE)


def outside(*addresses: str) -> Finding:
    """The finding with these addresses."""
    return finding("internal-outside-address", "routing", *addresses)


@pytest.mark.parametrize(
    ("action", "reply"),
    [
        (Action.ACCEPT, ReplyWords(250, "2.0.0", "Accepted. Ref {id}")),
        (Action.DISCARD, ReplyWords(250, "2.0.0", "Accepted. Ref {id}")),
        (Action.HOLD, ReplyWords(250, "2.0.0", "Received. A moderator reads it first. Case {case}")),
        (
            Action.DEFER,
            ReplyWords(
                451,
                "4.3.0",
                "Not delivered yet. Nothing is lost; your mail service tries again by itself. Ref {id}",
            ),
        ),
    ],
)
def test_replies_that_refuse_nothing(action: Action, reply: ReplyWords) -> None:
    """A discard reads like a delivery; a hold and a deferral say that nothing is lost."""
    assert reply_for(action, (verdict(action),), (), SITE) == reply


def test_the_outside_address_is_named() -> None:
    """The author reads which address to remove, and where to ask."""
    assert refusal("outside", outside("x@out.example")) == ReplyWords(
        550,
        "5.7.1",
        "Not delivered to anyone. x@out.example is outside the organisation. Remove it and send again. "
        "Questions: office@party.example. Ref {id}",
    )


def test_several_addresses_and_public_lists() -> None:
    """A few are named, the rest counted; a public list is called public, not outside."""
    many = refusal("outside", outside(*(f"x{number}@out.example" for number in range(5)))).text
    assert "x0@out.example, x1@out.example, x2@out.example and 2 more are outside" in many
    assert "Remove them" in many
    public = refusal("outside", finding("internal-public-list", "routing", "news@party.example")).text
    assert "news@party.example is open to the public. Remove it" in public


@pytest.mark.parametrize(
    "address", ['"Buy now: http://evil.example"@x.example', "jörg@out.example", "a" * 200 + "@x.example"]
)
def test_odd_addresses_are_not_repeated(address: str) -> None:
    """What could be words to the reader is described instead of named."""
    text = refusal("outside", outside(address)).text
    assert "an address in To or Cc is outside" in text
    assert address not in text


@pytest.mark.parametrize(
    ("reply", "enhanced"),
    [("policy", "5.7.1"), ("not-entitled", "5.7.2"), ("outside", "5.7.1"), ("malformed", "5.6.0"), ("loop", "5.4.6")],
)
def test_each_refusal_has_its_code(reply: str, enhanced: str) -> None:
    """5.7.1 for policy, 5.7.2 for lists one may not write to, and never 5.1.1."""
    found = refusal(reply, outside("x@out.example"))
    assert (found.code, found.enhanced) == (550, enhanced)
    assert "office@party.example" in found.text


def test_who_is_barred_reads_where_to_appeal() -> None:
    """Not only how to write here: that is just what they cannot."""
    found = refusal("barred")
    assert found.enhanced == "5.7.2"
    assert found.text.endswith("Appeal: appeal@party.example")


def test_addresses_that_do_not_exist() -> None:
    """5.1.1 is for an address that does not exist, and for nothing else."""
    unknown = RecipientVerdict(verdict(Action.ACCEPT).target, verdict(Action.ACCEPT).origin, Action.REJECT)
    assert reply_for(Action.REJECT, (unknown,), (), SITE).enhanced == "5.1.1"


def test_an_address_to_remove_comes_before_other_reasons() -> None:
    """Of several reasons the author reads the one she can act on at once."""
    refused = (verdict(Action.REJECT), verdict(Action.REJECT, reply="outside"))
    assert "x@out.example" in reply_for(Action.REJECT, refused, (outside("x@out.example"),), SITE).text


@settings(max_examples=200, deadline=None)
@given(
    words=st.text(max_size=600),
    addresses=st.lists(st.text(min_size=1, max_size=120), min_size=1, max_size=12),
    help_address=st.text(max_size=300),
    reply=st.sampled_from(["policy", "not-entitled", "barred", "outside", "malformed", "loop"]),
)
def test_no_input_breaks_a_reply(words: str, addresses: list[str], help_address: str, reply: str) -> None:
    """Every reply is one ASCII line of at most 400 octets, whatever configuration and header say."""
    site = make_site(addresses={"help": help_address})
    outcome = RuleOutcome("r", "content", Mode.ENFORCE, True, "", Action.REJECT, words=words, reply=reply)
    refused = RecipientVerdict(
        verdict(Action.ACCEPT).target, verdict(Action.ACCEPT).origin, Action.REJECT, (), (outcome,)
    )
    found = reply_for(Action.REJECT, (refused,), (outside(*addresses),), site)
    line = f"{found.code} {found.enhanced} {found.text.format(case='12345-6', id='0' * 20)}"
    assert line.isascii()
    assert line.isprintable()
    assert len(line) <= 400


def test_our_own_words_never_accuse() -> None:
    """None of the models has a word that accuses the author or quotes the message."""
    for reply in ("policy", "not-entitled", "barred", "outside", "malformed", "loop"):
        assert not FORBIDDEN.search(refusal(reply, outside("x@out.example")).text)


def test_findings_cite_the_clause_of_a_rule_that_fired() -> None:
    """A finding is cited with the clause of the rule that acted on it, and with none where no rule did."""
    policy = make_policy(
        {"name": "some-rule", "clause": "7.3", "when": {"category": ["solicitation"]}},
        {"name": "asleep", "clause": "4.3", "when": {"finding": ["internal-looking"]}},
    )
    findings = (finding("asks-for-money"), finding("internal-looking", "internal"))
    cited = with_clauses(findings, policy, (verdict(Action.HOLD),))
    assert [found.clause for found in cited] == ["7.3", ""]
