"""Signs that somebody else writes from an author's account."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listward.filters.content.manner import MOST_PAYEES
from listward.filters.findings import Finding
from listward.filters.identity.habits import (
    ENOUGH_POSTS,
    HIJACK,
    LANGUAGE,
    MANY_POSTS,
    PATH,
    PAYEE,
    RATE,
    STORM_POSTS,
    habit_findings,
    path_key,
    payee_keys,
    post_of,
)
from listward.filters.identity.origin import Origin, OriginKind, Role
from listward.filters.identity.standing import Habits, Method, Path, Post
from listward.filters.judgement import MessageFacts

ANA = "ana@mail.example"
USUAL = Path(Method.DKIM, "mail.example", "s1")
ELSEWHERE = Path(Method.DKIM, "elsewhere.example", "k")
KNOWN_PAYEE = "DE89370400440532013000"
HISTORY = Habits(
    posts=20,
    posts_today=1,
    days=11,
    paths=frozenset({path_key(ANA, USUAL)}),
    payees=frozenset(payee_keys(ANA, (KNOWN_PAYEE,))),
    languages=frozenset({"en"}),
)


def facts(*payees: str, language: str = "en") -> MessageFacts:
    """What was read of a message."""
    return MessageFacts("", "", "", "", 0, False, False, payees=payees, language=language)


def origin(kind: OriginKind = OriginKind.MEMBER, role: Role | None = Role.MEMBER) -> Origin:
    """Ana."""
    return Origin(kind, ANA, role)


def found(habits: Habits = HISTORY, read: MessageFacts | None = None, *paths: Path, **who: Any) -> list[str]:
    """The names of what is found."""
    findings = habit_findings(habits, origin(**who), paths or (USUAL,), read or facts())
    return [finding.rule for finding in findings]


def test_what_is_usual_is_no_sign() -> None:
    """The same path, payee and language, at the usual rate."""
    assert found(HISTORY, facts(KNOWN_PAYEE)) == []


@pytest.mark.parametrize(
    ("habits", "read", "path", "sign"),
    [
        (HISTORY, facts(), ELSEWHERE, PATH),
        (HISTORY, facts("paypal:mallory"), USUAL, PAYEE),
        (HISTORY, facts(language="fr"), USUAL, LANGUAGE),
        (replace(HISTORY, posts=27, posts_today=MANY_POSTS - 1), facts(), USUAL, RATE),
    ],
)
def test_one_sign_alone_is_told_and_holds_nothing(habits: Habits, read: MessageFacts, path: Path, sign: str) -> None:
    """A member may move, collect, answer in another tongue or have much to say."""
    assert found(habits, read, path) == [sign]


def test_two_signs_together_hold() -> None:
    """A new path and a new payee in one message are rarely chance."""
    assert found(HISTORY, facts("paypal:mallory"), ELSEWHERE) == [HIJACK, PATH, PAYEE]
    assert found(HISTORY, facts("paypal:mallory", language="fr")) == [HIJACK, PAYEE, LANGUAGE]


def test_a_storm_holds_by_itself() -> None:
    """Two dozen posts in a day from somebody who writes twice a day."""
    storm = replace(HISTORY, posts=20 + STORM_POSTS, posts_today=STORM_POSTS - 1)
    assert found(storm) == [HIJACK, RATE]
    assert found(replace(storm, posts_today=STORM_POSTS - 2)) == [RATE]


def test_who_always_writes_much_is_no_storm() -> None:
    """The rate counts against what is usual for this very author."""
    busy = replace(HISTORY, posts=10 * STORM_POSTS, posts_today=STORM_POSTS, days=9)
    assert found(busy) == []


@pytest.mark.parametrize("role", [Role.OFFICER, Role.MODERATOR])
def test_a_new_path_of_somebody_with_an_office_holds(role: Role) -> None:
    """Their word weighs more with the members; so does a stolen account of theirs."""
    assert found(HISTORY, facts(), ELSEWHERE, role=role) == [HIJACK, PATH]
    assert found(HISTORY, facts(language="fr"), role=role) == [LANGUAGE]


def test_a_new_key_or_another_proof_of_the_same_domain_is_no_sign() -> None:
    """Keys rotate, and a service that signs today may prove itself by SPF tomorrow."""
    assert found(HISTORY, facts(), Path(Method.DKIM, "mail.example", "s2")) == []
    assert found(HISTORY, facts(), Path(Method.SPF, "mail.example")) == []
    assert found(HISTORY, facts(), ELSEWHERE, USUAL) == []


def test_a_move_of_provider_holds_once() -> None:
    """Once a person has released the first one, the path is known."""
    moved = replace(HISTORY, paths=HISTORY.paths | {path_key(ANA, ELSEWHERE)})
    assert found(moved, facts(), ELSEWHERE, role=Role.OFFICER) == []


def test_mail_without_a_path_is_no_new_path() -> None:
    """What came in from inside has none."""
    assert habit_findings(HISTORY, origin(OriginKind.INTERNAL), (), facts()) == ()


@pytest.mark.parametrize("kind", [OriginKind.UNPROVEN, OriginKind.FORGED])
def test_nothing_is_found_of_authors_who_are_not_proven(kind: OriginKind) -> None:
    """Else anybody could learn whose habits are known, by writing in their name."""
    assert found(HISTORY, facts("paypal:mallory", language="fr"), ELSEWHERE, kind=kind) == []


anything = st.builds(
    Habits,
    posts=st.integers(0, 500),
    posts_today=st.integers(0, 100),
    days=st.integers(0, 180),
    paths=st.frozensets(st.text(max_size=3), max_size=3),
    payees=st.frozensets(st.text(max_size=3), max_size=3),
    languages=st.frozensets(st.sampled_from(["en", "es"]), max_size=2),
)
messages = st.builds(facts, st.text(max_size=3), language=st.sampled_from(["", "en", "fr"]))


@given(anything.filter(lambda habits: habits.posts < ENOUGH_POSTS or habits.days < 2), messages)
def test_no_history_no_findings(habits: Habits, read: MessageFacts) -> None:
    """Nobody new is ever conspicuous."""
    assert found(habits, read, ELSEWHERE, role=Role.OFFICER) == []


@given(anything, messages)
def test_signs_are_sound_findings(habits: Habits, read: MessageFacts) -> None:
    """Weights lie in [0, 1], each sign comes once, and a hold names at least one sign."""
    findings = habit_findings(habits, origin(), (ELSEWHERE,), read)
    names = [finding.rule for finding in findings]
    assert all(isinstance(finding, Finding) and 0 < finding.weight <= 1 for finding in findings)
    assert len(set(names)) == len(names)
    assert HIJACK not in names or len(names) > 1


@given(anything, messages)
def test_what_was_seen_is_usual_next_time(habits: Habits, read: MessageFacts) -> None:
    """After a message was taken, the same again differs by its rate at most."""
    taught = replace(
        habits,
        paths=habits.paths | {path_key(ANA, ELSEWHERE)},
        payees=habits.payees | set(payee_keys(ANA, read.payees)),
        languages=habits.languages | ({read.language} - {""}),
    )
    assert set(found(taught, read, ELSEWHERE)) <= {RATE, HIJACK}


def test_a_post_teaches_what_judging_compares() -> None:
    """Each domain once, whatever proves it; hashes, no words; what is no language of ours is none."""
    read = facts(KNOWN_PAYEE, language="en")
    learnt = post_of(ANA, (USUAL, Path(Method.SPF, "mail.example")), read)
    assert learnt == Post((path_key(ANA, USUAL),), payee_keys(ANA, (KNOWN_PAYEE,)), "en")
    assert "mail.example" not in repr(learnt)
    assert KNOWN_PAYEE not in repr(learnt)
    assert post_of(ANA, (), facts(language="xx; DROP")).language == ""
    assert len(post_of(ANA, (), facts(*map(str, range(10_000)))).payees) == MOST_PAYEES


def test_reasons_give_no_numbers() -> None:
    """A finding is no score of a person: it says what is new, and nothing of how much there was before."""
    findings = habit_findings(HISTORY, origin(), (ELSEWHERE,), facts("paypal:mallory"))
    assert not any(character.isdigit() for finding in findings for character in finding.reason)
    assert all(finding.evidence == () for finding in findings)
