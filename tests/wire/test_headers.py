"""The emitter of header fields, read back with the standard library."""

import email
import email.policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.wire.headers import address_field, date_now, field, fold, mailbox, printable

CONTROLS = [*range(32), 0x7F, 0x85, 0x2028, 0x2029]
text = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200)


def unfolded(emitted: bytes) -> str:
    """The value as a reader sees it: unfolded, decoded."""
    message = email.message_from_bytes(emitted + b"\r\n", policy=email.policy.compat32)
    assert len(message.keys()) == 1
    raw = message[message.keys()[0]]
    return str(make_header(decode_header(raw.replace("\r\n", ""))))


def test_a_short_field_is_one_line() -> None:
    """Name, colon, space, value, CRLF."""
    assert field("Subject", "Hello there") == b"Subject: Hello there\r\n"


def test_an_empty_value_leaves_no_space() -> None:
    """No trailing space that a relay might strip."""
    assert field("Subject", "") == b"Subject:\r\n"


@pytest.mark.parametrize("code", CONTROLS)
@pytest.mark.parametrize(
    "emit",
    [
        lambda c: field("Subject", f"a{c}b"),
        lambda c: mailbox(f"a{c}b", "a@b.test"),
        lambda c: mailbox("a", f"a{c}@b.test"),
    ],
)
def test_controls_are_refused(code: int, emit) -> None:
    """No value can end its line, whichever emitter it goes through."""
    with pytest.raises(ValueError, match=r"control|address"):
        emit(chr(code))


@pytest.mark.parametrize("name", ["", "A B", "A:", "A\r\nB", "\u00c4", "A" * 77])
def test_names_are_checked(name: str) -> None:
    """A field's name is printable ASCII without space and colon."""
    with pytest.raises(ValueError, match="name"):
        field(name, "x")


def test_long_values_are_folded() -> None:
    """Lines keep to 78 characters and unfold to the same value."""
    value = " ".join(f"word{number}" for number in range(60))
    emitted = field("Received", value)
    lines = emitted.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert all(line.startswith(b" ") for line in lines[1:-1])
    assert emitted.replace(b"\r\n", b"") == f"Received: {value}".encode()


def test_a_word_that_fits_no_line_is_refused_or_encoded() -> None:
    """No line passes 998 octets: a structured field is refused, free text is encoded."""
    with pytest.raises(ValueError, match="longer"):
        field("Received", "x" * 999)
    emitted = field("Subject", "x" * 2000)
    assert max(map(len, emitted.split(b"\r\n"))) <= 78
    assert unfolded(emitted) == "x" * 2000


def test_a_word_between_the_limits_stands_alone() -> None:
    """Where no fold is possible the line may be longer than 78, up to 998."""
    assert field("X-Token", "y" * 900) == b"X-Token: " + b"y" * 900 + b"\r\n"


def test_non_ascii_text_is_encoded() -> None:
    """RFC 2047, or raw UTF-8 where the message is international."""
    assert field("Subject", "Gr\u00fc\u00dfe").isascii()
    assert unfolded(field("Subject", "Gr\u00fc\u00dfe")) == "Gr\u00fc\u00dfe"
    assert field("Subject", "Gr\u00fc\u00dfe", utf8=True) == "Subject: Gr\u00fc\u00dfe\r\n".encode()


def test_a_literal_encoded_word_stays_literal() -> None:
    """A subject that spells an encoded word is not decoded into something else."""
    hostile = "=?utf-8?q?x=0D=0ABcc:_victim=40b.test?="
    assert unfolded(field("Subject", hostile)) == hostile


def test_display_names() -> None:
    """Plain names stay bare, others are quoted, non-ASCII is encoded; the address is never touched."""
    assert mailbox("", "a@b.test") == "a@b.test"
    assert mailbox("Board of Party", "a@b.test") == "Board of Party <a@b.test>"
    assert mailbox('Ann "x" <evil@x.test>', "a@b.test") == '"Ann \\"x\\" <evil@x.test>" <a@b.test>'
    assert mailbox("Ren\u00e9", "a@b.test").endswith("?= <a@b.test>")
    assert mailbox("Ren\u00e9", "ren\u00e9@b.test", utf8=True) == '"Ren\u00e9" <ren\u00e9@b.test>'


def test_an_international_address_needs_a_raw_field() -> None:
    """RFC 2047 cannot stand inside an address."""
    with pytest.raises(ValueError, match="address"):
        mailbox("R", "ren\u00e9@b.test")


@settings(max_examples=200, deadline=None)
@given(text)
def test_a_display_name_is_never_an_address(display: str) -> None:
    """Whatever the display name says, a parser finds the one address."""
    emitted = address_field("To", [(display, "real@b.test")])
    message = email.message_from_bytes(emitted + b"\r\n", policy=email.policy.default)
    assert [parsed.addr_spec for parsed in message["To"].addresses] == ["real@b.test"]


def test_many_addresses_are_folded() -> None:
    """A long list of people stays one well-formed field."""
    people = [(f"M\u00fcller {number}", f"m{number}@b.test") for number in range(40)]
    emitted = address_field("Cc", people)
    assert max(map(len, emitted.split(b"\r\n"))) <= 998
    parsed = email.message_from_bytes(emitted + b"\r\n", policy=email.policy.default)
    assert [(one.display_name, one.addr_spec) for one in parsed["Cc"].addresses] == people


@settings(max_examples=300, deadline=None)
@given(text)
def test_every_text_is_one_field_and_reads_back(value: str) -> None:
    """Any printable text is emitted as exactly one field of short lines that gives the text back."""
    emitted = field("Subject", value)
    assert emitted.endswith(b"\r\n")
    assert emitted.isascii()
    lines = emitted[:-2].split(b"\r\n")
    assert all(line[:1] == b" " and line.strip() for line in lines[1:])
    assert all(len(line) <= 998 for line in lines)
    assert unfolded(emitted).strip() == value.strip(" ").strip()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_printable_text_can_always_be_emitted(value: str) -> None:
    """printable leaves nothing that field refuses."""
    field("Subject", printable(value))


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126) | st.just(" "), max_size=400))
def test_folding_changes_no_character(value: str) -> None:
    """Unfolding takes out the line breaks and nothing else."""
    value = value.strip(" ")
    assert fold("X-Any", value).replace("\r\n", "") == (f"X-Any: {value}" if value else "X-Any:")


def test_dates_are_utc() -> None:
    """A known second, with the zone of UTC."""
    assert date_now(1763719200.7) == "Fri, 21 Nov 2025 10:00:00 +0000"
