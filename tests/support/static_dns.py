"""A resolver without a network: the same zone shape as the fake name server, answered at once."""

import dns_zone

from listward.filters.probes import ProbeUnavailable


class StaticResolver:
    """Implements probes.Resolver on a dict. `asked` lists (name, kind) of every question, in order.

    With `remembers` it knows every answer of the zone from memory.
    """

    def __init__(self, zone: dns_zone.Zone | None = None, remembers: bool = False) -> None:
        self.zone = zone or {}
        self.remembers = remembers
        self.asked: list[tuple[str, str]] = []

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Return the records of the zone; raises ProbeUnavailable for SERVFAIL, TIMEOUT and the like."""
        self.asked.append((name.rstrip(".").lower(), kind))
        rcode, values = dns_zone.records(self.zone, name, kind)
        if rcode not in {"NOERROR", "NXDOMAIN"}:
            raise ProbeUnavailable(rcode)
        return tuple(_octets(value) for value in values)

    def spent(self) -> None:
        """Nobody counts here."""

    async def exists(self, name: str) -> bool:
        """Whether the zone has the name; raises ProbeUnavailable for trouble."""
        self.asked.append((name.rstrip(".").lower(), "A"))
        rcode, _ = dns_zone.records(self.zone, name, "A")
        if rcode not in {"NOERROR", "NXDOMAIN"}:
            raise ProbeUnavailable(rcode)
        return rcode != "NXDOMAIN"

    def remembered(self, name: str, kind: str) -> tuple[bytes, ...] | None:
        """The same without counting as asked, where this resolver remembers."""
        rcode, values = dns_zone.records(self.zone, name, kind) if self.remembers else ("SERVFAIL", [])
        return tuple(_octets(value) for value in values) if rcode in {"NOERROR", "NXDOMAIN"} else None


def _octets(value: str | bytes | tuple[str, ...]) -> bytes:
    joined = "".join(value) if isinstance(value, tuple) else value
    return joined if isinstance(joined, bytes) else joined.encode()
