"""The policy that ships: what it does to whom, row by row."""

import re
from pathlib import Path

import pytest
from policy_bench import finding, make_site, origin, scores, shipped_policy, target

from listward.filters.findings import Finding
from listward.filters.identity.origin import OriginKind, Role
from listward.filters.judgement import Action, Mode, RecipientVerdict
from listward.filters.policy.engine import Engine
from listward.filters.policy.situation import Situation
from listward.filters.policy.words import reply_for
from listward.filters.routing.kinds import Kind, Zone

POLICY = shipped_policy()
ENGINE = Engine(POLICY)
BOARD = target(zone=Zone.INTERNAL, address="board@party.example")
NEWS = target(zone=Zone.PUBLIC, address="news@party.example")
A, H, R, F, X = Action.ACCEPT, Action.HOLD, Action.REJECT, Action.DEFER, Action.DISCARD
INSIDE, M, K, U, G = OriginKind.INTERNAL, OriginKind.MEMBER, OriginKind.KNOWN, OriginKind.UNPROVEN, OriginKind.FORGED
OUTSIDE = finding("internal-outside-address", "routing", "x@out.example")
PUBLIC = finding("internal-public-list", "routing", "news@party.example")
CLEAN: tuple[Finding, ...] = ()


def judged(kind: OriginKind, *findings: Finding, where: object = None, **facts: object) -> RecipientVerdict:
    """Decide on one author's message to one list."""
    changes = {"target": where or target(), "origin": origin(kind), **facts}
    return ENGINE.decide(Situation(findings=findings, **changes))  # type: ignore[arg-type]  # tests name the fields


@pytest.mark.parametrize(
    ("findings", "where", "actions"),
    [
        # author:                                          internal, member, known, unproven, forged
        (CLEAN, target(), (A, A, H, H, R)),
        (CLEAN, NEWS, (A, A, A, H, R)),
        (CLEAN, BOARD, (A, A, R, R, R)),
        ((OUTSIDE,), BOARD, (R, R, R, R, R)),
        ((OUTSIDE,), target(), (R, R, R, R, R)),
        ((PUBLIC,), NEWS, (R, R, H, H, R)),
        ((finding("internal-members-list", "routing"),), target(), (H, H, H, H, R)),
        ((finding("internal-looking", "internal"),), NEWS, (H, H, A, H, R)),
        ((finding("asks-for-money", "solicitation"),), target(), (H, H, H, H, R)),
        ((finding("executable-attachment", "malware"),), target(), (H, H, R, R, R)),
        ((finding("macro-document", "malware"),), target(), (H, H, H, H, R)),
        ((finding("encrypted-archive", "malformed"),), target(), (H, H, H, H, R)),
        ((finding("too-many-parts", "size"),), NEWS, (H, H, H, H, R)),
        ((finding("multiple-from", "malformed"),), NEWS, (H, H, H, H, R)),
        ((finding("several-boundaries", "ambiguity"),), NEWS, (H, H, H, H, R)),
        ((finding("mail-loop", "loop"),), target(), (R, R, R, R, R)),
        ((finding("automatic-reply", "automatic"),), NEWS, (H, H, H, X, R)),
        ((finding("many-lists", "flood"),), target(), (A, H, H, H, R)),
        ((finding("attack-on-a-person", "abuse"),), NEWS, (H, H, H, H, R)),
        ((finding("from-is-list", "posing"),), NEWS, (H, H, R, R, R)),
        ((finding("new-payee", "hijack"), finding("new-path", "hijack")), NEWS, (A, A, A, H, R)),
        ((finding("hijack-signs", "hijack"), finding("new-payee", "hijack")), NEWS, (H, H, H, H, R)),
        ((finding("account-frozen", "account"),), NEWS, (H, H, H, H, R)),
    ],
)
def test_what_happens_to_whom(findings: tuple[Finding, ...], where: object, actions: tuple[Action, ...]) -> None:
    """Each row: what is found, where it goes, and the action for each origin."""
    taken = tuple(judged(kind, *findings, where=where).action for kind in (INSIDE, M, K, U, G))
    assert taken == actions


@pytest.mark.parametrize(
    ("spam", "actions"),
    [(0.5, (A, A, A)), (0.92, (A, A, H)), (0.985, (H, H, H)), (1.0, (H, H, H))],
)
def test_junk_is_held_by_score(spam: float, actions: tuple[Action, ...]) -> None:
    """Members' mail is held only where junk is all but certain, and nobody's is refused for it."""
    taken = tuple(judged(kind, where=NEWS, scores=scores(spam=spam)).action for kind in (INSIDE, M, K))
    assert taken == actions
    assert judged(U, where=NEWS, scores=scores(spam=1.0)).action is H


