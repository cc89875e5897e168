"""The PROXY header: every form of the specification, and what is none."""

import asyncio
import contextlib
import struct

import pytest
from gateway_fakes import NEWS, Rig, message
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.gateway.session.proxy import SIGNATURE, BadHeader, header_length, source_of

INET = bytes([203, 0, 113, 9, 192, 0, 2, 1]) + struct.pack("!HH", 40_000, 25)
INET6 = bytes(15) + b"\x09" + bytes(16) + struct.pack("!HH", 40_000, 25)
PEER = {"peer": [{"address": "127.0.0.1/32", "gives": "proxy"}]}


def binary(command: int = 0x21, family: int = 0x11, tail: bytes = INET, length: int | None = None) -> bytes:
    """A header of version 2."""
    return SIGNATURE + bytes([command, family]) + struct.pack("!H", len(tail) if length is None else length) + tail


GOOD = [
    (b"PROXY TCP4 203.0.113.9 192.0.2.1 40000 25\r\n", "203.0.113.9"),
    (b"PROXY TCP6 2001:db8::9 2001:db8::1 0 65535\r\n", "2001:db8::9"),
    (b"PROXY TCP6 ::ffff:203.0.113.9 ::1 1 25\r\n", "203.0.113.9"),
    (b"PROXY UNKNOWN\r\n", None),
    (b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", None),
    (binary(), "203.0.113.9"),
    (binary(family=0x12), "203.0.113.9"),
    (binary(family=0x21, tail=INET6), "::9"),
    (binary(family=0x31, tail=bytes(216)), None),
    (binary(family=0x00, tail=b""), None),
    (binary(family=0x00, tail=b"what ever"), None),
    (binary(command=0x20), None),
    (binary(command=0x20, family=0x00, tail=b""), None),
    (binary(command=0x20, family=0xFF, tail=b"x"), None),
    (binary(tail=INET + b"\x04\x00\x00" + b"\x02\x00\x04mail"), "203.0.113.9"),
]
BAD = [
    b"PROXY\r\n",
    b"PROXY TCP4\r\n",
    b"PROXY TCP4 203.0.113.9 192.0.2.1 40000\r\n",
    b"PROXY TCP4 203.0.113.9 192.0.2.1 40000 25 26\r\n",
    b"PROXY TCP4 203.0.113.9 192.0.2.1 40000 25\n",
    b"PROXY TCP4 2001:db8::9 192.0.2.1 40000 25\r\n",
    b"PROXY TCP4 203.0.113.09 192.0.2.1 40000 25\r\n",
    b"PROXY TCP4 203.0.113.9  192.0.2.1 40000 25\r\n",
    b"PROXY TCP4 203.0.113.9 192.0.2.1 040000 25\r\n",
    b"PROXY TCP4 203.0.113.9 192.0.2.1 70000 25\r\n",
    b"PROXY TCP4 203.0.113.9 192.0.2.1 \xd9\xa1 25\r\n",
    b"PROXY UDP4 203.0.113.9 192.0.2.1 1 25\r\n",
    b"PROXY unknown\r\n",
    b"PROXY " + b"x" * 200 + b"\r\n",
    b"EHLO client.example\r\n",
    b"proxy TCP4 203.0.113.9 192.0.2.1 1 25\r\n",
    binary(command=0x11),
    binary(command=0x22),
    binary(family=0x41),
    binary(family=0x13),
    binary(tail=INET[:11]),
    binary(family=0x21, tail=INET),
    binary(family=0x31, tail=bytes(215)),
    binary(tail=INET + b"\x04\x00"),
    binary(tail=INET + b"\x04\x00\x09short"),
    binary(length=60_000),
    SIGNATURE[:-1] + b"X" + bytes(4),
]


def source(header: bytes) -> str | None:
    """Read a header that is there as a whole."""
    length = header_length(header)
    if length is None or length > len(header):
        raise BadHeader
    return source_of(header[:length])


@pytest.mark.parametrize(("header", "address"), GOOD)
def test_every_form_names_its_client(header: bytes, address: str | None) -> None:
    """Versions 1 and 2, also where nobody is named; and what follows is left alone."""
    assert source(header) == address
    assert header_length(header + b"EHLO x\r\n") == len(header)


@pytest.mark.parametrize("header", BAD)
def test_what_is_no_header_is_refused(header: bytes) -> None:
    """Nothing is guessed."""
    with pytest.raises(BadHeader):
        source(header)


@pytest.mark.parametrize(("header", "address"), GOOD)
def test_no_beginning_is_taken_for_a_header(header: bytes, address: str | None) -> None:
    """However few octets have come: wait."""
    assert all((header_length(header[:end]) or len(header)) == len(header) for end in range(len(header)))


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=60).map(lambda tail: SIGNATURE + tail)))
def test_whatever_comes_raises_nothing_else(octets: bytes) -> None:
    """A stranger's octets end in an address, in none, or in BadHeader."""
    with contextlib.suppress(BadHeader):
        source(octets)


async def test_a_header_may_come_in_pieces() -> None:
    """Octet by octet; the greeting waits for the last one."""
    async with Rig(**PEER) as rig:
        client = await rig.connect(greet=False)
        for octet in binary(tail=INET + b"\x04\x00\x02ab"):
            client.writer.write(bytes([octet]))
            await client.writer.drain()
            await asyncio.sleep(0)
        assert (await client.reply())[0] == 220
        await client.ask("EHLO c.example")
        await client.envelope(NEWS)
        assert (await client.content(message()))[0] == 250
        assert rig.judge.seen[0].client.address == "203.0.113.9"


async def test_a_header_that_never_ends_is_closed() -> None:
    """Its own time-out, without a greeting or a word."""
    async with Rig(gateway={"proxy_timeout_s": 0.1}, **PEER) as rig:
        client = await rig.connect(greet=False)
        client.writer.write(SIGNATURE)
        assert await client.reply() == (0, "")
        assert rig.count("limits_hit_total", limit="proxy_header") == 1
        await rig.until(lambda: rig.bounds.connections == 0)


async def test_clients_behind_a_balancer_are_counted_by_their_own_address() -> None:
    """The balancer's address is one; its clients are many."""
    async with Rig(gateway={"max_clients_per_address": 1}, **PEER) as rig:
        codes = []
        for last in (1, 2, 1):
            client = await rig.connect(greet=False)
            client.writer.write(b"PROXY TCP4 203.0.113.%d 192.0.2.1 40000 25\r\n" % last)
            codes.append((await client.reply())[0])
        assert codes == [220, 220, 421]


async def test_a_header_from_anybody_else_is_no_header() -> None:
    """Who is no peer speaks too early, and is not believed."""
    async with Rig(peer=[{"address": "192.0.2.0/24", "gives": "proxy"}]) as rig:
        client = await rig.connect(greet=False)
        await client.reply()
        assert (await client.ask("PROXY TCP4 203.0.113.9 192.0.2.1 40000 25"))[0] == 500
        await client.ask("EHLO c.example")
        await client.envelope(NEWS)
        await client.content(message())
        assert rig.judge.seen[0].client.address == "127.0.0.1"
