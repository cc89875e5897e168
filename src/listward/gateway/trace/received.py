"""Our Received field (RFC 5321 section 4.4), without addresses of our own networks."""

import re
from functools import lru_cache
from ipaddress import ip_address

from listward.gateway.session.door import Arrival
from listward.wire import headers

_DOMAIN = re.compile(r"(?=.{1,255}\Z)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


def received_field(arrival: Arrival, hostname: str) -> bytes:
    """Return the field. What the client said of itself enters only where it is a plain host name."""
    clauses = f"from {_source(arrival)} by {hostname} with {arrival.protocol} id {arrival.id}"
    return headers.field("Received", f"{clauses}; {headers.date_now(arrival.at)}")


def _source(arrival: Arrival) -> str:
    helo = arrival.client.helo
    name = helo if _DOMAIN.fullmatch(helo) else "unknown"
    literal = _literal(arrival.client.address)
    return f"{name} ({literal})" if literal else name


@lru_cache(maxsize=1024)
def _literal(address: str | None) -> str:
    """Return the address literal of a client in the world at large, "" for one of our own networks."""
    if address is None:
        return ""
    ip = ip_address(address)
    if not ip.is_global:
        return ""
    return f"[IPv6:{ip}]" if ip.version == 6 else f"[{ip}]"
