"""Posing: other people's names and look-alike domains are found; chosen names and strangers are left alone."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_world import BOARD, NEWS, FixedRosters, claims, message, person, proven, site, unproven
from messages import build
from pace import allowed

from listward.config.site import Site
from listward.filters.findings import Finding
from listward.filters.identity.alike import resembles
from listward.filters.identity.claims import Claims
from listward.filters.identity.lookalikes import letters, skeleton
from listward.filters.identity.origin import Authentication, Role
from listward.filters.identity.posing import check
from listward.filters.identity.roster import SiteRosters
from listward.filters.message.values import Mailbox

PEOPLE = (
    person("ana@party.example", "Ana Ruiz", Role.OFFICER),
    person("ben@mail.example", "Ben Okoro"),
    person("cem@mail.example", "josé álvarez"),
)
OURS = ("party.example", "lists.party.example")


def _findings(raw: bytes, authentication: Authentication | None = None, **arguments: object) -> list[Finding]:
    parsed = claims(raw)
    known = authentication or proven(parsed.author)
    return list(check(parsed, known, BOARD, site(), FixedRosters(*PEOPLE), **arguments))


def _rules(from_: str, headers: tuple[tuple[str, str], ...] = ()) -> list[str]:
    return [finding.rule for finding in _findings(build(from_=from_, headers=headers))]


@pytest.mark.parametrize(
    "from_",
    [
        "Ana Ruiz <ana.ruiz@mail.example>",
        "ANA  RUIZ <x@mail.example>",
        '"Ruiz, Ana" <x@mail.example>',
        "=?utf-8?b?0JBuYSBSdWl6?= <x@mail.example>",
        "José Álvarez <x@mail.example>",
        "Ben Okoro <ana@party.example>",
        '"ana@party.example" <x@mail.example>',
        '"Ana (ana@party.example)" <x@mail.example>',
        f'"{BOARD}" <x@mail.example>',
        "Example Party <x@mail.example>",
        "Board list <x@mail.example>",
        '"Okoro, Ben (chair)" <x@mail.example>',
        "Ben V. Okoro <x@mail.example>",
        "Ben 0koro <x@mail.example>",
        "Dr Ben Okoro <x@mail.example>",
        "Okoro Ben <x@mail.example>",
        '"[Ben Okoro]" <x@mail.example>',
        "Ben\u200b Okoro <x@mail.example>",
        "Ana Ru1z <x@mail.example>",
        "The Example Party <x@mail.example>",
        "The Example Party Board <x@mail.example>",
        "Board of the Example Party <ben@mail.example>",
        "Party Chair <ben@mail.example>",
        "Party Cha1r <x@mail.example>",
        '"Example Party (Secretary)" <x@mail.example>',
        "Junta del Partido <x@mail.example>",
    ],
)
def test_another_s_name_is_found(from_: str) -> None:
    """Names of people on the list, of the list and of the organisation, and addresses of ours shown as a name."""
    assert _rules(from_) == ["display-name-poses"]


@pytest.mark.parametrize(
    "from_",
    [
        "Ana Ruiz <ana@party.example>",
        "Ana R. <ana@party.example>",
        "A. Ruiz <x@mail.example>",
        "Ana <x@mail.example>",
        "Anna Okoro-Ruiz <ana@party.example>",
        "Robin Sky <ben@mail.example>",
        "Ben Okoro <ben@mail.example>",
        "Jose Alvarez <cem@mail.example>",
        "Zoe Quill <zoe@mail.example>",
        "zoe@mail.example",
        '"zoe@mail.example" <zoe@mail.example>',
        "Example Party <press@party.example>",
        "Board <x@mail.example>",
        "Example Party Board <ana@party.example>",
        "Party Chair <ana@party.example>",
        "Party Secretary <secretary@party.example>",
        "Ben Ruiz <x@mail.example>",
        "Ana Okoro <x@mail.example>",
        "Benedict Okoro <x@mail.example>",
        "Ana Maria Ruiz <x@mail.example>",
        "Jan Okoro <x@mail.example>",
        "B. Okoro <x@mail.example>",
        "Okoro <x@mail.example>",
        "Ben O. <ben@mail.example>",
        '"Okoro, Ben (Madrid)" <ben@mail.example>',
        "Ben K. Okoro <ben@mail.example>",
        "Zoe Quill - Party member <zoe@mail.example>",
        "Chair <x@mail.example>",
        "Party People <x@mail.example>",
    ],
)
def test_own_chosen_and_common_names_are_no_finding(from_: str) -> None:
    """One's own name, a chosen or married name, initials, a first name alone and strangers pass."""
    assert _rules(from_) == []


