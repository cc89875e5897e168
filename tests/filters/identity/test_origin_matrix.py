"""The table of origins, walked: every row, every door, every kind of peer, over the real judge and a fake name server.

Read it as a table: who is in From, how the mail came, what proves it, and what the origin and its basis are.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import pytest
from documents import text_of
from identity_world import BOARD, INSIDE, NEWS, OUTSIDE, FixedRosters, person, rsa_record, signed, site
from policy_bench import shipped_policy
from static_dns import StaticResolver

from listward.filters.identity.origin import Basis, OriginKind, Role
from listward.filters.judge import Judge
from listward.filters.judgement import Action
from listward.filters.learner import SpamModel
from listward.filters.probes import Probes
from listward.filters.transaction import Client, Listener, Transaction

MEMBER, OFFICER, BANNED = "ben@mail.example", "ana@party.example", "dov@mail.example"
KNOWN, SOFT, NOTICES, REPORT = "zoe@mail.example", "eve@soft.example", "listward@party.example", "appeal@party.example"
ZONE: dict[str, Any] = {
    "mail.example": {"TXT": [f"v=spf1 ip4:{OUTSIDE} -all"]},
    "_dmarc.mail.example": {"TXT": ["v=DMARC1; p=reject"]},
    "party.example": {"TXT": [f"v=spf1 ip4:{OUTSIDE} -all"]},
    "_dmarc.party.example": {"TXT": ["v=DMARC1; p=quarantine"]},
    "soft.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
    "_dmarc.soft.example": {"TXT": ["v=DMARC1; p=none"]},
    "attack.example": {"TXT": ["v=spf1 ip4:198.51.100.99 -all"]},
    "_dmarc.set-aside.example": {"TXT": ["v=DMARC1; p=quarantine"]},
    "_dmarc.dead.example": {"error": "SERVFAIL"},
    **{
        f"{selector}._domainkey.{domain}": {"TXT": [rsa_record()]}
        for domain in ("mail.example", "party.example", "attack.example")
        for selector in ("sel", "sel1")
    },
}
ELSEWHERE = "198.51.100.99"
WHOLE = "from:to:subject:date:message-id:reply-to:content-type"
HOST = ("mx.host.example",)
MINE = "mx.host.example; dmarc=pass header.from={domain}; dkim=pass header.d={domain}"
FOREIGN = "mx.stranger.example; dmarc=pass header.from={domain}; dkim=pass header.d={domain}"
FAILED = "mx.host.example; dkim=fail header.d={domain}\r\nAuthentication-Results: " + MINE
CLAIMS = {
    "results of that peer": MINE,
    "results in a stranger's name": FOREIGN,
    "results forged below that peer's": FAILED,
}


@dataclass(frozen=True)
class Row:
    """One message. `by` is what proves it: "spf", "dkim", "ours" (our signature), or words that name a trick."""

    author: str
    by: str
    kind: OriginKind
    basis: Basis
    door: Listener = Listener.INGRESS
    address: str | None = OUTSIDE
    peer: str = ""
    submitted: str = ""
    to: str = BOARD
    sender: str = ""
    role: Role | None = None

    def __str__(self) -> str:
        """The row as it is read in a list of tests."""
        came = (
            (self.submitted and f"log-in of {self.submitted}") or self.peer or self.address or "a client nobody names"
        )
        return f"{self.author} by {self.by or 'nothing'} through {self.door} from {came}: {self.kind}, {self.basis}"


F, IN, M, K, U = OriginKind.FORGED, OriginKind.INTERNAL, OriginKind.MEMBER, OriginKind.KNOWN, OriginKind.UNPROVEN
ELSEWHERE_TESTED = (
    (Basis.ARC, M),
    (Basis.ARC, K),
    (Basis.VOUCHED, M),
    (Basis.NO_ROSTER, U),
    (Basis.NO_STORE, U),
)
"""What needs seals, a store, or a roster that is away."""
_WORDS = re.compile(r"`([a-z-]+)`")
NAMELESS = "a peer that names no client"
NAMED = "a peer that names the client"

ROWS = (
    # The way in, from outside.
    Row(MEMBER, "spf", M, Basis.SPF_ALIGNED, role=Role.MEMBER),
    Row(MEMBER, "dkim", M, Basis.DKIM_ALIGNED, address=ELSEWHERE, role=Role.MEMBER),
    Row(BANNED, "spf", M, Basis.SPF_ALIGNED, role=Role.BANNED),
    Row(OFFICER, "spf", M, Basis.SPF_ALIGNED, role=Role.OFFICER),
    Row(KNOWN, "spf", K, Basis.SPF_ALIGNED),
    Row(KNOWN, "dkim", K, Basis.DKIM_ALIGNED, address=ELSEWHERE),
    Row(MEMBER, "", F, Basis.DMARC_REJECT, address=ELSEWHERE),
    Row(MEMBER, "dkim of another domain", F, Basis.DMARC_REJECT, address=ELSEWHERE),
    Row(MEMBER, "a broken dkim", F, Basis.DMARC_REJECT, address=ELSEWHERE),
    Row(OFFICER, "", F, Basis.OUR_DOMAIN, address=ELSEWHERE),
    Row("new@any.party.example", "", F, Basis.OUR_DOMAIN, address=ELSEWHERE),
    Row("new@office.example", "", F, Basis.OUR_DOMAIN, address=ELSEWHERE),
    Row(BOARD, "", F, Basis.OUR_DOMAIN, address=ELSEWHERE),
    Row(SOFT, "", U, Basis.NOT_PROVEN, address=ELSEWHERE),
    Row(SOFT, "dkim of another domain", U, Basis.NOT_PROVEN, address=ELSEWHERE),
    Row("x@set-aside.example", "", F, Basis.DMARC_QUARANTINE, address=ELSEWHERE),
    Row("x@nothing.example", "", U, Basis.NOT_PROVEN, address=ELSEWHERE),
    Row("x@dead.example", "", U, Basis.NO_DNS, address=ELSEWHERE),
    Row("", "", U, Basis.NO_AUTHOR, address=ELSEWHERE),
    Row(f"{MEMBER}, {KNOWN}", "spf", U, Basis.NO_AUTHOR),
    # Our own signatures.
    Row(OFFICER, "ours", IN, Basis.OWN_SIGNATURE, address=ELSEWHERE, role=Role.OFFICER),
    Row("new@party.example", "ours", IN, Basis.OWN_SIGNATURE, address=ELSEWHERE),
    Row(OFFICER, "ours", M, Basis.DKIM_ALIGNED, address=ELSEWHERE, to=NEWS, role=Role.OFFICER),
    Row(OFFICER, "ours, old", M, Basis.DKIM_ALIGNED, address=ELSEWHERE, role=Role.OFFICER),
    Row(OFFICER, "ours, without To", M, Basis.DKIM_ALIGNED, address=ELSEWHERE, role=Role.OFFICER),
    Row(OFFICER, "ours, with a second To", M, Basis.DKIM_ALIGNED, address=ELSEWHERE, role=Role.OFFICER),
    Row(OFFICER, "ours, with Reply-To put in", M, Basis.DKIM_ALIGNED, address=ELSEWHERE, role=Role.OFFICER),
    Row(OFFICER, "dkim", M, Basis.DKIM_ALIGNED, address=ELSEWHERE, role=Role.OFFICER),
    # Our signed notices, and posts of our lists, sent on by a stranger: proven as what they are, and nobody of ours.
    Row(NOTICES, "ours", K, Basis.DKIM_ALIGNED, address=ELSEWHERE),
    Row(REPORT, "ours", K, Basis.DKIM_ALIGNED, address=ELSEWHERE),
    Row(NOTICES, "ours, old", K, Basis.DKIM_ALIGNED, address=ELSEWHERE),
    Row(NOTICES, "", F, Basis.OUR_DOMAIN, address=ELSEWHERE),
    Row(BOARD, "ours", K, Basis.DKIM_ALIGNED, address=ELSEWHERE),
    Row(BOARD, "ours, old", K, Basis.DKIM_ALIGNED, address=ELSEWHERE),
    Row(NOTICES, "spf", K, Basis.SPF_ALIGNED),
    Row(MEMBER, "ours", F, Basis.DMARC_REJECT, address=ELSEWHERE),
    # Our own networks.
    Row(OFFICER, "", IN, Basis.INSIDE_NETWORK, address=INSIDE, role=Role.OFFICER),
    Row("new@office.example", "", IN, Basis.INSIDE_NETWORK, address=INSIDE),
    Row(OFFICER, "", IN, Basis.INSIDE_NETWORK, address=f"::ffff:{INSIDE}", role=Role.OFFICER),
    Row(MEMBER, "", F, Basis.DMARC_REJECT, address=INSIDE),
    Row(SOFT, "", U, Basis.NOT_PROVEN, address=INSIDE),
    Row(BOARD, "", F, Basis.OUR_DOMAIN, address=INSIDE),
    Row(NOTICES, "", F, Basis.OUR_DOMAIN, address=INSIDE),
    Row("new@any.party.example", "", F, Basis.OUR_DOMAIN, address=INSIDE),
    # Peers that name the client (XFORWARD, XCLIENT, PROXY): as if it had come itself.
    Row(MEMBER, "spf", M, Basis.SPF_ALIGNED, peer=NAMED, role=Role.MEMBER),
    Row(OFFICER, "", IN, Basis.INSIDE_NETWORK, peer=NAMED, address=INSIDE, role=Role.OFFICER),
    Row(MEMBER, "results of that peer", F, Basis.DMARC_REJECT, peer=NAMED, address=ELSEWHERE),
    # Peers that name no client: networks and SPF prove nothing.
    Row(MEMBER, "spf", F, Basis.DMARC_REJECT, peer=NAMELESS, address=None),
    Row(OFFICER, "", F, Basis.OUR_DOMAIN, peer=NAMELESS, address=None),
    Row(SOFT, "", U, Basis.NOT_PROVEN, peer=NAMELESS, address=None),
    Row(MEMBER, "dkim", M, Basis.DKIM_ALIGNED, peer=NAMELESS, address=None, role=Role.MEMBER),
    Row(OFFICER, "ours", IN, Basis.OWN_SIGNATURE, peer=NAMELESS, address=None, role=Role.OFFICER),
    Row(MEMBER, "results of that peer", M, Basis.DKIM_ALIGNED, peer=NAMELESS, address=None, role=Role.MEMBER),
    Row(OFFICER, "results of that peer", M, Basis.DKIM_ALIGNED, peer=NAMELESS, address=None, role=Role.OFFICER),
    Row(KNOWN, "results of that peer", K, Basis.DKIM_ALIGNED, peer=NAMELESS, address=None),
    Row(MEMBER, "results in a stranger's name", F, Basis.DMARC_REJECT, peer=NAMELESS, address=None),
    Row(MEMBER, "results forged below that peer's", F, Basis.DMARC_REJECT, peer=NAMELESS, address=None),
    Row(SOFT, "results in a stranger's name", U, Basis.NOT_PROVEN, peer=NAMELESS, address=None),
    # Submission: the log-in says whose mail it is; what it may not write as is refused at the door.
    Row(OFFICER, "", IN, Basis.LOGIN, door=Listener.SUBMISSION, submitted="internal", role=Role.OFFICER),
    Row("new@office.example", "", IN, Basis.LOGIN, door=Listener.SUBMISSION, submitted="internal"),
    Row(MEMBER, "", M, Basis.LOGIN, door=Listener.SUBMISSION, submitted="member", role=Role.MEMBER),
    Row(KNOWN, "", K, Basis.LOGIN, door=Listener.SUBMISSION, submitted="member"),
    Row("", "", U, Basis.NO_AUTHOR, door=Listener.SUBMISSION, submitted="internal"),
)


def _raw(row: Row) -> bytes:
    domain = row.author.rpartition("@")[2]
    date = formatdate(time.time() - (30 * 86_400 if "old" in row.by else 0))
    from_ = f"From: {row.author}\r\n" if row.author else ""
    raw = (
        f"{from_}To: {row.to}\r\nSubject: Minutes\r\nDate: {date}\r\nMessage-ID: <m1@{domain or 'x.example'}>\r\n"
        "\r\nDear all\r\n"
    ).encode()
    if row.by in CLAIMS:
        return f"Authentication-Results: {CLAIMS[row.by].format(domain=domain)}\r\n".encode() + raw
    if row.by.startswith("ours"):
        fields = "from:subject:date:message-id" if "without To" in row.by else "from:to:subject:date:message-id"
        raw = signed(raw, "party.example", "sel1", fields=fields)
        extra = {"second To": f"To: {BOARD}\r\n", "Reply-To": "Reply-To: x@attack.example\r\n"}
        return next((line.encode() for name, line in extra.items() if name in row.by), b"") + raw
    if row.by == "dkim of another domain":
        return signed(raw, "attack.example")
    if "dkim" in row.by:
        raw = signed(raw, domain)
        return raw.replace(b"Dear all", b"Dear nobody") if "broken" in row.by else raw
    return raw


def _judge(row: Row) -> Any:
    settings = site(peer=[{"address": "192.0.2.25/32", "gives": "nothing", "authserv_ids": list(HOST)}])
    people = FixedRosters(
        person(MEMBER, "Ben Okoro"),
        person(OFFICER, "Ana Ruiz", Role.OFFICER),
        person(BANNED, "Dov Levi", Role.BANNED),
        person(SOFT, "Eve Stone"),
    )
    sender = row.author if row.by == "spf" else "bounce@attack.example"
    client = Client(
        row.address,
        "out.example",
        identity="web" if row.submitted else None,
        submitted_as=row.submitted,
        authserv_ids=HOST if row.peer == NAMELESS else (),
    )
    raw = _raw(row)
    transaction = Transaction("m1", row.door, client, sender, (BOARD,), raw, time.time())
    judge = Judge(settings, shipped_policy(), SpamModel(), Probes(StaticResolver(ZONE), people))
    return asyncio.run(judge.judge(transaction))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_of_the_table(row: Row) -> None:
    """Kind, basis and role are as the row says; the sentence is there; who is not proven has no role."""
    judged = _judge(row)
    origin = judged.recipients[0].origin
    assert (origin.kind, origin.basis, origin.role) == (row.kind, row.basis, row.role)
    assert origin.proof
    assert origin.undecided == (row.basis is Basis.NO_DNS)


def test_the_table_has_every_kind_and_basis() -> None:
    """No way of being proven, or not, is left out but those that have tests of their own."""
    assert {row.kind for row in ROWS} == set(OriginKind)
    assert {row.basis for row in ROWS} == set(Basis) - {basis for basis, _ in ELSEWHERE_TESTED} - {Basis.GIVEN}
    assert {row.door for row in ROWS} == {Listener.INGRESS, Listener.SUBMISSION}


def test_the_page_says_the_same() -> None:
    """The table in docs/identity.md has each basis with its origins, and none besides."""
    table = text_of("docs/identity.md").partition("\n| basis |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[_WORDS.findall(cell) for cell in line.split("|")[1:3]] for line in table]
    told = {(basis, kind) for bases, kinds in cells for basis in bases for kind in kinds}
    assert told == {(row.basis.value, row.kind.value) for row in ROWS} | {
        (basis.value, kind.value) for basis, kind in ELSEWHERE_TESTED
    }


def test_nothing_sent_on_is_anybody_of_ours() -> None:
    """Of all that strangers can capture and send again, nothing is internal or a member's, and nothing is posted."""
    sent_on = [row for row in ROWS if row.author in {NOTICES, REPORT, BOARD}]
    assert len(sent_on) >= 6
    assert not {row.kind for row in sent_on} & {OriginKind.INTERNAL, OriginKind.MEMBER}
    assert {_judge(row).action for row in sent_on} == {Action.REJECT}
