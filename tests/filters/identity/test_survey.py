"""What DNS says of a domain as a whole: records counted, servers nobody names, trouble told from absence."""

import pytest
from identity_world import edwards_record, rsa_record
from static_dns import StaticResolver

from listward.filters.identity.dmarc_standards import StandardName, standard_for
from listward.filters.identity.survey import KeySurvey, Survey, survey

D = "d.example"


async def _survey(zone: dict, *selectors: str, client: str | None = None, standard: StandardName = "rfc7489") -> Survey:
    resolver = StaticResolver(zone)
    pairs = [(D, selector) for selector in selectors]
    return await survey(D, pairs, client, standard_for(standard, resolver), resolver)


@pytest.mark.parametrize(
    ("record", "lookups", "others"),
    [
        ("v=spf1 -all", 0, "fail"),
        ("v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ~all", 0, "softfail"),
        ("v=spf1 a mx ?all", 2, "neutral"),
        ("v=spf1 +a:x.example/24 -mx/24 exists:%{i}.x.example ptr", 4, "neutral"),
        ("v=spf1 include:one.example include:two.example -all", 5, "fail"),
        ("v=spf1 redirect=one.example", 3, "fail"),
        ("v=spf1 redirect=one.example -all", 0, "fail"),
        ("v=spf1 A:X.EXAMPLE INCLUDE:TWO.EXAMPLE -ALL", 3, "fail"),
        ("v=spf1 include:%{d}.example -all", 1, "permerror"),
        ("v=spf1 include:d.example -all", 11, "permerror"),
        ("v=spf1 all", 0, "pass"),
        ("v=spf1", 0, "neutral"),
    ],
)
async def test_terms_that_ask_dns_are_counted(record: str, lookups: int, others: str) -> None:
    """Through included records, macros left out, to one more than there may be; and what an unnamed server gets."""
    zone = {
        D: {"TXT": [record, "other"], "A": ["192.0.2.1"], "MX": ["10 x.example"]},
        "one.example": {"TXT": ["v=spf1 a:x.example include:three.example -all"]},
        "two.example": {"TXT": ["v=spf1 exists:no.example ~all"]},
        "three.example": {"TXT": ["v=spf1 -all"]},
        "x.example": {"A": ["192.0.2.1"], "MX": ["10 x.example"]},
    }
    found = (await _survey(zone)).spf
    assert found is not None
    assert found.records == (record,)
    assert (found.lookups, found.others) == (lookups, others)


@pytest.mark.parametrize(
    ("zone", "mx", "exists"),
    [
        ({D: {"MX": ["10 a.example", "20 b.example"]}}, ("a.example", "b.example"), True),
        ({D: {"A": ["192.0.2.1"]}}, (D,), True),
        ({D: {"AAAA": ["2001:db8::1"]}}, (D,), True),
        ({D: {"MX": ["0 ."]}}, (), True),
        ({D: {"TXT": ["x"]}}, (), True),
        ({}, (), False),
        ({D: {"error": "SERVFAIL"}}, None, None),
    ],
)
async def test_where_mail_is_taken(zone: dict, mx: tuple[str, ...] | None, exists: bool | None) -> None:
    """Exchanges, else the domain's own address; a null MX and an absent name take none; trouble is not known."""
    found = await _survey(zone)
    assert (found.mx, found.exists) == (mx, exists)
    assert found.answered is (exists is not None or found.dmarc is not None)


async def test_servers_are_looked_up_one_by_one() -> None:
    """The result for the server that was named; none where none was; trouble leaves all of SPF unknown."""
    zone = {D: {"TXT": ["v=spf1 ip4:198.51.100.7 -all"]}}
    for client, result in (("198.51.100.7", "pass"), ("198.51.100.8", "fail"), (None, "")):
        found = (await _survey(zone, client=client)).spf
        assert found is not None
        assert found.client == result
    broken = {D: {"TXT": ["v=spf1 include:x.example -all"]}, "x.example": {"error": "SERVFAIL"}}
    assert (await _survey(broken)).spf is None


async def test_keys_say_why_they_do_not_count() -> None:
    """Good ones with their kind and size; the others with the reason; one that cannot be fetched is not known."""
    zone = {
        f"rsa._domainkey.{D}": {"TXT": [rsa_record()]},
        f"ed._domainkey.{D}": {"TXT": [edwards_record()]},
        f"test._domainkey.{D}": {"TXT": [rsa_record(tags="v=DKIM1; t=y; ")]},
        f"gone._domainkey.{D}": {"TXT": ["v=DKIM1; p="]},
        f"broken._domainkey.{D}": {"error": "SERVFAIL"},
    }
    good, edwards, testing, gone, broken = (await _survey(zone, "rsa", "ed", "test", "gone", "broken")).keys
    assert good == KeySurvey(D, "rsa", "rsa", 2048)
    assert edwards == KeySurvey(D, "ed", "ed25519")
    assert testing is not None
    assert (testing.testing, testing.counts) == (True, False)
    assert gone is not None
    assert (gone.flaw, gone.counts) == ("the key is revoked", False)
    assert broken is None


@pytest.mark.parametrize("standard", ["rfc7489", "rfc9989"])
async def test_the_record_with_its_policy(standard: StandardName) -> None:
    """The record that applies and the policy it asks for; a broken one is told from none, and trouble from both."""
    record = {f"_dmarc.{D}": {"TXT": ["v=DMARC1; p=reject; t=y"]}}
    found = (await _survey(record, standard=standard)).dmarc
    assert found is not None
    assert found.found is not None
    assert (found.found.domain, found.policy, found.broken) == (D, "quarantine", False)
    broken = (await _survey({f"_dmarc.{D}": {"TXT": ["v=DMARC1; p=x"]}}, standard=standard)).dmarc
    assert broken is not None
    assert (broken.found, broken.policy, broken.broken) == (None, "", True)
    absent = (await _survey({}, standard=standard)).dmarc
    assert absent is not None
    assert (absent.found, absent.broken) == (None, False)
    assert (await _survey({f"_dmarc.{D}": {"error": "SERVFAIL"}}, standard=standard)).dmarc is None
