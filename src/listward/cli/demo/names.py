"""A name server for the sample organisation's domains, so that SPF, DKIM and DMARC are real in the demo."""

import asyncio
from collections.abc import Mapping
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

_CHUNK = 250  # a character-string holds at most 255 octets (RFC 1035 section 3.3)


class NameServer(asyncio.DatagramProtocol):
    """Answers TXT questions from a table of names in lower case; everything else does not exist."""

    def __init__(self, zone: Mapping[str, str]) -> None:
        self._zone = zone
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer through."""
        # Neither asyncio's nor uvloop's datagram transports are subclasses of the abstract one.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Answer one question; what is not a question is dropped."""
        try:
            answer = self.answer(dns.message.from_wire(data))
        except dns.exception.DNSException:
            return
        if self._transport is not None:
            self._transport.sendto(answer.to_wire(), addr)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """Return the response to a query with one question."""
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        question = query.question[0]
        text = self._zone.get(question.name.to_text(omit_final_dot=True).lower())
        if text is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT:
            chunks = [text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)]
            quoted = " ".join(f'"{chunk}"' for chunk in chunks)
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", quoted))
        return response


async def serve_names(zone: Mapping[str, str], port: int) -> asyncio.DatagramTransport:
    """Listen on 127.0.0.1."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: NameServer(zone), local_addr=("127.0.0.1", port))
    return transport
