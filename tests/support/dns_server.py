"""A name server on 127.0.0.1 for tests: UDP and TCP on one port, a dict as its zone, trouble on request.

    with DnsServer({"party.example": {"TXT": ["v=spf1 -all"]}}) as server:
        resolver = DnsResolver((server.address,), timeout_s=1)

`server.zone` may be replaced while it runs; `server.asked` lists (name, kind, protocol) of every question.
The zone's shape is described in dns_zone.
"""

import threading
from types import TracebackType
from typing import Any, Self

import dns_zone
from dnslib import QTYPE, RCODE, RR, DNSError, DNSRecord
from dnslib.dns import AAAA, CNAME, MX, PTR, TXT, A
from dnslib.server import DNSHandler, DNSServer

TTL_S = 60
UDP_OCTETS = 1232
STRING_OCTETS = 255
POLL_S = 0.01


class _Silent:
    """dnslib prints every question unless it is told not to."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


class DnsServer:
    """Start with `with`; `address` is "127.0.0.1:port"."""

    def __init__(self, zone: dns_zone.Zone) -> None:
        self.zone = zone
        self.asked: list[tuple[str, str, str]] = []
        self.address = ""
        self._servers: tuple[DNSServer, ...] = ()
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        udp, tcp = self._bind()
        self._servers = (udp, tcp)
        self.address = f"127.0.0.1:{self.port}"
        self._threads = [
            threading.Thread(target=server.server.serve_forever, args=(POLL_S,), daemon=True)
            for server in self._servers
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for server in self._servers:
            server.stop()
            server.server.server_close()
        for thread in self._threads:
            thread.join(5)

    @property
    def port(self) -> int:
        """The port, the same for UDP and TCP."""
        return int(self._servers[0].server.server_address[1])

    def count(self, name: str, kind: str = "TXT") -> int:
        """How often a name was asked for."""
        return sum(1 for owner, wanted, _ in self.asked if (owner, wanted) == (name.lower(), kind))

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        """Answer one question; dnslib calls this in a thread of its own."""
        name = str(request.q.qname).rstrip(".")
        kind = str(QTYPE[request.q.qtype])
        self.asked.append((name.lower(), kind, handler.protocol))
        self._stopping.wait(dns_zone.delay_s(self.zone, name))
        rcode, values = dns_zone.records(self.zone, name, kind)
        if rcode == "TIMEOUT":
            raise DNSError("the zone says: no answer")
        reply = request.reply()
        reply.header.rcode = getattr(RCODE, rcode)
        for value in values:
            reply.add_answer(RR(request.q.qname, request.q.qtype, ttl=TTL_S, rdata=_rdata(kind, value)))
        return _truncated(request) if handler.protocol == "udp" and len(reply.pack()) > UDP_OCTETS else reply

    def _bind(self) -> tuple[DNSServer, DNSServer]:
        """Find a port that is free for both protocols."""
        for _ in range(20):
            udp = DNSServer(self, address="127.0.0.1", port=0, logger=_Silent())
            port = udp.server.server_address[1]
            try:
                return udp, DNSServer(self, address="127.0.0.1", port=port, tcp=True, logger=_Silent())
            except OSError:
                udp.server.server_close()
        raise OSError("no port is free for both UDP and TCP")


def _truncated(request: DNSRecord) -> DNSRecord:
    """A reply that sends the client to TCP and still names the question (RFC 2181 section 9)."""
    reply = request.reply()
    reply.header.tc = 1
    return reply


def _rdata(kind: str, value: Any) -> Any:
    if kind == "TXT":
        return TXT(_strings(value))
    if kind == "MX":
        preference, exchange = value.split()
        return MX(exchange, int(preference))
    return {"A": A, "AAAA": AAAA, "PTR": PTR, "CNAME": CNAME}[kind](value)


def _strings(value: str | tuple[str, ...]) -> list[bytes]:
    """One record's character strings: given apart, or cut at 255 octets (RFC 1035 section 3.3)."""
    if isinstance(value, tuple):
        return [part.encode() for part in value]
    octets = value.encode()
    return [octets[at : at + STRING_OCTETS] for at in range(0, len(octets), STRING_OCTETS)] or [b""]