def test_roles() -> None:
    """The barred are refused once proven, first posts are read first, and leave or candidacy changes nothing."""
    assert judged(M, origin=origin(M, role=Role.BANNED)).action is R
    assert judged(M, origin=origin(M, first_posts_moderated=True)).action is H
    for role in (Role.ON_LEAVE, Role.CANDIDATE, Role.OFFICER, Role.MODERATOR):
        assert judged(M, origin=origin(M, role=role)).action is A


def test_membership_is_secret_until_proven() -> None:
    """Unproven authors get one action and one reply, whatever a roster might know of the address."""
    outcomes = set()
    for role in (None, Role.MEMBER, Role.BANNED, Role.ON_LEAVE):
        for first in (False, True):
            found = judged(U, origin=origin(U, role=role, first_posts_moderated=first))
            outcomes.add((found.action, found.queues, reply_for(found.action, (found,), (), make_site())))
    assert len(outcomes) == 1


@pytest.mark.parametrize("kind", [Kind.COMMAND, Kind.BOUNCE, Kind.OWNER, Kind.OWN])
def test_complaints_and_commands_always_arrive(kind: Kind) -> None:
    """Nothing that a text says, and nobody's origin or role, stops mail to complaint and control addresses."""
    quoted = (
        finding("attack-on-a-person", "abuse"),
        finding("asks-for-money", "solicitation"),
        OUTSIDE,
        finding("internal-mark", "internal"),
    )
    for author in (INSIDE, M, K, U, G):
        facts = {
            "where": target(kind, Zone.INTERNAL),
            "origin": origin(author, role=Role.BANNED),
            "scores": scores(spam=1.0),
        }
        assert judged(author, *quoted, **facts).action is A


def test_no_fact_no_refusal() -> None:
    """Where the author could not be established, mail waits; loops are refused all the same."""
    lost = origin(U, undecided=True)
    for where in (target(), NEWS, BOARD):
        assert judged(U, where=where, origin=lost).action is F
    assert judged(U, finding("mail-loop", "loop"), origin=lost).action is R


def test_no_rule_refuses_members_for_text() -> None:
    """In the shipped policy no content rule refuses anybody but in shadow."""
    content = [rule for rule in POLICY.rules if rule.stage == "content" and rule.action == "reject"]
    assert all(rule.mode == "shadow" for rule in content)
    certain = judged(U, where=NEWS, scores=scores(spam=1.0))
    watched = [outcome.rule for outcome in certain.outcomes if outcome.mode is Mode.SHADOW and outcome.fired]
    assert watched == ["junk-certain"]


def test_outsiders_are_never_cited_with_members_clauses() -> None:
    """Clauses 4.x and 7.2 bind members: no rule for others alone names one."""
    for rule in POLICY.rules:
        if (
            rule.when.origin
            and not {"internal", "member"} & set(rule.when.origin)
            and rule.name != "in-the-name-of-a-list"
        ):
            assert not rule.clause.startswith(("4.", "7.2"))


def test_criticism_is_no_rule() -> None:
    """No rule and no finding that a rule names is about opinions; the clauses on opinion are for people alone."""
    for rule in POLICY.rules:
        assert rule.clause not in {"4.1", "4.2", "4.5", "4.6", "4.7", "5.1", "5.2"}


def test_words_are_plain() -> None:
    """Every rule has words for the author: one or two short sentences, ASCII, without a word that accuses."""
    for rule in POLICY.rules:
        assert rule.words.isascii()
        assert not re.search(
            r"violation|blocked|illegal|spam|forged|score|quarantine|SMTP|DMARC", rule.words, re.IGNORECASE
        )
        for sentence in re.split(r"(?<=\.) ", rule.words):
            assert 0 < len(sentence.split()) <= 20, rule.name


def test_clauses_are_plain_and_complete() -> None:
    """Every cited clause exists; sentences stay short."""
    assert all(POLICY.clause(rule.clause) for rule in POLICY.rules if rule.clause)
    for clause in POLICY.clauses:
        for sentence in re.split(r"(?<=\.) ", clause.text):
            assert len(sentence.split()) <= 20, clause.number


def test_the_page_for_secretaries_shows_every_rule() -> None:
    """docs/policy.md has one row a rule, with its action, mode, clause and words as they ship."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 7]
    shipped = [
        f"| `{rule.name}` | {rule.stage} | {rule.action} | {rule.mode} | {rule.clause or '-'} | {rule.words} |"
        for rule in POLICY.rules
    ]
    assert rows == shipped
