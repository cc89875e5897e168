"""Whose seal counts, for whom, and for what it never does."""

import asyncio
import time
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from arc_world import FIELDS, SELECTOR, keys, said, sealed
from identity_world import BOARD, NEWS, FixedRosters, person, rsa_record, signed, site, transaction
from messages import build
from static_dns import StaticResolver

from listward.filters.identity.arc_evidence import read_chain
from listward.filters.identity.authenticate import authenticate
from listward.filters.identity.claims import Claims, claims_of, signatures_of
from listward.filters.identity.origin import Authentication, AuthResult, Basis, Origin, OriginKind, Role
from listward.filters.identity.origins import origin_for
from listward.filters.identity.source import Source
from listward.filters.message.parse import parse_message

REJECT = {
    "_dmarc.mail.example": {"TXT": ["v=DMARC1; p=reject"]},
    "_dmarc.party.example": {"TXT": ["v=DMARC1; p=reject"]},
}
ZONE = {**keys("relay.example", "other.example", "party.example", "unknown.example"), **REJECT}
TRUSTED = {"authentication": {"trusted_sealers": ["relay.example", "other.example"]}}
OURS = {"signing": {"domain": "party.example", "selector": SELECTOR, "key_file": "arc.pem"}}
POST = build(from_="Ben <ben@mail.example>")
PEOPLE = FixedRosters(person("ben@mail.example", "Ben"), person("ana@party.example", "Ana", Role.OFFICER))


def claims(raw: bytes) -> Claims:
    """What the message claims, its chain among it."""
    message, now = parse_message(raw), time.time()
    return replace(claims_of(message, (), signatures_of(message, now)), chain=read_chain(Source.of(raw), now))


def prove(raw: bytes, zone: dict[str, Any] | None = None, **tables: Any) -> tuple[Authentication, Origin]:
    """What DNS and cryptography say of it, and its origin for the board."""
    settings = site(Path("/nonexistent"), **(tables or TRUSTED))
    found, came = claims(raw), transaction(raw)
    resolver = StaticResolver(ZONE if zone is None else zone)
    authentication = asyncio.run(authenticate(found, came, settings, resolver))
    return authentication, origin_for(authentication, found, came, BOARD, settings, PEOPLE)


def kind(raw: bytes, zone: dict[str, Any] | None = None, **tables: Any) -> OriginKind:
    """The kind of origin."""
    return prove(raw, zone, **tables)[1].kind


def test_a_trusted_sealer_vouches() -> None:
    """Its word makes a member; the reason names it, and the results show the chain beside the failed DMARC."""
    authentication, origin = prove(sealed(POST))
    assert (origin.kind, origin.basis, authentication.sealer) == (OriginKind.MEMBER, Basis.ARC, "relay.example")
    assert "relay.example" in origin.proof
    results = {result.method: result.result for result in authentication.results}
    assert (results["dmarc"], results["arc"]) == ("fail", "pass")


@pytest.mark.parametrize(("age_s", "expected"), [(6 * 86_400, OriginKind.MEMBER), (8 * 86_400, OriginKind.FORGED)])
def test_an_old_seal_vouches_for_nothing(age_s: int, expected: OriginKind) -> None:
    """A subscriber who kept a sealed post cannot send it again, nor by a trusted server that seals it anew today."""
    made = str(int(transaction(POST).received_at) - age_s)
    post = sealed(POST, seal={"t": made}, message={"t": made})
    assert kind(post) is expected
    assert kind(sealed(post, "other.example", said(dmarc="fail"))) is expected


def test_nobody_vouches_whom_the_organisation_has_not_named() -> None:
    """Without a list, and by a sealer beside it, the mail is what its DMARC makes of it."""
    assert kind(sealed(POST), authentication={}) is OriginKind.FORGED
    assert kind(sealed(POST, "unknown.example")) is OriginKind.FORGED
    assert kind(POST) is OriginKind.FORGED


def test_a_stranger_stays_a_stranger() -> None:
    """A proven address that is not in the roster is known."""
    raw = sealed(build(from_="Zoe <zoe@mail.example>"))
    assert kind(raw) is OriginKind.KNOWN


def test_everybody_after_the_one_whose_word_counts_must_be_trusted() -> None:
    """An unknown server in between, or at the end, could have written anything."""
    no_word = said(dmarc="fail")
    assert kind(sealed(sealed(POST), "other.example", no_word)) is OriginKind.MEMBER
    assert kind(sealed(sealed(POST), "unknown.example", no_word)) is OriginKind.FORGED
    middle = sealed(sealed(sealed(POST), "unknown.example", no_word), "other.example", no_word)
    assert kind(middle) is OriginKind.FORGED


