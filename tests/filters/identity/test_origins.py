"""The origin table, row by row: who is believed to be who, and on what proof."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from identity_world import (
    BOARD,
    INSIDE,
    NEWS,
    FixedRosters,
    claims,
    person,
    proven,
    rosters,
    site,
    transaction,
    unproven,
)
from messages import build

from listward.filters.identity.origin import Authentication, AuthResult, Origin, OriginKind, Role
from listward.filters.identity.origins import is_role_address, origin_for
from listward.filters.identity.roster import SiteRosters
from listward.filters.transaction import Listener

PEOPLE = (
    person("ana@party.example", "Ana Ruiz", Role.OFFICER),
    person("ben@mail.example", "Ben Okoro"),
    person("dov@mail.example", "Dov Levi", Role.BANNED),
    person("eve@soft.example", "Eve Stone"),
)
COVERED = frozenset({"from", "to", "cc", "subject", "message-id", "content-type"})
SIGNED = AuthResult("dkim", "pass", "party.example", "", "header.d", "sel1", COVERED, int(time.time()))


def _origin(authentication: Authentication, raw: bytes = b"", list_address: str = BOARD, **changes: object) -> Origin:
    raw = raw or build(from_=f"X <{authentication.author}>", to=BOARD)
    return origin_for(
        authentication, claims(raw), transaction(raw, **changes), list_address, site(), FixedRosters(*PEOPLE)
    )


@pytest.mark.parametrize(
    ("author", "policy"),
    [
        ("ana@party.example", ""),
        ("ana@party.example", "none"),
        ("nobody@below.party.example", ""),
        ("clerk@office.example", ""),
        (BOARD, ""),
        ("x@lists.party.example", ""),
        ("ben@mail.example", "reject"),
        ("ben@mail.example", "quarantine"),
    ],
)
def test_forged(author: str, policy: str) -> None:
    """Our own domains, and those that ask for it: what is not proven there is forged."""
    found = _origin(unproven(author, policy))
    assert (found.kind, found.role, found.undecided) == (OriginKind.FORGED, None, False)


def test_what_fails_without_consequences_is_unproven() -> None:
    """Under p=none, or without a record, a failing message is a stranger's, also from an address in the roster."""
    for policy in ("none", ""):
        found = _origin(unproven("eve@soft.example", policy))
        assert (found.kind, found.role) == (OriginKind.UNPROVEN, None)


def test_an_open_question_is_unproven_and_says_so() -> None:
    """DNS trouble never makes a message forged, known or a member's."""
    for author in ("ana@party.example", "ben@mail.example"):
        found = _origin(unproven(author, "reject", undecided=True))
        assert (found.kind, found.undecided) == (OriginKind.UNPROVEN, True)


def test_no_author_is_unproven() -> None:
    """Where From is not one address nobody is believed, whatever passes and wherever it came from."""
    for changes in ({}, {"address": INSIDE}, {"listener": Listener.SUBMISSION, "submitted_as": "internal"}):
        found = _origin(Authentication("", (SIGNED,), aligned=False), build(from_=None), **changes)
        assert (found.kind, found.address) == (OriginKind.UNPROVEN, "")


@pytest.mark.parametrize(
    ("author", "kind", "role"),
    [
        ("ben@mail.example", OriginKind.MEMBER, Role.MEMBER),
        ("dov@mail.example", OriginKind.MEMBER, Role.BANNED),
        ("ana@party.example", OriginKind.MEMBER, Role.OFFICER),
        ("zoe@mail.example", OriginKind.KNOWN, None),
        ("ben+list@mail.example", OriginKind.KNOWN, None),
    ],
)
def test_proven_authors_are_members_or_known(author: str, kind: OriginKind, role: Role | None) -> None:
    """The roster decides between the two, and gives the role; a plus-address is another address."""
    found = _origin(proven(author))
    assert (found.kind, found.role, found.address) == (kind, role, author)


def test_a_roster_that_cannot_be_read_leaves_it_open(tmp_path: Path) -> None:
    """Without any copy of the roster a proven author is neither member nor stranger."""
    raw = build(from_="ben@mail.example")
    found = origin_for(
        proven("ben@mail.example"), claims(raw), transaction(raw), BOARD, site(tmp_path), SiteRosters(site(tmp_path))
    )
    assert (found.kind, found.undecided) == (OriginKind.UNPROVEN, True)
    with_copy = origin_for(
        proven("ben@mail.example"), claims(raw), transaction(raw), BOARD, site(tmp_path), rosters(tmp_path)
    )
    assert with_copy.kind is OriginKind.MEMBER


