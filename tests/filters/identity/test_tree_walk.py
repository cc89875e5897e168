"""RFC 9989's walk up the name: where an organisation begins, which record applies, what DNS trouble leaves open."""

import time

import pytest
from dns_server import DnsServer
from hypothesis import given
from hypothesis import strategies as st
from identity_world import claims, site, transaction
from messages import build
from static_dns import StaticResolver

from listward.filters.identity.authenticate import authenticate
from listward.filters.identity.dmarc_standards import WALK_QUERIES, TreeWalk, walk_names
from listward.filters.identity.origin import Authentication
from listward.filters.identity.resolver import DnsResolver
from listward.filters.probes import ProbeUnavailable

DEEP = "a.b.c.d.e.f.g.h.i.j.mail.example.com"


def _walk(**records: str) -> tuple[TreeWalk, StaticResolver]:
    """A walk through a zone with these DMARC tags; "_" stands for a dot, "error" for a name that does not answer."""
    resolver = StaticResolver({f"_dmarc.{name.replace('_', '.')}": _entry(tags) for name, tags in records.items()})
    return TreeWalk(resolver), resolver


def _entry(tags: str) -> dict:
    return {"error": "SERVFAIL"} if tags == "error" else {"TXT": [f"v=DMARC1; {one}" for one in tags.split(" | ")]}


def test_the_standard_s_example() -> None:
    """Thirteen labels are asked for by eight names: the whole, then seven labels, then one less each time."""
    assert walk_names(DEEP) == (
        DEEP,
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    )


@pytest.mark.parametrize(
    ("domain", "count"),
    [
        ("com", 1),
        ("example.com", 2),
        ("1.2.3.4.5.6.7", 7),
        ("1.2.3.4.5.6.7.8", 8),
        ("1.2.3.4.5.6.7.8.9", 8),
        (".".join("x" * 126), 8),
    ],
)
def test_no_walk_is_longer_than_eight(domain: str, count: int) -> None:
    """Each name is asked for once, and the last is the last label."""
    names = walk_names(domain)
    assert len(names) == len(set(names)) == count
    assert (names[0], names[-1]) == (domain, domain.rpartition(".")[2])


@given(st.lists(st.sampled_from(["a", "bb", "c-c"]), min_size=1, max_size=40))
def test_a_walk_only_shortens(labels: list[str]) -> None:
    """Whatever the name, what is asked for is the name and ends of it, ever shorter, at most eight."""
    domain = ".".join(labels)
    names = walk_names(domain)
    assert len(names) <= WALK_QUERIES
    assert all(f".{domain}".endswith(f".{name}") for name in names)
    assert [name.count(".") for name in names] == sorted({name.count(".") for name in names}, reverse=True)


@pytest.mark.parametrize(
    ("author", "other", "related", "records"),
    [
        # The three examples of section 4.10.2.
        ("a.mail.example.com", "example.com", True, {"mail_example_com": "p=none", "example_com": "p=none"}),
        ("a.mail.example.com", "example.com", False, {"mail_example_com": "p=none; psd=n", "example_com": "p=none"}),
        ("a.mail.example.com", "b.mail.example.com", True, {"mail_example_com": "p=none; psd=n"}),
        ("a.mail.example.com", "x.example.com", True, {"com": "p=none; psd=y"}),
        ("a.example.com", "a.example.org", False, {"com": "p=none; psd=y", "org": "p=none; psd=y"}),
        ("one.example.com", "two.example.com", False, {"example_com": "p=none; psd=y"}),
        ("a.one.example.com", "b.one.example.com", True, {"example_com": "p=none; psd=y"}),
        ("one.example.com", "example.com", False, {"example_com": "p=none; psd=y"}),
        ("example.com", "one.example.com", False, {"example_com": "p=none; psd=y"}),
        ("example.com", "com.example.com", False, {"example_com": "p=none; psd=y"}),
        # Without any record each name is its own organisation.
        ("a.example.com", "example.com", False, {}),
        ("example.com", "a.example.com", False, {}),
        ("example.com", "a.example.com", True, {"example_com": "p=none"}),
        ("a.example.com", "b.example.com", True, {"example_com": "p=reject"}),
        # Two records are none, and other records do not matter.
        ("a.example.com", "b.example.com", False, {"example_com": "p=reject | p=none"}),
        ("a.example.com", "b.example.com", True, {"a_example_com": "p=none | p=none", "example_com": "p=none"}),
        # A record without a usable policy still says where the organisation begins.
        ("a.example.com", "b.example.com", True, {"example_com": "p=bogus"}),
        ("a.example.com", "b.example.com", False, {"example_com": "psd=y"}),
        ("a.example.com", "b.example.com", True, {"example_com": "p=none; psd=bogus"}),
        ("badexample.com", "example.com", False, {"example_com": "p=none"}),
        ("example.com.attack.example", "example.com", False, {"example_com": "p=none"}),
        # A registry that forgot psd=y does not make its customers one organisation; one that says psd=n may.
        ("one.com", "two.com", False, {"com": "p=none"}),
        ("one.co.uk", "two.co.uk", False, {"co_uk": "p=none", "uk": "p=none"}),
        ("a.one.co.uk", "one.co.uk", True, {"co_uk": "p=none", "uk": "p=none"}),
        ("one.co.uk", "two.co.uk", True, {"co_uk": "p=none; psd=n"}),
    ],
)
async def test_which_domains_belong_together(author: str, other: str, related: bool, records: dict[str, str]) -> None:
    """Two domains are related where both walks lead to one organisational domain, from either side."""
    assert await _walk(**records)[0].related(author, other) is related
    assert await _walk(**records)[0].related(other, author) is related


