"""What a case is made of."""

from dataclasses import replace

import pytest
from gateway_fakes import BOARD, FOUND, KEY, NEWS, SENDER, FakeJudge, make_site, message

from listward.config.site import Queue
from listward.filters.findings import Finding
from listward.filters.identity.origin import Origin, OriginKind, Role
from listward.filters.identity.standing import Method, Path
from listward.filters.judgement import Action, Judgement, Mode, RecipientVerdict, RuleOutcome
from listward.filters.routing.targets import Directory
from listward.filters.transaction import Client, Listener, Transaction
from listward.gateway.course import Course
from listward.gateway.drafts import Drafter, own_queues
from listward.gateway.session.door import Arrival
from listward.gateway.trace.stamp import Cleaned, clean
from listward.queue.cases.reasons import reasons_for
from listward.wire.envelope import Envelope, Recipient
from listward.wire.payload import Payload

SITE = make_site("lmtp://127.0.0.1:1", "smtp://127.0.0.1:2", "smtp://127.0.0.1:3")
DIRECTORY = Directory(SITE)


def verdict(address: str, *outcomes: RuleOutcome, origin: Origin | None = None) -> RecipientVerdict:
    """A hold for one address."""
    target = DIRECTORY.target(address)
    assert target is not None
    return RecipientVerdict(target, origin or Origin(OriginKind.MEMBER, SENDER), Action.HOLD, (), outcomes)


def outcome(rule: str, action: Action | None, fired: bool = True, words: str = "") -> RuleOutcome:
    """One rule's outcome."""
    return RuleOutcome(rule, "content", Mode.ENFORCE, fired, "saw it", action, words=words)


def course(address: str, given: RecipientVerdict | None = None) -> Course:
    """A course that holds."""
    target = DIRECTORY.target(address)
    assert target is not None
    return Course(target, Action.HOLD, f"key-{address}", verdict=given)


def arrival(data: bytes, *recipients: Recipient) -> Arrival:
    """A message with its envelope."""
    envelope = Envelope(SENDER, recipients, ("BODY=8BITMIME", "SMTPUTF8"))
    return Arrival("0" * 20, Client("192.0.2.1"), envelope, Payload(data), "ESMTP", 1_800_000_000.0, 0.0)


async def judged(data: bytes, *recipients: str) -> Judgement:
    """What the fake judge says."""
    judge = FakeJudge(SITE)
    transaction = Transaction("i", Listener.INGRESS, Client(None), SENDER, recipients, b"", 0.0)
    return await judge.judge(transaction, Payload(data))


def cleaned(data: bytes) -> Cleaned:
    """The message as the gateway reads it."""
    return clean(Payload(data), "mx.party.example", "mx.party.example")


def test_reasons_are_the_rules_that_asked_then_what_was_found() -> None:
    """Rules in shadow, that did not fire or that accept are no reason; the policy's words come first."""
    given = verdict(
        BOARD,
        outcome("asked", Action.HOLD, words="Please wait."),
        outcome("refused", Action.REJECT),
        outcome("shadow", None),
        outcome("silent", Action.HOLD, fired=False),
        outcome("fine", Action.ACCEPT),
    )
    reasons = reasons_for(given, (FOUND, Finding("plain", "odd", 0.1, "It is odd.")))
    assert [(reason.rule, reason.sentence) for reason in reasons] == [
        ("asked", "Please wait."),
        ("refused", "saw it"),
        ("heat", "It is heated."),
        ("plain", "It is odd."),
    ]
    assert (reasons[2].view, reasons[2].start, reasons[2].end, reasons[2].quote) == ("text", 0, 4, "grr!")


def test_the_rule_that_decided_comes_first() -> None:
    """A notice takes its sentence and its clause from there."""
    given = verdict(
        BOARD, outcome("weak", Action.DISCARD), outcome("strong", Action.HOLD), outcome("beside", Action.HOLD)
    )
    assert given.deciding is not None
    assert [reason.rule for reason in reasons_for(given, ())] == ["strong", "weak", "beside"]