def test_namesakes_write_under_their_own_names() -> None:
    """Two people on the list may be called alike, also with initials or in another order."""
    people = FixedRosters(person("a@mail.example", "Alan James"), person("b@mail.example", "James T. Alan"))
    for from_ in ("James Alan <a@mail.example>", "Alan James <b@mail.example>", "James T. Alan <b@mail.example>"):
        parsed = claims(build(from_=from_))
        assert list(check(parsed, proven(parsed.author), BOARD, site(), people)) == []


def test_a_member_with_an_address_of_ours_is_not_thereby_an_officer() -> None:
    """Who is on the roster speaks for the organisation only by role."""
    people = FixedRosters(person("zoe@party.example", "Zoe Quill"))
    parsed = claims(build(from_="Party Chair <zoe@party.example>"))
    (found,) = check(parsed, proven("zoe@party.example"), BOARD, site(), people)
    assert found.rule == "display-name-poses"


def test_names_beside_the_author_are_looked_at() -> None:
    """Reply-To in another's name at a foreign address is found; an answer to the person named is not."""
    assert _rules("Ben Okoro <ben@mail.example>", (("Reply-To", "Ana Ruiz <x@mail.example>"),)) == [
        "display-name-poses"
    ]
    assert _rules("Ben Okoro <ben@mail.example>", (("Reply-To", "Ana Ruiz <ana@party.example>"),)) == []
    assert _rules("Ben Okoro <ben@mail.example>", (("Reply-To", "Ben Okoro <ben.private@mail.example>"),)) == []


def test_before_proof_the_address_does_not_matter() -> None:
    """Of an unproven author the finding is the same whether her address is on the list or not."""
    reasons = set()
    for address in ("ana@party.example", "ana.ruiz@soft.example", "ben@mail.example"):
        raw = build(from_=f"Ana Ruiz <{address}>")
        people = FixedRosters(*PEOPLE)
        found = list(check(claims(raw), unproven(address), BOARD, site(), people))
        reasons.add(tuple((finding.rule, finding.reason) for finding in found))
        assert people.asked == []
    assert reasons == {
        (("display-name-poses", "The name is that of a person on the list, and nothing proves the address."),)
    }


def test_proof_by_other_means_counts() -> None:
    """Mail from our own door is proven without DMARC: an officer may write under her own name."""
    raw = build(from_="Ana Ruiz <ana@party.example>")
    assert _findings(raw, unproven("ana@party.example"), proven=True) == []


@pytest.mark.parametrize("author", [BOARD, "listward@party.example", "appeal@party.example"])
def test_from_is_a_list_or_office(author: str) -> None:
    """Nobody writes as a list or as the address our notices come from."""
    assert _rules(author) == ["from-is-list"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"From: <a@b.example>\r\nFrom: <c@d.example>\r\n\r\nx", "not name exactly one author"),
        (b"From: a@b.example, c@d.example\r\n\r\nx", "not name exactly one author"),
        (b"Sender: a@b.example\r\n\r\nx", "names no author"),
    ],
)
def test_several_authors_or_none(raw: bytes, reason: str) -> None:
    """Two authors, or none, are said."""
    (found,) = _findings(raw, Authentication("", (), aligned=False))
    assert found.rule == "several-authors"
    assert reason in found.reason


@pytest.mark.parametrize(
    "domain",
    [
        "parti.example",
        "partyy.example",
        "praty.example",
        "prty.example",
        "p\u0430rty.example",
        "xn--prty-53d.example",
        "p\u0430rt\u0443.example",
        "party.example.attack.net",
        "lists.parti.example",
        "party.test",
    ],
)
def test_look_alike_domains_are_found(domain: str) -> None:
    """Other letters that look the same, one edit, and our name in front of another's."""
    assert resembles(domain.encode("idna").decode(), OURS) == "party.example"