def test_an_unknown_first_sealer_does_not_matter_where_a_later_word_counts() -> None:
    """The trusted one has looked by itself."""
    assert kind(sealed(sealed(POST, "unknown.example"), "other.example")) is OriginKind.MEMBER


@pytest.mark.parametrize(
    "results",
    [
        said(author="rival.example"),
        said(author="sub.mail.example"),
        said(dmarc="fail"),
        said(dmarc="temperror"),
        said(dmarc="none"),
        "mx.relay.example; none",
        "mx.relay.example; dmarc=pass",
        "mx.relay.example; spf=pass smtp.mailfrom=mail.example; dmarc=fail header.from=mail.example",
        "mx.relay.example; dkim=pass header.d=sub.mail.example",
        "mx.relay.example; dkim=fail header.d=mail.example",
        "mx.relay.example; spf=pass smtp.helo=mail.example",
        "mx.relay.example; dkim=pass header.d=mail.example; dmarc=none header.from=rival.example",
        "mx.relay.example; dmarc=pass header.from=mail.example; dmarc=pass header.from=rival.example",
        "mx.relay.example; dmarc=pass header.from=mail.example; dmarc=fail header.from=mail.example",
        "mx.relay.example 2; dmarc=pass header.from=mail.example",
        "mx.relay.example (dmarc=pass header.from=mail.example); none",
        "mx.relay.example; dmarc=pass header.from=(mail.example",
        "; dmarc=pass header.from=mail.example",
        said() + "; x=" + "y" * 4096,
        "arc=pass; x-dmarc=pass header.from=mail.example",
    ],
)
def test_words_that_prove_nothing(results: str) -> None:
    """Another domain, another verdict, a comment, a version nobody knows."""
    assert kind(sealed(POST, results=results)) is OriginKind.FORGED


@pytest.mark.parametrize(
    "results",
    [
        said(author="MAIL.example."),
        said(author="ben@mail.example"),
        "mx.relay.example; dkim=pass header.i=@mail.example; dmarc=none header.from=mail.example",
        "mx.relay.example; dkim=fail header.d=a.example; dkim=pass header.d=mail.example",
        "mx.relay.example; spf=pass smtp.mailfrom=ben@mail.example",
        "mx.microsoft.com 1; spf=pass smtp.mailfrom=x.example; dmarc=pass action=none header.from=mail.example",
        "mx.google.com;\r\n dkim=pass header.i=@x.example;\r\n dmarc=pass (p=NONE dis=NONE) header.from=mail.example",
    ],
)
def test_words_that_prove(results: str) -> None:
    """In the spellings that servers use."""
    assert kind(sealed(POST, results=results)) is OriginKind.MEMBER


def test_an_earlier_word_counts_only_for_the_same_author() -> None:
    """Where a later sealer saw another From, somebody has changed it in between."""
    raw = sealed(sealed(POST), "other.example", said(author="rival.example", dmarc="fail"))
    assert kind(raw) is OriginKind.FORGED


def test_from_must_be_what_the_sealer_signed() -> None:
    """A chain passes though From is not covered; then it is no word about From."""
    loose = sealed(POST, fields="to:subject:date")
    assert kind(loose) is OriginKind.FORGED
    assert kind(loose.replace(b"ben@mail.example", b"eva@mail.example")) is OriginKind.FORGED
    assert kind(sealed(POST).replace(b"ben@mail.example", b"eva@mail.example")) is OriginKind.FORGED
    assert kind(sealed(POST, fields=FIELDS).replace(b"\r\n\r\n", b"\r\nFrom: eva@mail.example\r\n\r\n", 1)) is (
        OriginKind.UNPROVEN
    )


def test_the_message_signature_must_be_of_a_trusted_domain_too() -> None:
    """A seal of one that covers a text that another has signed is no word of the one."""
    assert kind(sealed(POST, message={"d": "unknown.example"})) is OriginKind.FORGED
    assert kind(sealed(POST, message={"d": "other.example"})) is OriginKind.MEMBER