async def test_the_whole_envelope_is_kept_for_the_release() -> None:
    """With all parameters, for this recipient alone."""
    both = (Recipient(BOARD, ("NOTIFY=NEVER",)), Recipient(NEWS))
    drafter = Drafter(arrival(message(), *both), cleaned(message()), await judged(message(), BOARD, NEWS), "hash")
    origin = Origin(OriginKind.MEMBER, SENDER, Role.CANDIDATE)
    draft = drafter.draft((course(BOARD, verdict(BOARD, origin=origin)),), ("10017",))
    assert draft.envelope.sender == SENDER
    assert draft.envelope.recipients == (BOARD,)
    assert draft.envelope.parameters == ("BODY=8BITMIME", "SMTPUTF8")
    assert draft.envelope.recipient_parameters == (("NOTIFY=NEVER",),)
    assert (draft.origin, draft.role, draft.authenticated) == ("member", "candidate", True)
    assert (draft.linked, draft.ledger_key, draft.policy_hash) == (("10017",), f"key-{BOARD}", "hash")
    assert (draft.spam_score, draft.size, draft.received_at) == (0.1, len(message()), 1_800_000_000.0)
    assert draft.queues == ("moderators",)


async def test_an_internal_matter_is_marked_in_all_its_cases() -> None:
    """One internal list among the recipients, or an internal mark, makes the text stay inside."""
    both = (Recipient(BOARD), Recipient(NEWS))
    drafter = Drafter(arrival(message(), *both), cleaned(message()), await judged(message(), BOARD, NEWS), "hash")
    assert drafter.draft((course(NEWS, verdict(NEWS)),), ()).internal
    alone = Drafter(arrival(message(), both[1]), cleaned(message()), await judged(message(), NEWS), "hash")
    assert not alone.draft((course(NEWS, verdict(NEWS)),), ()).internal


@pytest.mark.parametrize("kind", [OriginKind.UNPROVEN, OriginKind.MEMBER, OriginKind.FORGED])
async def test_ways_of_sending_are_kept_where_nothing_proves_the_author(kind: OriginKind) -> None:
    """Nobody needs to vouch for anybody else, so of others nothing is kept."""
    kept = (Path(Method.DKIM, "small-host.test", "s1"),)
    judgement = replace(await judged(message(), BOARD), paths=kept)
    drafter = Drafter(arrival(message(), Recipient(BOARD)), cleaned(message()), judgement, "hash")
    draft = drafter.draft((course(BOARD, verdict(BOARD, origin=Origin(kind, SENDER))),), ())
    assert draft.paths == (kept if kind is OriginKind.UNPROVEN else ())


def test_what_nobody_could_judge_has_a_case_all_the_same() -> None:
    """The subject is read from the raw header, the author is not claimed."""
    data = message(subject="=?broken" + "x" * 600)
    draft = Drafter(arrival(data, Recipient(BOARD)), cleaned(data), None, "hash").draft((course(BOARD),), ())
    assert (draft.author, draft.author_name, draft.origin, draft.authenticated) == ("", "", "unproven", False)
    assert draft.subject.startswith("=?broken")
    assert len(draft.subject) <= 400
    assert draft.internal
    assert KEY not in repr(draft).encode()


@pytest.mark.parametrize("address", ["report@party.example", "Report+0@party.example", "report+x+y@party.example"])
async def test_mail_to_an_office_is_a_case_of_the_configured_address(address: str) -> None:
    """Details make no new lists; it is no internal matter by itself; the secretary's people see it."""
    judgement = await judged(message(), address)
    for given in (judgement, None):
        drafter = Drafter(arrival(message(), Recipient(address)), cleaned(message()), given, "hash")
        drafter = replace(drafter, own_queues=("secretary",))
        draft = drafter.draft((course(address, verdict(address)),), ())
        assert (draft.list, draft.next_hop, draft.internal) == ("report@party.example", "", False)
        assert draft.queues == ("secretary",)
        assert draft.envelope.recipients == (address,)


def test_the_secretary_sees_the_offices_mail_where_there_is_one() -> None:
    """Else the moderators do."""
    assert own_queues(SITE.model_copy(update={"queues": ()})) == ("moderators",)
    queues = (Queue(name="secretary", group="secretary"),)
    assert own_queues(SITE.model_copy(update={"queues": queues})) == ("secretary",)
