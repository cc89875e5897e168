"""Servers in front of us that may name the client. A peer is never the client, and never an origin."""

from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address, ip_address

from listward.config.site import Peer


@dataclass(frozen=True, slots=True)
class Named:
    """The client as a peer named it; None and "" where it did not. `told`: the peer has spoken of its address."""

    address: str | None = None
    helo: str = ""
    told: bool = field(default=False, compare=False)

    def with_address(self, text: str) -> "Named":
        """Take an address as XCLIENT and XFORWARD write it, IPv6 with its prefix. Anything else is no address."""
        return replace(self, address=plain_address(text.removeprefix("IPV6:").removeprefix("IPv6:")), told=True)


def plain_address(text: str) -> str | None:
    """Return an IP address in its usual form, IPv4 also where it came mapped into IPv6; None for anything else."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def peer_for(address: str | None, peers: tuple[Peer, ...]) -> Peer | None:
    """Return the peer at this socket address, the most exact network first; None for an ordinary client."""
    if address is None:
        return None
    ip = ip_address(address)
    found = [peer for peer in peers if ip.version == peer.address.version and ip in peer.address]
    return max(found, key=lambda peer: peer.address.prefixlen, default=None)
