"""DMARC: which record applies, what is aligned, and what DNS trouble leaves open."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from static_dns import StaticResolver
from vector_files import numbered, vectors

from listward.filters.identity.dmarc import Evaluation, aligned, evaluate
from listward.filters.identity.dmarc_records import read_record, read_records
from listward.filters.identity.dmarc_standards import StandardName, standard_for
from listward.filters.identity.domains import ascii_domain, organisational_domain
from listward.filters.identity.origin import AuthResult
from listward.filters.probes import ProbeUnavailable

NO_SPF = AuthResult("spf", "none")
SPF = AuthResult("spf", "pass", "mail.party.example")
DKIM = AuthResult("dkim", "pass", "party.example")


def _policy(*records: str) -> str:
    found = read_record([record.encode() for record in records])
    return found.policy if found else "no record"


@pytest.mark.parametrize(
    ("record", "policy"),
    [
        ("v=DMARC1; p=none", "none"),
        (" v = DMARC1 ;p = Reject;", "reject"),
        ("v=DMARC1; P=quarantine; rua=mailto:a@b.example", "quarantine"),
        ("p=reject; v=DMARC1", "no record"),
        ("v=dmarc1; p=reject", "no record"),
        ("v=DMARC10; p=reject", "no record"),
        ("v=DMARC1", "no record"),
        ("v=DMARC1 p=reject", "no record"),
        ("v=DMARC1; p=bogus", "no record"),
        ("v=DMARC1; p=bogus; rua=mailto:a@b.example", "none"),
        ("v=DMARC1; p=reject; sp=bogus; rua=mailto:a@b.example", "none"),
        ("v=DMARC1; p=reject; np=bogus; rua=mailto:a@b.example", "none"),
        ("v=DMARC1; p=reject; np=bogus", "no record"),
        ("v=DMARC1; rua=mailto:a@b.example", "none"),
        ("v=DMARC1; rua=a@b.example", "no record"),
        ("v=DMARC1; rua=,  ,https://b.example/r", "none"),
        ("v=DMARC1; p=reject; p=none", "reject"),
        ("v=DMARC1; ;; x; =y; p=reject", "reject"),
        ("v=DMARC1; " + "x=y; " * 5000 + "p=reject", "reject"),
        ("", "no record"),
        ("\xff\xfe", "no record"),
    ],
)
def test_records_are_read(record: str, policy: str) -> None:
    """Only a record that begins with the exact version and names a policy counts."""
    assert _policy(record) == policy


@given(st.lists(st.binary(max_size=80).map(lambda octets: b"v=DMARC1;" + octets), max_size=3))
def test_any_record_is_read(records: list[bytes]) -> None:
    """Whatever octets stand behind the version, reading ends in policies that exist."""
    for record in read_records(records):
        assert {record.policy, record.subdomains, record.nonexistent} <= {"none", "quarantine", "reject"}
        assert record.suffix in {"y", "n", "u"}


def test_several_records_are_none() -> None:
    """Two policies under one name are no policy; other TXT records beside one do not matter."""
    assert _policy("v=DMARC1; p=reject", "v=DMARC1; p=none") == "no record"
    assert _policy("v=spf1 -all", "v=DMARC1; p=reject") == "reject"


def test_tags_have_defaults() -> None:
    """Subdomains inherit, alignment is relaxed, bad values are as if absent."""
    plain = read_record([b"v=DMARC1; p=reject; adkim=x; aspf=y; pct=500"])
    assert plain is not None
    assert (plain.subdomains, plain.nonexistent, plain.strict_dkim, plain.strict_spf) == (
        "reject",
        "reject",
        False,
        False,
    )
    assert (plain.sampled_out, plain.testing, plain.suffix) == (False, False, "u")
    full = read_record([b"v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=S; pct=0; t=Y; psd=N"])
    assert full is not None
    assert (full.subdomains, full.nonexistent, full.strict_dkim, full.strict_spf) == ("quarantine", "none", True, True)
    assert (full.sampled_out, full.testing, full.suffix) == (True, True, "n")
    assert [one.suffix for one in read_records([b"v=DMARC1; p=none; psd=y", b"v=DMARC1; p=none; psd=x"])] == ["y", "u"]


BOTH = pytest.mark.parametrize("standard", ["rfc7489", "rfc9989"])


async def _evaluate(domain: str, zone: dict, *results: AuthResult, standard: StandardName = "rfc7489") -> Evaluation:
    chosen = standard_for(standard, StaticResolver(zone))
    try:
        found = await chosen.discover(domain)
    except ProbeUnavailable as trouble:
        return await evaluate(domain, results, trouble, chosen)
    return await evaluate(domain, results, found, chosen)


def _word(evaluation: Evaluation) -> str:
    return evaluation.results[-1].result


@pytest.mark.parametrize(
    ("domain", "record", "policy"),
    [
        ("party.example", "v=DMARC1; p=reject", "reject"),
        ("news.party.example", "v=DMARC1; p=reject", "reject"),
        ("news.party.example", "v=DMARC1; p=none; sp=quarantine", "quarantine"),
        ("nowhere.party.example", "v=DMARC1; p=none; sp=none; np=reject", "reject"),
        ("news.party.example", "v=DMARC1; p=none; sp=none; np=reject", "none"),
        ("party.example", "v=DMARC1; p=none; sp=none; np=reject", "none"),
        ("party.example", "v=DMARC1; p=reject; pct=50", "reject"),
        ("party.example", "v=DMARC1; p=quarantine; t=y", "none"),
    ],
)
@BOTH
async def test_the_policy_that_applies(standard: StandardName, domain: str, record: str, policy: str) -> None:
    """Own record, organisational domain's, subdomain and non-existent policies, and their weakening."""
    zone = {
        "_dmarc.party.example": {"TXT": [record]},
        "news.party.example": {"A": ["192.0.2.1"]},
    }
    assert (await _evaluate(domain, zone, NO_SPF, standard=standard)).policy == policy