@pytest.mark.parametrize(
    ("domain", "found_at", "records"),
    [
        ("example.com", "example.com", {"example_com": "p=reject", "com": "p=none; psd=y"}),
        ("a.example.com", "a.example.com", {"a_example_com": "p=none", "example_com": "p=reject"}),
        ("a.b.example.com", "example.com", {"b_example_com": "p=none", "example_com": "p=reject"}),
        ("a.b.example.com", "b.example.com", {"b_example_com": "p=none; psd=n", "example_com": "p=reject"}),
        ("example.com", "com", {"com": "p=reject; psd=y"}),
        ("a.example.com", "com", {"com": "p=reject; psd=y"}),
        ("a.b.example.com", "example.com", {"example_com": "p=reject", "com": "p=none; psd=y"}),
        # Section 4.10.1: the record between the organisational domain and the author's own is not asked.
        ("a.b.example.com", "com", {"b_example_com": "p=none", "com": "p=reject; psd=y"}),
        ("example.com", "com", {"com": "p=reject"}),
        ("a.example.com", "", {}),
        ("a.example.com", "", {"example_com": "p=reject | p=none"}),
        ("a.example.com", "", {"a_example_com": "p=bogus", "example_com": "p=reject"}),
        (DEEP, "g.h.i.j.mail.example.com", {"g_h_i_j_mail_example_com": "p=reject"}),
        (DEEP, "", {"f_g_h_i_j_mail_example_com": "p=reject"}),
    ],
)
async def test_the_record_that_applies(domain: str, found_at: str, records: dict[str, str]) -> None:
    """The domain's own, else its organisational domain's, else its suffix's."""
    found = await _walk(**records)[0].discover(domain)
    assert (found.domain if found else "") == found_at
    assert found is None or found.inherited is (found_at != domain)


async def test_the_policy_of_a_suffix_is_that_for_subdomains() -> None:
    """sp= of a public suffix holds for a domain without a record of its own."""
    found = await _walk(com="p=none; sp=reject; psd=y")[0].discover("example.com")
    assert found is not None
    assert (found.record.subdomains, found.inherited) == ("reject", True)


async def test_a_walk_asks_at_most_eight_times() -> None:
    """A name of thirteen labels costs eight questions, and the author's walk is made once for several domains."""
    walk, resolver = _walk()
    await walk.discover(DEEP)
    assert len({name for name, _ in resolver.asked}) == WALK_QUERIES
    walk, resolver = _walk(example_com="p=none")
    for _ in range(3):
        await walk.related("a.example.com", "b.example.com")
    assert len(resolver.asked) == 6


async def test_unlike_endings_need_no_dns() -> None:
    """Domains that do not even share their last label are never asked about."""
    walk, resolver = _walk()
    assert not await walk.related("a.example.com", "a.example.org")
    assert resolver.asked == []