def test_trouble_with_dns_leaves_it_open_only_where_the_answer_matters() -> None:
    """The key of a sealer that would vouch: try again. Of another: no."""
    zone = {**ZONE, "arc._domainkey.relay.example": {"error": "SERVFAIL"}}
    authentication, origin = prove(sealed(POST), zone)
    assert (origin.kind, origin.undecided, authentication.aligned) == (OriginKind.UNPROVEN, True, False)
    zone = {**ZONE, "arc._domainkey.unknown.example": {"error": "SERVFAIL"}}
    assert not prove(sealed(POST, "unknown.example"), zone)[1].undecided


def test_a_word_settles_what_dns_left_open() -> None:
    """DMARC's record cannot be had, and the sealer has seen it."""
    zone = {**ZONE, "_dmarc.mail.example": {"error": "SERVFAIL"}}
    assert kind(sealed(POST), zone) is OriginKind.MEMBER


def test_what_spf_and_dkim_prove_needs_no_word() -> None:
    """A broken chain takes nothing away from a good signature."""
    zone = {**ZONE, "sel._domainkey.mail.example": {"TXT": [rsa_record()]}}
    for raw in (sealed(signed(POST)).replace(b"cv=none", b"cv=fail"), sealed(signed(POST))):
        authentication, origin = prove(raw, zone)
        assert (origin.kind, origin.basis, authentication.sealer) == (OriginKind.MEMBER, Basis.DKIM_ALIGNED, "")


def test_our_own_earlier_seal_counts() -> None:
    """A post of ours that comes back by a subscriber's forward or another list is its author's."""
    raw = sealed(POST, "party.example")
    assert kind(raw, **OURS) is OriginKind.MEMBER
    assert kind(raw, **TRUSTED) is OriginKind.FORGED


def test_nobody_becomes_internal_by_a_seal() -> None:
    """Neither an officer in our own domain by our own seal, nor with our own signature beside a strict DMARC."""
    own = build(from_="Ana <ana@party.example>", to=BOARD)
    raw = sealed(own, "party.example", said(author="party.example"))
    assert prove(raw, **OURS)[1].kind is OriginKind.MEMBER
    below = build(from_="Ana <ana@sub.party.example>", to=BOARD, message_id="<new@party.example>")
    signature = signed(below, "party.example", "sel1", fields="from:to:subject:date:message-id:content-type")
    raw = sealed(signature, "party.example", said(author="sub.party.example"))
    zone = {
        **ZONE,
        "sel1._domainkey.party.example": {"TXT": [rsa_record()]},
        "_dmarc.sub.party.example": {"TXT": ["v=DMARC1; p=reject; adkim=s"]},
    }
    assert prove(raw, zone, **OURS)[1].kind is OriginKind.KNOWN


def test_a_word_is_no_signature_of_ours() -> None:
    """Where a sealer's word proves the author, a signature of ours beside it makes nobody internal."""
    raw = build(from_="Ana <ana@party.example>", to=BOARD, date=formatdate())
    names = frozenset({"from", "to", "subject", "date", "message-id", "content-type"})
    own = AuthResult("dkim", "pass", "party.example", "", "header.d", "sel1", names, int(time.time()), aligned=True)
    by_signature = Authentication("ana@party.example", (own,), aligned=True)
    found, came, settings = claims(raw), transaction(raw), site(Path("/nonexistent"))
    kinds = [
        origin_for(authentication, found, came, BOARD, settings, PEOPLE).kind
        for authentication in (by_signature, replace(by_signature, sealer="relay.example"))
    ]
    assert kinds == [OriginKind.INTERNAL, OriginKind.MEMBER]


@pytest.mark.parametrize("author", [BOARD, NEWS, "listward@party.example"])
def test_replays_of_our_own_lists_and_notices_are_never_internal_or_a_member(author: str) -> None:
    """They carry our seal; what nobody writes as is in no roster, and our results say nothing of it."""
    notice = build(from_=f"Listward <{author}>", to=NEWS)
    assert kind(sealed(notice, "party.example", "mx.party.example; none"), **OURS) is OriginKind.FORGED
    domain = author.rpartition("@")[2]
    assert kind(sealed(notice, "party.example", said(author=domain)), **OURS) is OriginKind.KNOWN


def test_a_list_post_whose_from_the_list_server_has_changed_is_not_the_author_s() -> None:
    """Our results speak of the author's domain, and From is the list's."""
    munged = build(from_=f"Ben via Board <{BOARD}>")
    assert kind(sealed(munged, "party.example"), **OURS) is OriginKind.FORGED
