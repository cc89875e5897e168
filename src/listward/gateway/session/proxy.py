"""The PROXY header, versions 1 and 2 (haproxy's proxy-protocol.txt): who connected to the balancer in front of us."""

import re
import struct
from ipaddress import IPv4Address, IPv6Address

from listward.gateway.session.peers import plain_address

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_LONGEST_LINE = 107  # section 2.1, the line end included
_LONGEST_TAIL = 4096  # addresses and TLVs; the largest real ones (a TLS client's certificate name) are far below
_LOCAL, _PROXY = 0x20, 0x21
_INET, _INET6, _UNIX, _UNSPEC = 1, 2, 3, 0
_PORT = re.compile(rb"0|[1-9][0-9]{0,4}")
_ADDRESS_OCTETS = {_INET: 12, _INET6: 36, _UNIX: 216, _UNSPEC: 0}


class BadHeader(ValueError):
    """What came first is no PROXY header."""


def header_length(head: bytes) -> int | None:
    """Return how long the header is that begins so; None while that cannot be said. Raises BadHeader."""
    if SIGNATURE.startswith(head[:12]):
        if len(head) < 16:
            return None
        tail = int(struct.unpack("!H", head[14:16])[0])
        if tail > _LONGEST_TAIL:
            raise BadHeader
        return 16 + tail
    if not b"PROXY ".startswith(head[:6]):
        raise BadHeader
    end = head.find(b"\n", 0, _LONGEST_LINE)
    if end < 0 and len(head) >= _LONGEST_LINE:
        raise BadHeader
    return end + 1 or None


def source_of(header: bytes) -> str | None:
    """Return the client's address; None where the header names none (UNKNOWN, LOCAL, no IP). Raises BadHeader."""
    return _source_of_octets(header) if header.startswith(SIGNATURE) else _source_of_line(header)


def _source_of_line(header: bytes) -> str | None:
    if not header.endswith(b"\r\n"):
        raise BadHeader
    words = header[:-2].split(b" ")
    if words[1:2] == [b"UNKNOWN"]:  # section 2.1: whatever follows is to be ignored
        return None
    if len(words) != 6 or words[1] not in {b"TCP4", b"TCP6"} or not all(_is_port(port) for port in words[4:]):
        raise BadHeader
    kind = IPv4Address if words[1] == b"TCP4" else IPv6Address
    try:
        source, _ = (kind(word.decode("ascii")) for word in words[2:4])
    except ValueError:
        raise BadHeader from None
    return plain_address(str(source))


def _is_port(word: bytes) -> bool:
    return _PORT.fullmatch(word) is not None and int(word) <= 65_535


def _source_of_octets(header: bytes) -> str | None:
    command, family, tail = header[12], header[13] >> 4, header[16:]
    if command == _LOCAL:  # section 2.2: the balancer itself, such as its health check
        return None
    if command != _PROXY or header[13] & 0x0F > 2 or len(tail) < _ADDRESS_OCTETS.get(family, len(tail) + 1):
        raise BadHeader
    _check_tlvs(tail[_ADDRESS_OCTETS[family] :] if family != _UNSPEC else b"")
    if family == _INET:
        return str(IPv4Address(tail[:4]))
    return plain_address(str(IPv6Address(tail[:16]))) if family == _INET6 else None


def _check_tlvs(octets: bytes) -> None:
    """Section 2.2.7: type, length, value; one that reaches beyond the header makes the whole malformed."""
    at = 0
    while at < len(octets):
        if at + 3 > len(octets):
            raise BadHeader
        at += 3 + int(struct.unpack("!H", octets[at + 1 : at + 3])[0])
    if at != len(octets):
        raise BadHeader
