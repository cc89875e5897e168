"""Addresses: split before decoding, strict where it matters, in linear time."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pace import allowed

from listward.filters.message.address_syntax import normal_address, normal_domain
from listward.filters.message.addresses import AddressList, parse_addresses, read_addresses
from listward.filters.message.values import Field, Mailbox


def parse(text: str) -> AddressList:
    return parse_addresses(b" " + text.encode("utf-8"))


def the_one(text: str) -> str | None:
    """The address where all readers find the same one, else None."""
    found = parse(text)
    return found.mailboxes[0].address if found.plain and not found.groups and len(found.mailboxes) == 1 else None


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("ana@party.example", "", "ana@party.example"),
        ("Ana Ruiz <ana@party.example>", "Ana Ruiz", "ana@party.example"),
        ('"Ruiz, Ana" <ana@party.example>', "Ruiz, Ana", "ana@party.example"),
        ("ana@party.example (Ana Ruiz)", "Ana Ruiz", "ana@party.example"),
        ("=?utf-8?q?An=C3=A1?= <ana@party.example>", "Aná", "ana@party.example"),
        ('"=?utf-8?q?x=40y=2Ez?=" <ana@party.example>', "x@y.z", "ana@party.example"),
        ("Ana\r\n <Ana@PARTY.example>", "Ana", "Ana@party.example"),
        ("<ana@party.example>", "", "ana@party.example"),
        ("a@(c)b.example", "", "a@b.example"),
        ('"a b"@party.example', "", '"a b"@party.example'),
        ("a@bücher.example", "", "a@xn--bcher-kva.example"),
        ("ä@b.example", "", "ä@b.example"),
        ("a@[192.0.2.1]", "", "a@[192.0.2.1]"),
        ("J. R. Smith <j@b.example>", "J. R. Smith", "j@b.example"),
    ],
)
def test_plain_addresses(text: str, name: str, address: str) -> None:
    """Name and address as every reader sees them."""
    found = parse(text)
    assert found.plain
    assert found.mailboxes == (Mailbox(name, address),)


@pytest.mark.parametrize(
    "text",
    [
        "A, B <a@b.example>",
        "a@b.example c@d.example",
        '"a@b.example',
        "<a@b.example",
        "a@b.example;c@d.example",
        "a=?utf-8?q?x?=@b.example",
        "a@b .example",
        "a\\@b.example",
        ".a@b.example",
        "a..b@c.example",
        "a@-b.example",
        "a@b.example\u2028",
        "a\u200b@b.example",
        "a+<x>@c.example",
        "a@b.example?subject=x",
        "(((((a@b.example",
        "<a@b.example> <c@d.example>",
        "a@b.example <c@d.example>",
        "<a@b.example> c",
        "a@b@c.example",
        "<>",
        "x" * 65 + "@b.example",
    ],
)
def test_two_readings_are_never_resolved(text: str) -> None:
    """What readers take differently has no author."""
    assert the_one(text) is None
    assert not parse(text).plain


def test_no_address_out_of_names() -> None:
    """Encoded words, quoted names and comments give no address."""
    for text in ("=?utf-8?q?a=40b=2Eexample?=", '"a@b.example"', "(a@b.example)", "ana", ""):
        assert parse(text).mailboxes == ()


def test_groups_are_counted_and_opened() -> None:
    """A group's members are recipients; as an author a group is none."""
    found = parse("board: a@b.example, c@d.example;, e@f.example")
    assert [mailbox.address for mailbox in found.mailboxes] == ["a@b.example", "c@d.example", "e@f.example"]
    assert found.groups == 1
    assert found.plain
    assert parse("undisclosed-recipients:;").mailboxes == ()


def test_recipients_of_any_reader_are_kept() -> None:
    """An outside address that only some reader sees is still seen."""
    assert [mailbox.address for mailbox in parse("x a@b.example c@d.example").mailboxes] == ["c@d.example"]
    assert "c@d.example" in {mailbox.address for mailbox in parse("a@b.example;c@d.example").mailboxes}


def test_author_is_strict_and_recipients_are_not() -> None:
    """The same odd value gives no author, but a recipient; the defect is named for the author."""
    raw = b" A, B <a@b.example>"
    found = read_addresses([Field("From", raw, ""), Field("To", raw, "")])
    assert found.strict("from") == ()
    assert [mailbox.address for mailbox in found.of("to")] == ["a@b.example"]
    assert {defect.name for defect in found.defects} == {"ambiguous-author", "ambiguous-addresses"}


@pytest.mark.parametrize("text", ["ana at party.example (Ana Ruiz)", "|n@ @end|ng |rom gm@||@com (Ana)"])
def test_authors_obscured_by_archives_are_known_as_such(text: str) -> None:
    """Archives hide addresses from harvesters: that is no forgery, and no author."""
    found = read_addresses([Field("From", b" " + text.encode(), "")])
    assert found.strict("from") == ()
    assert [defect.name for defect in found.defects] == ["obscured-author"]


@pytest.mark.parametrize(
    ("domain", "normal"),
    [
        ("B.EXAMPLE", "b.example"),
        ("b.example.", ""),
        ("\uff42.example", "b.example"),
        ("b。example", "b.example"),
        ("-b.example", ""),
        ("b..example", ""),
        ("b_c.example", "b_c.example"),
        ("x" * 64 + ".example", ""),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("[evil]", ""),
    ],
)
def test_domains_are_lower_case_a_labels(domain: str, normal: str) -> None:
    """One form for every spelling of a domain."""
    assert normal_domain(domain) == normal


def test_local_part_keeps_its_case() -> None:
    """Only the domain is folded (RFC 5321, section 2.4)."""
    assert normal_address("Ana", "PARTY.example") == "Ana@party.example"


@pytest.mark.parametrize(
    "unit", ["(", "<", '"', "@", "(\\", "a ", "a:", "a,", "a@b.example, ", "=?utf-8?q?a?= ", "[", "\\", '"\\']
)
def test_time_is_linear(unit: str) -> None:
    """Repeating any sign 20,000 times costs little."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        parse(unit * 20_000)
        spent.append(time.process_time() - start)
    assert min(spent) < allowed(0.3)


@given(st.text(alphabet='ab@.<>"(),;:\\ =?é\u200b', max_size=80))
def test_parsing_never_raises_and_yields_only_clean_addresses(text: str) -> None:
    """Whatever the text, every address has one "@" outside quotes and no control characters."""
    for mailbox in parse(text).mailboxes:
        local, _, domain = mailbox.address.rpartition("@")
        assert local
        assert domain
        assert mailbox.address.isprintable()


@pytest.mark.shared
def test_confusions_of_the_shared_set(shared: Path) -> None:
    """Each value gives the expected address, or none where none may be taken."""
    for case in json.loads((shared / "conformance/address/confusions.json").read_text()):
        expected = case["expect"].split(" or ")[-1].split(",")[0]
        found = the_one(case["header_value"])
        if "@" in expected:
            assert found == expected or (found is None and "ambiguous" in case["expect"]), case
        elif expected != "literal":
            assert found is None, case


@pytest.mark.shared
def test_vectors_of_a_lenient_parser_never_raise(shared: Path) -> None:
    """Inputs of another project's parser cost little and raise nothing."""
    for case in json.loads((shared / "conformance/address/mail-parser-address.json").read_text()):
        assert isinstance(parse(case["header"]), AddressList)
