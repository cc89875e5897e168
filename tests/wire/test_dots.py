"""Dot-stuffing and line endings, against a reader and a writer that go line by line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.wire.dots import malformed, normalise, stuff, terminated, unstuff

PIECES = st.sampled_from([b"\r\n", b".", b"..", b"a", b"\r\n.", b"\xe9", b" ", b"\r\n.\r\n"])
WILD = st.sampled_from([b"\r", b"\n", b"\0", b"\r\n", b".", b"a", b"\n.\n", b"\r.\r", b"\r\r\n"])
content = st.lists(PIECES, max_size=30).map(b"".join)
hostile = st.lists(WILD, max_size=30).map(b"".join) | st.binary(max_size=60)


def slow_stuff(data: bytes) -> bytes:
    """The rule of RFC 5321 section 4.5.2 as it is written."""
    return b"\r\n".join(b"." + line if line[:1] == b"." else line for line in data.split(b"\r\n"))


def slow_unstuff(data: bytes) -> bytes:
    """Its inverse."""
    return b"\r\n".join(line[1:] if line[:1] == b"." else line for line in data.split(b"\r\n"))


def slow_malformed(data: bytes) -> set[str]:
    """Look at every octet and its neighbours."""
    found = set()
    for place, octet in enumerate(data):
        if octet == 0x0D and data[place + 1 : place + 2] != b"\n":
            found.add("bare CR")
        if octet == 0x0A and (place == 0 or data[place - 1] != 0x0D):
            found.add("bare LF")
        if octet == 0:
            found.add("NUL")
    return found


@settings(max_examples=200, deadline=None)
@given(content)
def test_stuffing_equals_the_rule_written_out(data: bytes) -> None:
    """stuff and unstuff do what a line by line reading of the RFC does."""
    assert stuff(data) == slow_stuff(data)
    assert unstuff(data) == slow_unstuff(data)


@settings(max_examples=200, deadline=None)
@given(content)
def test_unstuff_takes_back_what_stuff_did(data: bytes) -> None:
    """Content survives the way over the wire byte for byte."""
    assert unstuff(stuff(data)) == data


@settings(max_examples=200, deadline=None)
@given(content)
def test_no_stuffed_line_is_a_single_dot(data: bytes) -> None:
    """Stuffed content never ends the transaction early."""
    assert b"." not in stuff(data).split(b"\r\n")


@settings(max_examples=300, deadline=None)
@given(hostile)
def test_malformed_names_something_that_is_there(data: bytes) -> None:
    """malformed finds a fault exactly when a slow reader finds one, and names one of its faults."""
    faults = slow_malformed(data)
    named = malformed(data)
    assert (named is None) == (not faults)
    assert named is None or named in faults


@settings(max_examples=300, deadline=None)
@given(hostile)
def test_normalised_content_is_well_formed(data: bytes) -> None:
    """normalise leaves nothing that malformed would name, and changes nothing twice."""
    clean = normalise(data)
    assert malformed(clean) is None
    assert normalise(clean) == clean


@settings(max_examples=100, deadline=None)
@given(content)
def test_normalise_leaves_good_content_alone(data: bytes) -> None:
    """Well-formed content comes out as it went in."""
    assert normalise(data) == data


def test_bare_line_feeds_become_line_ends() -> None:
    """A bare LF is a line end, a bare CR and a NUL are spaces: CR CR LF makes no empty line."""
    assert normalise(b"a: 1\r\r\nb: 2\nx\0y\r") == b"a: 1 \r\nb: 2\r\nx y "


@pytest.mark.parametrize(("data", "wire"), [(b"", b""), (b"a", b"a\r\n"), (b"a\r\n", b"a\r\n"), (b"\r\n", b"\r\n")])
def test_content_ends_its_last_line(data: bytes, wire: bytes) -> None:
    """The final dot always stands on a line of its own."""
    assert terminated(data) == wire


@pytest.mark.parametrize("lines", [0, 1, 63, 64, 65, 200])
def test_many_dots_are_stuffed_as_few_are(lines: int) -> None:
    """Content is the same whichever way its dots are looked for."""
    plain, wire = b"a" + b"\r\n.b" * lines + b"\r\n", b"a" + b"\r\n..b" * lines + b"\r\n"
    assert stuff(plain) == wire
    assert unstuff(wire) == plain


def test_large_content_is_quick() -> None:
    """Eight million empty lines are no more than a block of memory to copy."""
    data = b"\r\n" * 8_000_000
    assert malformed(data) is None
    assert len(stuff(data)) == len(data)
