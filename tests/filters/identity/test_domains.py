"""Domain names: one spelling, and who is responsible for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_files import vectors

from listward.filters.identity.domains import ascii_domain, domain_of, is_within, organisational_domain, unicode_domain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Party.EXAMPLE", "party.example"),
        ("party.example.", "party.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("\uff4c\uff45\uff47\uff49\uff54.example", "legit.example"),
        ("legit。example", "legit.example"),
        ("le\u00adgit.example", "legit.example"),
        ("_dmarc.party.example", "_dmarc.party.example"),
        ("", ""),
        (".", ""),
        ("a..b", ""),
        ("[192.0.2.1]", ""),
        ("legit.example'a", ""),
        ("a b.example", ""),
        ("legit.example\x00.attack.example", ""),
        ("x" * 64 + ".example", ""),
        ("a." * 130 + "b", ""),
    ],
)
def test_domains_are_written_one_way(written: str, plain: str) -> None:
    """Case, final dots and other letters are mapped; what is no domain name is nothing."""
    assert ascii_domain(written) == plain


def test_the_domain_of_an_address() -> None:
    """The domain stands after the last @; without a local part there is no address."""
    assert domain_of("Ana@Party.Example") == "party.example"
    assert domain_of('"a@b"@party.example') == "party.example"
    assert domain_of("@party.example") == ""
    assert domain_of("party.example") == ""


def test_within_means_the_name_or_below() -> None:
    """A longer label is not a subdomain."""
    parents = ("party.example",)
    assert is_within("party.example", parents)
    assert is_within("a.b.party.example", parents)
    assert not is_within("badparty.example", parents)
    assert not is_within("party.example.attack.example", parents)
    assert not is_within("party.example", ("",))


def test_domains_are_shown_as_people_see_them() -> None:
    """A-labels are decoded; what does not decode stays."""
    assert unicode_domain("xn--bcher-kva.example") == "bücher.example"
    assert unicode_domain("xn--zzzzzzzz99999.example") == "xn--zzzzzzzz99999.example"


@given(st.text(max_size=80))
def test_any_text_is_a_plain_domain_or_nothing(text: str) -> None:
    """The result is ASCII and stays the same when read again."""
    plain = ascii_domain(text)
    assert plain.isascii()
    assert ascii_domain(plain) == plain


def _published(path: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each name with the domain to be found, "null" for none."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("//"):
            name, wanted = line.split()
            yield str(number), (name, wanted)


@vectors("dmarc/psl-tests.txt", _published)
def test_organisational_domains_agree_with_the_public_suffix_tests(vector: tuple[str, str]) -> None:
    """Each answer is found; where there is none, a suffix is its own organisation, and no domain has one."""
    name, wanted = vector
    found = organisational_domain(name)
    assert found == (ascii_domain(wanted) if wanted != "null" else ascii_domain(name))
