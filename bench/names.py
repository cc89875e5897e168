"""A name server for the measurements: the organisation's, one member domain that signs, and nothing else exists."""

import asyncio

from dnslib import QTYPE, RCODE, RR, TXT, A, DNSRecord

from bench.signing import SELECTOR


class Names(asyncio.DatagramProtocol):
    """Answers TXT and A from a table; any other name does not exist."""

    def __init__(self, public_key: str) -> None:
        self._texts = {
            "signed.bench.test.": "v=spf1 ip4:127.0.0.1 -all",
            "_dmarc.signed.bench.test.": "v=DMARC1; p=reject",
            f"{SELECTOR}._domainkey.signed.bench.test.": f"v=DKIM1; k=rsa; p={public_key}",
        }
        self._answers: dict[bytes, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question; what was asked before is answered from memory."""
        answer = self._answers.get(data[2:]) or self._answer(data)[2:]
        if len(self._answers) < 10_000:
            self._answers[data[2:]] = answer
        self._transport.sendto(data[:2] + answer, addr)  # type: ignore[attr-defined]  # a datagram transport

    def _answer(self, data: bytes) -> bytes:
        question = DNSRecord.parse(data)
        name, kind = str(question.q.qname).lower(), QTYPE[question.q.qtype]
        answer = question.reply()
        text = self._texts.get(name)
        if text is not None and kind == "TXT":
            parts = [text[start : start + 250].encode() for start in range(0, len(text), 250)]
            answer.add_answer(RR(name, QTYPE.TXT, rdata=TXT(parts), ttl=3600))
        elif name == "signed.bench.test." and kind == "A":
            answer.add_answer(RR(name, QTYPE.A, rdata=A("127.0.0.1"), ttl=3600))
        elif text is None and not any(known.endswith("." + name) for known in self._texts):
            answer.header.rcode = RCODE.NXDOMAIN
        return bytes(answer.pack())


async def serve(public_key: str, port: int) -> None:
    """Serve on 127.0.0.1 until cancelled."""
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: Names(public_key), local_addr=("127.0.0.1", port))
    await asyncio.Event().wait()


if __name__ == "__main__":
    import sys

    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
