"""Who may be told."""

from dataclasses import replace

import pytest
from desk_world import site
from memory_cases import draft
from messages import build

from listward.config.site import Addresses
from listward.queue.cases.case import StoredEnvelope
from listward.queue.notices.eligible import is_automatic, may_be_told


def test_a_proven_author_is_told() -> None:
    """Internal, members and known authors alike."""
    for origin in ("internal", "member", "known"):
        assert may_be_told(draft(origin=origin), build(), site())


def test_a_stranger_is_told_only_where_envelope_and_author_agree() -> None:
    """Whoever may send for a domain can write another of its addresses into From: that third person gets no mail."""
    envelope = StoredEnvelope("attacker@elsewhere.example", ("board@party.example",))
    victim = draft(origin="known", author="victim@elsewhere.example", envelope=envelope)
    assert not may_be_told(victim, build(), site())
    assert may_be_told(replace(victim, envelope=StoredEnvelope("Victim@Elsewhere.example", ("b@c",))), build(), site())
    assert may_be_told(replace(victim, origin="member"), build(), site())


def test_without_its_text_a_proven_authors_case_is_still_told() -> None:
    """Silence is the worst outcome."""
    assert may_be_told(draft(), None, site())


@pytest.mark.parametrize(
    "changes",
    [
        {"authenticated": False, "origin": "unproven"},
        {"authenticated": False, "origin": "forged"},
        {"author": ""},
        {"envelope": StoredEnvelope("", ("board@party.example",))},
        {"author": "MAILER-DAEMON@party.example"},
        {"author": "noreply@shop.example"},
        {"author": "no-reply@shop.example"},
        {"author": "owner-list@other.example"},
        {"author": "list-request@other.example"},
        {"author": "list-bounces@other.example"},
        {"author": "board@party.example"},
        {"author": "ana@party.example\r\nBcc: x@y"},
        {"author": "not an address"},
    ],
)
def test_others_are_not_told(changes: dict[str, object]) -> None:
    """No backscatter, no loops, no header from an address."""
    assert not may_be_told(draft(**changes), build(), site())


def test_our_own_addresses_are_not_told() -> None:
    """A notice there would come back to us."""
    own = site(addresses=Addresses(report="report@party.example", appeal="appeal@party.example"))
    for address in ("report@party.example", "Appeal@party.example"):
        assert not may_be_told(draft(author=address), build(), own)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "auto-replied"),
        ("auto-submitted", "AUTO-GENERATED; x=y"),
        ("Precedence", "bulk"),
        ("Precedence", "List"),
        ("Precedence", "junk"),
        ("List-Id", "<news.shop.example>"),
        ("List-Unsubscribe", "<mailto:off@shop.example>"),
        ("Feedback-ID", "1:campaign"),
        ("Return-Path", "<>"),
    ],
)
def test_machines_lists_and_bulk_are_not_told(name: str, value: str) -> None:
    """RFC 3834 section 2: no automatic answer to what a machine sent."""
    body = build(headers=[(name, value)])
    assert is_automatic(body)
    assert not may_be_told(draft(), body, site())


def test_a_person_who_says_so_is_no_machine() -> None:
    """Auto-Submitted: no is what people's programs write; words in the text do not count."""
    assert not is_automatic(build(headers=[("Auto-Submitted", "no")]))
    assert not is_automatic(build(text="Precedence: bulk\nList-Id: <x>\n"))
    assert not is_automatic(b"")
