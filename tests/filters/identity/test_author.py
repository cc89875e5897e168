"""The author: one From field with one address, or nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_world import message

from listward.filters.identity.author import from_field_count, plain_address, sole_author


def _author(header: bytes) -> str:
    return sole_author(message(header + b"\r\nTo: board@lists.party.example\r\n\r\nHello.\r\n"))


@pytest.mark.parametrize(
    ("header", "author"),
    [
        (b"From: ana@party.example", "ana@party.example"),
        (b"From: Ana Ruiz <Ana@Party.Example>", "ana@party.example"),
        (b"from:\r\n Ana\r\n <ana@party.example>", "ana@party.example"),
        (b"From: =?utf-8?q?ben=40mail=2Eexample=2C?= <ana@party.example>", "ana@party.example"),
        (b"From: ana@party.example (ben@mail.example)", "ana@party.example"),
        (b'From: "ben@mail.example" <ana@party.example>', "ana@party.example"),
        (b"From: (Ana (of (the) board)) ana@party.example", "ana@party.example"),
        (b'From: "Ana, <ben@mail.example>" <ana@party.example>', "ana@party.example"),
        (b"From: =?utf-8?q?Ana_=3Cben=40mail=2Eexample=3E?= <ana@party.example>", "ana@party.example"),
        ("From: ana@\uff50\uff41\uff52\uff54\uff59.example".encode(), "ana@party.example"),
        ("From: ana@b\u00fccher.example".encode(), "ana@xn--bcher-kva.example"),
        (b"From: Ana <ana@XN--BCHER-KVA.example>", "ana@xn--bcher-kva.example"),
    ],
)
def test_one_address_is_the_author(header: bytes, author: str) -> None:
    """Names, comments and encoded words are no addresses."""
    assert _author(header) == author


@pytest.mark.parametrize(
    "header",
    [
        b"Sender: ana@party.example",
        b"Resent-From: ana@party.example",
        b"Reply-To: ana@party.example",
        b"From:",
        b"From: <>",
        b"From: Ana Ruiz",
        b"From: ana@party.example, ben@mail.example",
        b"From: ana@party.example\r\nFrom: ana@party.example",
        b"From: ana@party.example\r\nFrom : ben@mail.example",
        b"From\t: ana@party.example\r\nFrom: ben@mail.example",
        b"From\r\n : ana@party.example\r\nFrom: ben@mail.example",
        b"From: <ana@party.example>\\,<ben@mail.example>",
        b"From: ana@party.example <ben@mail.example>",
        b"From: ana@party.example\x00.attack.example",
        b"From: ana@[192.0.2.1]",
        b"From: ana@party..example",
        b"From: undisclosed:;",
        b"From: ana@party.example\r\nFrom\r\n \r\n : ben@mail.example",
        b"From: ana@party.example\r\nSubject: x\rFrom: ben@mail.example",
        b"From: ana@party.example\r\nFrom\x0b: ben@mail.example",
        b"\xef\xbb\xbfFrom: ben@mail.example\r\nFrom: ana@party.example",
        b"From: people: ana@party.example;",
        b"From: ana@party.example, people: ben@mail.example;",
        b"From: <@mail.example:ana@party.example>",
        b"From: =?utf-8?q?=3Cana=40party.example=3E?=",
        b"From: =?utf-8?q?ana?=@party.example",
        b"From: =?utf-8?q?ana=40party.example=2C?= ben@mail.example",
        b"From: ana@party.example.",
        b'From: "ana"@party.example',
        b"From: ana@party.example\rben@mail.example",
        b"From: <ana@party.example> <ben@mail.example>",
        b"From: ana@party.example ben@mail.example",
        b"From: ana@mail.example@party.example",
        b"From: ana\\@party.example",
        b"From: ana@party.example\xe2\x80\x8b.attack.example",
        b"From: (ana@party.example",
        b'From: "Ana <ana@party.example>',
        b"From: ana@party.example; ben@mail.example",
        b"From: \xe2\x80\xaeana@party.example\xe2\x80\xac",
        b"From: \xe2\x84\xaaim@party.example",  # the sign for kelvin, whose small letter is k
    ],
)
def test_anything_else_is_nobody(header: bytes) -> None:
    """Several, none, and what readers could take for another are no author."""
    assert _author(header) == ""


def test_from_fields_are_counted_as_any_reader_sees_them() -> None:
    """Blanks and folds before the colon count, the body does not."""
    raw = b"From: a@b.example\r\nfrom : c@d.example\r\nX-From: e@f.example\r\n\r\nFrom: g@h.example\r\n"
    assert from_field_count(message(raw)) == 2


@given(st.text(max_size=300))
def test_a_plain_address_stays_itself(text: str) -> None:
    """The result is nothing, or an address in lower case that reads the same again."""
    plain = plain_address(text)
    assert plain == plain_address(plain)
    assert plain == "" or (plain.count("@") == 1 and plain == plain.lower())


@given(st.binary(max_size=120))
def test_any_from_has_an_answer(value: bytes) -> None:
    """No octets in From make it raise."""
    _author(b"From: " + value)