@pytest.mark.parametrize("broken", ["a_b_example_com", "b_example_com", "example_com", "com"])
async def test_trouble_anywhere_on_the_way_is_trouble(broken: str) -> None:
    """Without the answer of one name nobody knows what it would have said."""
    walk, _ = _walk(**{broken: "error"})
    with pytest.raises(ProbeUnavailable):
        await walk.discover("a.b.example.com")
    with pytest.raises(ProbeUnavailable):
        await walk.related("a.b.example.com", "c.example.com")


async def test_trouble_beyond_the_end_of_the_walk_does_not_count() -> None:
    """Where a record says that the walk ends here, nothing above it is needed."""
    walk, _ = _walk(example_com="p=reject; psd=n", com="error")
    found = await walk.discover("a.example.com")
    assert found is not None
    assert found.domain == "example.com"
    assert await walk.related("a.example.com", "b.example.com")


RAW = build(from_="Ben <ben@news.mail.example.com>")
SENT = "v=spf1 ip4:198.51.100.7 -all"
TREE = {
    "out.mail.example.com": {"TXT": [SENT]},
    "_dmarc.mail.example.com": {"TXT": ["v=DMARC1; p=reject"]},
    "news.mail.example.com": {"A": ["192.0.2.1"]},
}


async def _authenticate(zone: dict, resolver: object = None, standard: str = "rfc9989") -> Authentication:
    arrived = transaction(RAW, sender="ben@out.mail.example.com")
    settings = site(authentication={"dmarc": standard})
    return await authenticate(claims(RAW), arrived, settings, resolver or StaticResolver(zone))


async def test_a_message_is_proven_by_the_walk() -> None:
    """A sister domain's SPF speaks for the author where both walks end at one record, by the newer standard alone."""
    found = await _authenticate(TREE)
    assert (found.aligned, found.undecided, found.policy) == (True, False, "reject")
    assert [(item.method, item.result, item.aligned) for item in found.results] == [
        ("spf", "pass", True),
        ("dkim", "none", False),
        ("dmarc", "pass", False),
    ]
    apart = {**TREE, "_dmarc.mail.example.com": {"TXT": ["v=DMARC1; p=reject; psd=y"]}}
    assert not (await _authenticate(apart)).aligned
    assert (await _authenticate(apart, standard="rfc7489")).aligned


@pytest.mark.parametrize("broken", ["news.mail.example.com", "mail.example.com", "example.com", "com"])
@pytest.mark.parametrize("trouble", ["SERVFAIL", "REFUSED"])
async def test_a_message_stays_undecided_where_the_walk_does(broken: str, trouble: str) -> None:
    """Trouble at any name of the walk: not proven, not refused, undecided."""
    found = await _authenticate({**TREE, f"_dmarc.{broken}": {"error": trouble}})
    assert (found.aligned, found.undecided, found.policy) == (False, True, "")
    assert found.results[-1].result == "temperror"


async def test_trouble_in_the_sender_s_own_walk_is_no_pass() -> None:
    """Where only the sister domain's walk meets trouble, the author's policy is known, and still nothing is decided."""
    found = await _authenticate({**TREE, "_dmarc.out.mail.example.com": {"error": "SERVFAIL"}})
    assert (found.aligned, found.undecided, found.results[-1].result) == (False, True, "temperror")


async def test_a_walk_over_the_network() -> None:
    """A real server is asked for each name once, side by side; a silent one leaves it undecided in time."""
    late = {f"_dmarc.{name}": {"TXT": ["x"], "delay_s": 0.3} for name in walk_names(DEEP)}
    with DnsServer({**late, "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"], "delay_s": 0.3}}) as server:
        began = time.monotonic()
        found = await TreeWalk(DnsResolver((server.address,), timeout_s=5)).discover(DEEP)
        # The author's own record first, then the rest at once.
        assert time.monotonic() - began < WALK_QUERIES * 0.3
        assert found is not None
        assert found.domain == "example.com"
        assert len(server.asked) == WALK_QUERIES
    with DnsServer({**TREE, "_dmarc.com": {"error": "TIMEOUT"}}) as server:
        began = time.monotonic()
        silent = await _authenticate({}, DnsResolver((server.address,), timeout_s=0.5))
        assert time.monotonic() - began < 5
        assert (silent.aligned, silent.undecided) == (False, True)