@pytest.mark.parametrize(("standard", "policy"), [("rfc7489", "quarantine"), ("rfc9989", "reject")])
async def test_pct_is_gone_from_the_newer_standard(standard: StandardName, policy: str) -> None:
    """pct=0 asks for the next weaker policy by RFC 7489; RFC 9989 knows no such tag."""
    zone = {"_dmarc.party.example": {"TXT": ["v=DMARC1; p=reject; pct=0"]}}
    assert (await _evaluate("party.example", zone, NO_SPF, standard=standard)).policy == policy


@pytest.mark.parametrize(("standard", "policy"), [("rfc7489", "reject"), ("rfc9989", "none")])
async def test_what_does_not_exist(standard: StandardName, policy: str) -> None:
    """A name with other records exists by RFC 9989, and not by RFC 9091, which wants a host or an exchange."""
    zone = {
        "_dmarc.party.example": {"TXT": ["v=DMARC1; p=none; sp=none; np=reject"]},
        "news.party.example": {"TXT": ["hello"]},
    }
    assert (await _evaluate("news.party.example", zone, NO_SPF, standard=standard)).policy == policy


@BOTH
@pytest.mark.parametrize("wishes", ["sp=none; np=reject", "sp=reject; np=none"])
async def test_whether_a_domain_exists_may_stay_open(standard: StandardName, wishes: str) -> None:
    """Where DNS does not say whether a name exists, neither policy is taken; what is proven does not need it."""
    zone = {
        "_dmarc.party.example": {"TXT": [f"v=DMARC1; p=none; {wishes}"]},
        "broken.party.example": {"error": "SERVFAIL"},
    }
    found = await _evaluate("broken.party.example", zone, NO_SPF, standard=standard)
    assert (found.policy, _word(found), found.undecided) == ("", "temperror", True)
    proven = await _evaluate("broken.party.example", zone, DKIM, standard=standard)
    assert (proven.aligned, _word(proven), proven.undecided) == (True, "pass", False)
    assert f"sp={proven.policy};" in wishes


@pytest.mark.parametrize("records", [["v=DMARC1; p=bogus"], ["v=DMARC1; p=none", "v=DMARC1; p=reject"], ["v=DMARC1"]])
async def test_a_broken_record_of_its_own_ends_the_search(records: list[str]) -> None:
    """By RFC 7489 a subdomain with a broken record, or two, is under no policy: nothing is inherited."""
    zone = {
        "_dmarc.party.example": {"TXT": ["v=DMARC1; p=reject"]},
        "_dmarc.news.party.example": {"TXT": records},
    }
    found = await _evaluate("news.party.example", zone, NO_SPF)
    assert (found.policy, _word(found)) == ("", "none")


async def test_a_domain_s_own_record_comes_first() -> None:
    """A subdomain with a record of its own does not inherit."""
    zone = {
        "_dmarc.party.example": {"TXT": ["v=DMARC1; p=reject"]},
        "_dmarc.news.party.example": {"TXT": ["v=DMARC1; p=none"]},
    }
    assert (await _evaluate("news.party.example", zone, NO_SPF)).policy == "none"


@pytest.mark.parametrize(
    ("record", "results", "passes"),
    [
        ("v=DMARC1; p=reject", (SPF,), True),
        ("v=DMARC1; p=reject; aspf=s", (SPF,), False),
        ("v=DMARC1; p=reject; aspf=s", (SPF, DKIM), True),
        ("v=DMARC1; p=reject; adkim=s", (DKIM,), True),
        ("v=DMARC1; p=reject", (AuthResult("spf", "pass", "attack.example"),), False),
        ("v=DMARC1; p=reject", (AuthResult("spf", "softfail", "party.example"),), False),
        ("v=DMARC1; p=reject", (AuthResult("dkim", "policy", "party.example"),), False),
        ("v=DMARC1; p=reject", (AuthResult("dkim", "pass", "badparty.example"),), False),
        ("v=DMARC1; p=reject", (), False),
    ],
)
async def test_only_an_aligned_pass_speaks_for_the_author(
    record: str, results: tuple[AuthResult, ...], passes: bool
) -> None:
    """A pass for another domain, or anything but a pass, proves nothing."""
    found = await _evaluate("party.example", {"_dmarc.party.example": {"TXT": [record]}}, *results)
    assert (found.aligned, _word(found), found.undecided) == (passes, "pass" if passes else "fail", False)
    assert [item.aligned for item in found.results[:-1]].count(True) == passes