@pytest.mark.parametrize(
    "domain",
    ["party.example", "any.party.example", "mail.example", "parley.example", "arty-people.net", ""],
)
def test_our_own_and_honest_domains_are_not(domain: str) -> None:
    """Ours, those below ours, and names that are merely near."""
    assert resembles(domain, OURS) == ""


@pytest.mark.parametrize(
    ("one", "other"), [("modern", "modem"), ("vvorld", "world"), ("1ist", "list"), ("g0ld", "gold")]
)
def test_skeletons_of_what_looks_alike_are_equal(one: str, other: str) -> None:
    """Pairs of letters and digits that pass for one letter."""
    assert skeleton(one) == skeleton(other)


def test_look_alikes_in_from_and_reply_to_are_found_once() -> None:
    """One domain is one finding, with the address as evidence at its place."""
    raw = build(from_="X <x@partyy.example>", headers=[("Reply-To", "x@partyy.example")])
    (found,) = _findings(raw)
    assert (found.rule, found.category) == ("look-alike-domain", "posing")
    (evidence,) = found.evidence
    value = message(raw).first("From")
    assert value[evidence.start : evidence.end] == evidence.text == "x@partyy.example"
    assert _rules("Zoe <zoe@mail.example>", (("Reply-To", "x@parti.example"),)) == ["look-alike-domain"]


@given(st.text(max_size=80))
def test_letters_stay_themselves(text: str) -> None:
    """Folding twice gives the same as folding once."""
    assert letters(letters(text)) == letters(letters(letters(text)))


@given(st.binary(max_size=150))
def test_any_header_has_an_answer(value: bytes) -> None:
    """No octets in From and Reply-To make the check raise."""
    raw = b"From: " + value + b"\r\nReply-To: " + value + b"\r\n\r\nx"
    _findings(raw)


def _lists_apart(folder: Path) -> tuple[Site, SiteRosters]:
    """A board with an officer, and a list of news whose roster does not have her."""
    (folder / "board.csv").write_text(
        "address,name,role\nana@party.example,Ana Ruiz,officer\nb@mail.example,Bo Li,member\n"
    )
    (folder / "news.csv").write_text("address,name,role\nzoe@mail.example,Zoe Quill,member\n")
    lists = [
        {"address": BOARD, "zone": "internal", "next_hop": "lmtp://127.0.0.1:8024", "roster": "board.csv"},
        {"address": NEWS, "zone": "public", "next_hop": "lmtp://127.0.0.1:8024", "roster": "news.csv"},
    ]
    settings = site(folder, list=lists)
    return settings, SiteRosters(settings)


def test_an_officer_of_another_list_is_nobody_s_name_to_take(tmp_path: Path) -> None:
    """Officers are known on every list; who else is on another list shows nowhere; she herself may write."""
    settings, people = _lists_apart(tmp_path)
    found = {}
    for from_ in ("Ana Ruiz <x@evil.example>", "Bo Li <x@evil.example>", "Ana Ruiz <ana@party.example>"):
        for author in (proven, unproven):
            parsed = claims(build(from_=from_))
            reasons = tuple(each.reason for each in check(parsed, author(parsed.author), NEWS, settings, people))
            found[from_[:8], parsed.author[:3], author is proven] = reasons
    poses = ("The name is that of an officer of ours.",)
    assert found == {
        ("Ana Ruiz", "x@e", True): poses,
        ("Ana Ruiz", "x@e", False): poses,
        ("Bo Li <x", "x@e", True): (),
        ("Bo Li <x", "x@e", False): (),
        ("Ana Ruiz", "ana", True): (),
        ("Ana Ruiz", "ana", False): poses,
    }


def test_more_than_an_honest_reader_gives_is_not_looked_at() -> None:
    """Whoever has taken over the reader cannot keep the gateway busy with names and addresses."""
    name = "Ana Ruiz " * 3000
    many = tuple(("Reply-To", Mailbox(name, f"x@{'a' * 60}{number}.example")) for number in range(50_000))
    endless = Claims(author="x@mail.example", from_fields=1, shown=many, aside=many)
    start = time.process_time()
    list(check(endless, proven("x@mail.example"), BOARD, site(), FixedRosters(*PEOPLE)))
    assert time.process_time() - start < allowed(3)
