"""What judging asks the store about an author: once a message, the same of everybody, beside DNS."""

import asyncio

import pytest
from dns_zone import Zone
from identity_world import FixedRosters, person, site, transaction
from memory_accounts import MemoryAccounts
from messages import build
from static_dns import StaticResolver

from listward.config.policy import Policy
from listward.filters.identity.origin import OriginKind
from listward.filters.identity.standing import Method, Path
from listward.filters.judge import Judge
from listward.filters.judgement import Judgement
from listward.filters.learner import SpamModel
from listward.filters.probes import Probes
from listward.filters.transaction import Listener

EVE, STRANGER = "eve@soft.example", "nobody@soft.example"
POLICY = Policy.model_validate(
    {"rule": [{"name": "strangers", "stage": "identity", "when": {"origin": ["unproven"]}, "action": "hold"}]}
)
ZONE = {"small-host.test": {"TXT": ["v=spf1 ip4:198.51.100.0/24 -all"]}}


async def judged(
    accounts: MemoryAccounts | None,
    author: str,
    rosters: FixedRosters | None = None,
    zone: Zone | None = None,
    dmarc: str = "rfc7489",
    **changes: object,
) -> Judgement:
    """One message by a small mail host's envelope."""
    probes = Probes(StaticResolver(zone or ZONE), rosters or FixedRosters(person(EVE)), None, accounts)
    judge = Judge(site(authentication={"dmarc": dmarc}), POLICY, SpamModel(), probes)
    raw = build(from_=f"X <{author}>" if author else None)
    return await judge.judge(transaction(raw, **{"sender": "x@small-host.test", **changes}))


@pytest.mark.parametrize("away", [False, True])
async def test_the_same_is_asked_of_member_and_stranger(away: bool) -> None:
    """One question each, of the same paths; the same answer where the store is away, and nobody looks in the roster."""
    accounts, rosters = MemoryAccounts(), FixedRosters(person(EVE))
    accounts.away = away
    found = [await judged(accounts, author, rosters) for author in (EVE, STRANGER)]
    paths = (Path(Method.SPF, "small-host.test"),)
    assert accounts.asked == [(EVE, paths), (STRANGER, paths)]
    seen = {(one.action, one.reply, one.origin.kind, one.origin.undecided, one.origin.role) for one in found}
    assert len(seen) == 1
    assert found[0].origin.undecided is away
    assert found[0].paths == paths
    assert EVE not in rosters.asked


async def test_an_envelope_domain_that_lets_everybody_pass_is_no_way_to_vouch_for() -> None:
    """It is left out before anybody could, and where DNS does not say, the message waits."""
    openly = {"small-host.test": {"TXT": ["v=spf1 +all"]}}
    assert (await judged(MemoryAccounts(), EVE, zone=openly)).paths == ()
    half = {
        "small-host.test": {"TXT": ["v=spf1 ip4:198.51.100.7 a:gone.test -all"]},
        "gone.test": {"error": "SERVFAIL"},
    }
    found = await judged(MemoryAccounts(), EVE, zone=half)
    assert (found.origin.kind, found.origin.undecided) == (OriginKind.UNPROVEN, True)


HOSTED = {
    "two.host.example": {"TXT": ["v=spf1 ip4:198.51.100.0/24 -all"]},
    "_dmarc.one.host.example": {"TXT": ["v=DMARC1; p=none; aspf=s"]},
}
REGISTRY = HOSTED | {"_dmarc.host.example": {"TXT": ["v=DMARC1; p=none; psd=y"]}}
"""Whoever sells names below its own says that they are not one organisation (RFC 9989 section 4.10.2)."""


@pytest.mark.parametrize(
    ("zone", "dmarc", "is_anothers"),
    [
        (HOSTED, "rfc7489", False),
        (REGISTRY, "rfc7489", False),
        (REGISTRY, "rfc9989", True),
        (HOSTED | {"_dmarc.host.example": {"TXT": ["v=DMARC1; p=none"]}}, "rfc9989", False),
    ],
)
async def test_whose_organisation_a_way_is_says_the_standard_in_force(
    zone: Zone, dmarc: str, is_anothers: bool
) -> None:
    """A neighbour at a host is another's way by RFC 9989; her own second server is none, strict or not.

    What turns out to be a way was among what the store was asked about.
    """
    accounts, sender = MemoryAccounts(), "x@two.host.example"
    found = await judged(accounts, "eve@one.host.example", zone=zone, dmarc=dmarc, sender=sender)
    assert found.paths == ((Path(Method.SPF, "two.host.example"),) if is_anothers else ())
    assert set(found.paths) <= set(accounts.asked[0][1])


async def test_where_dns_does_not_say_whose_a_way_is_the_message_waits() -> None:
    """By RFC 9989 that is a question for DNS."""
    zone = HOSTED | {"_dmarc.host.example": {"error": "SERVFAIL"}}
    found = await judged(
        MemoryAccounts(), "eve@one.host.example", zone=zone, dmarc="rfc9989", sender="x@two.host.example"
    )
    assert (found.origin.kind, found.origin.undecided) == (OriginKind.UNPROVEN, True)


async def test_nobody_is_asked_about_without_an_author() -> None:
    """Nor where there is no store to ask, as in `check`."""
    accounts = MemoryAccounts()
    await judged(accounts, "")
    assert accounts.asked == []
    assert (await judged(None, EVE)).origin.kind is OriginKind.UNPROVEN


async def test_who_is_handed_in_with_a_log_in_is_asked_about_too() -> None:
    """An account can be frozen whichever door its mail takes."""
    accounts = MemoryAccounts()
    await judged(accounts, EVE, listener=Listener.SUBMISSION, submitted_as="member")
    assert [author for author, _ in accounts.asked] == [EVE]


async def test_the_store_is_asked_while_dns_is() -> None:
    """Neither waits for the other."""
    asked = asyncio.Event()

    class Waiting(MemoryAccounts):
        async def of(self, author: str, paths: tuple[Path, ...]) -> object:  # type: ignore[override]
            asked.set()
            return await super().of(author, paths)

    class Slow(StaticResolver):
        async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
            await asyncio.wait_for(asked.wait(), 5)
            return await super().query(name, kind)

    probes = Probes(Slow(ZONE), FixedRosters(person(EVE)), None, Waiting())  # type: ignore[arg-type]
    judge = Judge(site(), POLICY, SpamModel(), probes)
    raw = build(from_=f"X <{EVE}>")
    found = await judge.judge(transaction(raw, sender="x@small-host.test"))
    assert found.origin.kind is OriginKind.UNPROVEN
