"""A resolver without a network: the same zone shape as the fake name server, answered at once."""

import dns_zone

from listward.filters.probes import ProbeUnavailable


class StaticResolver:
    """Implements probes.Resolver on a dict. `asked` lists (name, kind) of every question, in order."""

    def __init__(self, zone: dns_zone.Zone | None = None) -> None:
        self.zone = zone or {}
        self.asked: list[tuple[str, str]] = []

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Return the records of the zone; raises ProbeUnavailable for SERVFAIL, TIMEOUT and the like."""
        self.asked.append((name.rstrip(".").lower(), kind))
        rcode, values = dns_zone.records(self.zone, name, kind)
        if rcode not in {"NOERROR", "NXDOMAIN"}:
            raise ProbeUnavailable(rcode)
        return tuple(_octets(value) for value in values)


def _octets(value: str | bytes | tuple[str, ...]) -> bytes:
    joined = "".join(value) if isinstance(value, tuple) else value
    return joined if isinstance(joined, bytes) else joined.encode()