async def test_without_a_record_alignment_still_counts() -> None:
    """No record: the result is none, and an aligned pass still proves the author."""
    found = await _evaluate("party.example", {}, SPF)
    assert (found.aligned, found.policy, _word(found)) == (True, "", "none")


@pytest.mark.parametrize(
    ("results", "undecided"),
    [
        ((AuthResult("spf", "temperror", "party.example"),), True),
        ((AuthResult("dkim", "temperror", "party.example"),), True),
        ((AuthResult("dkim", "temperror", "party.example"), SPF), False),
        ((AuthResult("dkim", "temperror", "attack.example"),), False),
    ],
)
async def test_trouble_matters_only_where_it_could_change_the_outcome(
    results: tuple[AuthResult, ...], undecided: bool
) -> None:
    """A key of the author's own domain that could not be fetched leaves the question open; a stranger's does not."""
    found = await _evaluate("party.example", {"_dmarc.party.example": {"TXT": ["v=DMARC1; p=reject"]}}, *results)
    assert found.undecided is undecided


@BOTH
async def test_a_record_that_cannot_be_fetched(standard: StandardName) -> None:
    """Without the record only the very same domain counts, which is aligned under any; the rest is undecided."""
    zone = {"_dmarc.party.example": {"error": "SERVFAIL"}}
    same = await _evaluate("party.example", zone, DKIM, standard=standard)
    assert (same.aligned, _word(same), same.undecided, same.policy) == (True, "temperror", False, "")
    relaxed = await _evaluate("party.example", zone, SPF, standard=standard)
    assert (relaxed.aligned, _word(relaxed), relaxed.undecided, relaxed.policy) == (False, "temperror", True, "")


async def test_nothing_marked_from_outside_counts() -> None:
    """A result that comes in as if it spoke for the author loses the mark, and other methods never get it."""
    given = (
        AuthResult("dkim", "pass", "attack.example", aligned=True),
        AuthResult("arc", "pass", "party.example"),
        AuthResult("spf", "fail", "party.example", aligned=True),
    )
    found = await _evaluate("party.example", {}, *given)
    assert ([item.aligned for item in found.results], found.aligned) == ([False] * 4, False)


def _published(*domains: str) -> dict[str, Any]:
    """A zone in which each of these domains' organisations, by the public suffix list, publishes a record."""
    owners = {organisational_domain(domain) for domain in domains}
    return {f"_dmarc.{owner}": {"TXT": ["v=DMARC1; p=none"]} for owner in owners if owner}


@vectors("dmarc/alignment.json", numbered, also="RFC 7489")
def test_alignment_vectors(vector: dict[str, Any]) -> None:
    """The alignment of each pair is as expected, by the public suffix list."""
    author, other, strict = vector["header_from"], vector["authenticated"], vector["mode"] == "s"
    assert aligned(author, other, strict=strict) is vector["aligned"]


@vectors("dmarc/alignment.json", numbered, also="RFC 9989")
async def test_alignment_vectors_by_the_walk(vector: dict[str, Any]) -> None:
    """The same by the tree walk, where each organisation publishes its record."""
    author, other = ascii_domain(vector["header_from"]), ascii_domain(vector["authenticated"])
    zone = _published(author, other)
    for owner in zone.values():
        owner["TXT"][0] += f"; adkim={vector['mode']}"
    found = await _evaluate(author, zone, AuthResult("dkim", "pass", other), standard="rfc9989")
    assert found.aligned is (vector["aligned"] and bool(author))


@vectors("dmarc/records.json", numbered, also="RFC 7489")
async def test_record_vectors(vector: dict[str, Any]) -> None:
    """The policy that each record asks for, by RFC 7489."""
    assert await _asked_for(vector["txt"], "rfc7489") in _allowed(vector["expect"], "rfc7489")


@vectors("dmarc/records.json", numbered, also="RFC 9989")
async def test_record_vectors_of_the_newer_standard(vector: dict[str, Any]) -> None:
    """The policy that each record asks for, by RFC 9989."""
    assert await _asked_for(vector["txt"], "rfc9989") in _allowed(vector["expect"], "rfc9989")


async def _asked_for(records: list[str], standard: StandardName) -> str:
    zone = {"_dmarc.party.example": {"TXT": records}}
    return (await _evaluate("party.example", zone, NO_SPF, standard=standard)).policy or "no record"


def _allowed(expected: str, standard: StandardName) -> set[str]:
    """The policies that an expectation in words allows; one that names none is about something else than p=."""
    if "next weaker" in expected:
        return {"quarantine" if standard == "rfc7489" else "reject"}
    if "one step weaker" in expected:
        return {"quarantine"}
    words = {word for word in ("none", "quarantine", "reject") if expected.startswith(word)}
    if expected.startswith("no policy or reject"):
        return {"no record", "reject"}
    if expected.startswith("no "):
        return {"no record"}
    return words or {"no record", "reject"}
