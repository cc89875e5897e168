"""Every way to write a message that two readers read differently: named, held, and the union of readings scanned."""

import pytest
from ambiguous_mail import CASES, Case
from policy_bench import make_site, probes, shipped_policy

from listward.cli.judging import Given, transaction_for
from listward.filters.content import ambiguity, attachments, structure
from listward.filters.context import Context
from listward.filters.identity.origin import OriginKind
from listward.filters.judge import Judge
from listward.filters.judgement import Action
from listward.filters.learner import SpamModel
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message

CONTEXT = Context("Party", frozenset(), frozenset(), frozenset(), frozenset())
SEEN = {"test-file": {"malware-test-file"}, "program": {"executable-attachment", "disguised-attachment"}}
EVERY = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def found(message: Message) -> set[str]:
    """The rules of the readers that look at how a message is built."""
    return {finding.rule for reader in (ambiguity, structure) for finding in reader.check(message, CONTEXT)}


@EVERY
def test_the_doubt_has_its_own_name(case: Case) -> None:
    """The finding that fits arises; what all readers agree on gives none."""
    rules = found(parse_message(case.raw))
    assert (case.rule in rules) if case.rule else not rules, rules


@EVERY
def test_a_scan_sees_what_any_reader_would_see(case: Case) -> None:
    """The test file or the program is found, whichever reading hides it."""
    rules = {finding.rule for finding in attachments.check(parse_message(case.raw), CONTEXT)}
    assert not case.hidden or rules & SEEN[case.hidden], rules


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The policy as shipped."""
    return Judge(make_site(), shipped_policy(), SpamModel(), probes())


@EVERY
async def test_the_shipped_policy_accepts_none_of_them(case: Case, judge: Judge) -> None:
    """Even a member's message that can be read in two ways is held or refused."""
    given = Given("ana@party.example", ("members@party.example",))
    transaction, message = transaction_for(case.raw, given, judge.directory, 0.0)
    judgement = await judge.judge(transaction, OriginKind.MEMBER, message=message)
    if case.rule or case.hidden:
        assert judgement.action in {Action.HOLD, Action.REJECT}


@EVERY
def test_doubt_alone_holds(case: Case) -> None:
    """Without what is hidden the finding still stands: an innocent message of that kind is held too."""
    if case.rule and case.rule != "undeclared-base64":
        harmless = case.raw.replace(b"EICAR", b"EIGHT")
        assert case.rule in found(parse_message(harmless))