@pytest.mark.parametrize(
    "authentication",
    [
        unproven("ben@mail.example"),
        unproven("ben@mail.example", "reject"),
        unproven("zoe@mail.example", undecided=True),
    ],
)
def test_before_proof_nobody_looks_at_the_roster(authentication: Authentication) -> None:
    """Membership is secret: until the author is proven the roster is not even asked."""
    raw = build(from_=authentication.author)
    people = FixedRosters(*PEOPLE)
    origin_for(authentication, claims(raw), transaction(raw), BOARD, site(), people)
    assert people.asked == []


@pytest.mark.parametrize("policy", ["", "none", "reject"])
def test_our_networks_prove_our_domains(policy: str) -> None:
    """Mail from a network of ours with From in a domain of ours is internal, without DKIM and whatever DMARC says."""
    for author, role in (("ana@party.example", Role.OFFICER), ("clerk@office.example", None)):
        found = _origin(unproven(author, policy, undecided=True), address=INSIDE)
        assert (found.kind, found.role, found.undecided) == (OriginKind.INTERNAL, role, False)
    assert _origin(unproven("ana@party.example"), address="::ffff:10.1.2.3").kind is OriginKind.INTERNAL


@pytest.mark.parametrize(
    ("author", "address"),
    [
        ("ana@party.example", None),
        ("ana@party.example", "203.0.113.1"),
        ("ana@party.example", "10.1.2.3.evil"),
        ("ana@below.party.example", INSIDE),
        ("ben@mail.example", INSIDE),
        (BOARD, INSIDE),
        ("listward@party.example", INSIDE),
        ("appeal@party.example", INSIDE),
    ],
)
def test_networks_prove_nothing_else(author: str, address: str | None) -> None:
    """An unnamed client, other domains, and addresses that nobody writes as, are not internal."""
    assert _origin(unproven(author), address=address).kind is not OriginKind.INTERNAL


def test_a_log_in_alone_proves_nothing() -> None:
    """Only where the door has found From among the identity's addresses (`submitted_as`)."""
    found = _origin(unproven("ana@party.example"), listener=Listener.SUBMISSION, identity="ana@party.example")
    assert found.kind is OriginKind.FORGED


def _by_signature(signature: AuthResult, raw: bytes, author: str = "ana@party.example", to: str = BOARD) -> OriginKind:
    return _origin(proven(author, signature), raw, to).kind


def test_our_own_signature_for_this_list_is_internal() -> None:
    """A pass of a configured domain and key, with a signed To or Cc that names this list."""
    assert _by_signature(SIGNED, build(to=f"x@y.example, {BOARD.upper()}")) is OriginKind.INTERNAL
    assert _by_signature(SIGNED, build(to="x@y.example", headers=[("Cc", BOARD)])) is OriginKind.INTERNAL


@pytest.mark.parametrize(
    "signature",
    [
        replace(SIGNED, selector="other"),
        replace(SIGNED, identity="mail.example"),
        replace(SIGNED, result="fail"),
        replace(SIGNED, result="policy"),
        replace(SIGNED, fields=COVERED - {"to", "cc"}),
        replace(SIGNED, method="spf"),
    ],
)
def test_other_signatures_are_not_internal(signature: AuthResult) -> None:
    """Another key, another domain, no pass, or To not signed: at most a member's."""
    assert _by_signature(signature, build(to=BOARD)) is OriginKind.MEMBER


def test_a_signature_made_for_another_list_is_not_internal() -> None:
    """Old mail to one list cannot be sent on to another, nor with a second To field."""
    assert _by_signature(SIGNED, build(to=NEWS)) is OriginKind.MEMBER
    assert _by_signature(SIGNED, build(to=NEWS), to=NEWS) is OriginKind.INTERNAL
    assert _by_signature(SIGNED, build(to=NEWS, headers=[("To", BOARD)])) is OriginKind.MEMBER


@pytest.mark.parametrize(
    ("unsigned", "extra"),
    [
        ("message-id", ()),
        ("subject", ()),
        ("content-type", ()),
        ("reply-to", [("Reply-To", "evil@else.example")]),
        ("", [("Subject", "Another one on top")]),
        ("", [("Content-Type", "text/html")]),
        ("", [("Message-ID", "<another@else.example>")]),
    ],
)
def test_a_signature_that_leaves_something_to_others_is_not_internal(
    unsigned: str, extra: list[tuple[str, str]]
) -> None:
    """What is not signed, or stands twice, can be changed by whoever sends the mail on: then it could pass again."""
    raw = build(to=BOARD, headers=extra)
    assert _by_signature(replace(SIGNED, fields=COVERED - {unsigned}), raw) is OriginKind.MEMBER
    stranger = _by_signature(replace(SIGNED, fields=COVERED - {unsigned}), raw, "clerk@party.example")
    assert stranger is OriginKind.KNOWN


