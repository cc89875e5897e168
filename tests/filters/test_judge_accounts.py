"""Frozen accounts and signs of stolen ones, from bytes to a judgement."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from messages import build
from policy_bench import FakeRosters, SilentResolver, make_policy, make_site, shipped_policy

from listward.config.policy import Policy
from listward.filters.identity.habits import HIJACK, PAYEE, path_key
from listward.filters.identity.origin import OriginKind, Role
from listward.filters.identity.standing import NO_STANDING, Habits, Method, Path, Standing
from listward.filters.judge import Judge
from listward.filters.judgement import Action, Judgement
from listward.filters.learner import SpamModel
from listward.filters.probes import Probes, ProbeUnavailable, RosterEntry
from listward.filters.transaction import Client, Listener, Transaction

ANA = "ana@party.example"
ENTRY = RosterEntry(ANA, "Ana Ruiz", Role.MEMBER)
MEMBERS, OWNER = "members@party.example", "members-owner@party.example"
PROSE = "We would like all of you to come to the meeting of the branch, and to bring what was sent to you by us. " * 2
PAY = "Please pay to DE89 3704 0044 0532 0130 00."
PASSES = make_policy({"mode": "off"})
USUAL = Habits(
    posts=20,
    posts_today=1,
    days=10,
    paths=frozenset({path_key(ANA, Path(Method.DKIM, "party.example", "s"))}),
    languages=frozenset({"es"}),
)


@dataclass
class FixedStandings:
    """Answers the same for everybody, or not at all; remembers who was asked about."""

    standing: Standing | None = NO_STANDING
    asked: list[str] = field(default_factory=list)

    async def of(self, author: str, paths: tuple[Path, ...]) -> Standing:
        """What stands."""
        self.asked.append(author)
        if self.standing is None:
            raise ProbeUnavailable("away")
        return self.standing


async def judged(
    standing: Standing | None,
    *to: str,
    text: str = PROSE,
    kind: OriginKind | None = OriginKind.MEMBER,
    policy: Policy | None = None,
    **site: Any,
) -> Judgement:
    """Ana's message under the shipped policy."""
    raw = build(text=text, to=MEMBERS)
    transaction = Transaction(
        id="id",
        listener=Listener.INGRESS,
        client=Client("192.0.2.1"),
        sender=ANA,
        recipients=to or (MEMBERS,),
        raw=raw,
        received_at=1_795_000_000.0,
    )
    probes = Probes(SilentResolver(), FakeRosters(ENTRY), standings=FixedStandings(standing))
    judge = Judge(make_site(**site), policy or shipped_policy(), SpamModel(), probes)
    return await judge.judge(transaction, kind)


def rules(judgement: Judgement) -> set[str]:
    """The names of what was found."""
    return {finding.rule for finding in judgement.findings}


@pytest.mark.parametrize("kind", [OriginKind.INTERNAL, OriginKind.MEMBER])
async def test_a_frozen_persons_post_waits(kind: OriginKind) -> None:
    """Whatever proves the author, and also under a policy that holds nothing."""
    for policy in (None, PASSES):
        found = await judged(Standing(frozen=True), kind=kind, policy=policy)
        assert found.action is Action.HOLD
        assert "account-frozen" in rules(found)
    assert (await judged(NO_STANDING, kind=kind)).action is Action.ACCEPT


async def test_a_frozen_person_still_reaches_the_owners() -> None:
    """A complaint is not judged on who wrote it."""
    found = await judged(Standing(frozen=True), OWNER)
    assert (found.action, rules(found)) == (Action.ACCEPT, set())


async def test_unproven_mail_tells_nothing_of_a_freeze() -> None:
    """Action, reply and reasons are the same whether the account is frozen or not."""
    frozen = await judged(Standing(frozen=True, habits=USUAL), text=f"{PROSE}{PAY}", kind=OriginKind.UNPROVEN)
    free = await judged(NO_STANDING, text=f"{PROSE}{PAY}", kind=OriginKind.UNPROVEN)
    assert (frozen.action, frozen.reply, frozen.findings) == (free.action, free.reply, free.findings)
    assert frozen.recipients == free.recipients


async def test_signs_that_come_together_hold_and_cite_the_clause() -> None:
    """A new payee in a new language: a person looks first."""
    found = await judged(Standing(habits=USUAL), text=f"{PROSE}{PAY}")
    assert {HIJACK, PAYEE, "new-language"} <= rules(found)
    assert found.action is Action.HOLD
    deciding = found.recipients[0].deciding
    assert deciding is not None
    assert (deciding.rule, deciding.clause) == ("hijack-signs", "4.8")


async def test_one_sign_alone_is_shown_and_passes() -> None:
    """It stands among the findings, for `check`, and holds nothing."""
    found = await judged(Standing(habits=USUAL))
    assert (found.action, rules(found)) == (Action.ACCEPT, {"new-language"})


async def test_without_an_answer_a_members_post_waits_at_its_sender() -> None:
    """Trouble with the store is never a pass; complaints do not hang on it."""
    found = await judged(None)
    assert (found.action, found.reply.code) == (Action.DEFER, 451)
    assert (await judged(None, OWNER)).action is Action.ACCEPT