def test_what_is_signed_and_not_there_is_no_fault() -> None:
    """A signature may cover the absence of Reply-To (RFC 6376 section 5.4.2), and a signed one is the author's own."""
    wide = replace(SIGNED, fields=COVERED | {"reply-to"})
    assert _by_signature(wide, build(to=BOARD)) is OriginKind.INTERNAL
    assert _by_signature(wide, build(to=BOARD, headers=[("Reply-To", "ana@party.example")])) is OriginKind.INTERNAL


DAY = 86_400


@pytest.mark.parametrize(
    ("signed_days_ago", "dated_days_ago", "internal"),
    [
        (0, None, True),
        (6.5, None, True),
        (7, None, False),
        (-1, None, False),
        (None, 0, True),
        (None, 8, False),
        (0, 8, False),
        (8, 0, False),
        (0, 6, True),
        (None, None, False),
    ],
)
def test_old_signatures_are_not_internal(
    signed_days_ago: float | None, dated_days_ago: float | None, internal: bool
) -> None:
    """After a week the store no longer knows what was posted; without a date that counts nobody knows how old it is."""
    now = time.time()
    fields = COVERED | {"date"} if dated_days_ago is not None else COVERED
    signed_at = int(now - signed_days_ago * DAY) if signed_days_ago is not None else None
    raw = build(to=BOARD, date=format_datetime(datetime.fromtimestamp(now - (dated_days_ago or 0) * DAY, UTC)))
    signature = replace(SIGNED, fields=fields, signed_at=signed_at)
    assert _by_signature(signature, raw) is (OriginKind.INTERNAL if internal else OriginKind.MEMBER)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Sat, 99 Nov 2026 10:00:00 +0000", "Sat, 21 Nov 99999 10:00:00 +0000"]
)
def test_a_date_that_is_none_proves_nothing(date: str) -> None:
    """Nothing raises; without t= such mail is a member's."""
    signature = replace(SIGNED, fields=COVERED | {"date"}, signed_at=None)
    raw = build(to=BOARD, date=None, headers=[("Date", date)])
    assert _by_signature(signature, raw) is OriginKind.MEMBER
    utc = format_datetime(datetime.now(UTC)).replace("+0000", "-0000")
    assert _by_signature(signature, build(to=BOARD, date=None, headers=[("Date", utc)])) is OriginKind.INTERNAL


def test_nobody_is_internal_as_a_list_or_office() -> None:
    """Our own signature does not let anybody write as a list or a notice address."""
    for author in (BOARD, "listward@party.example"):
        assert _by_signature(SIGNED, build(from_=author, to=BOARD), author) is not OriginKind.INTERNAL


def test_every_origin_has_a_sentence_for_moderators() -> None:
    """The proof is one plain sentence without the words of mail machinery."""
    found = [
        _origin(proven("ben@mail.example")),
        _origin(proven("ben@mail.example", AuthResult("dkim", "pass", "mail.example"))),
        _origin(Authentication("ben@mail.example", (), aligned=True)),
        _origin(unproven("ben@mail.example", "reject")),
        _origin(unproven("ana@party.example")),
        _origin(unproven("eve@soft.example")),
        _origin(unproven("eve@soft.example", undecided=True)),
        _origin(unproven("ana@party.example"), address=INSIDE),
        _origin(unproven("ana@party.example"), listener=Listener.SUBMISSION, submitted_as="internal"),
        _origin(proven("ana@party.example", SIGNED), build(to=BOARD)),
        _origin(Authentication("", (), aligned=False), build(from_=None)),
    ]
    sentences = [origin.proof for origin in found]
    assert len(set(sentences)) == len(sentences)
    for sentence in sentences:
        assert sentence.endswith(".")
        assert len(sentence.split()) <= 20
        assert not {"spf", "dkim", "dmarc", "forged", "spam"} & set(sentence.lower().replace(".", " ").split())
    assert found[1].proof == "The address is proven by the signature of mail.example."


def test_role_addresses() -> None:
    """Lists, and the addresses our own mail comes from; an empty setting is no address."""
    assert is_role_address(BOARD, site())
    assert is_role_address("listward@party.example", site())
    assert not is_role_address("", site())
    assert not is_role_address("ana@party.example", site())
