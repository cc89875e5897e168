"""Where mail goes next: one server, or several in order of preference.

smtp://host:port            lmtp://host:port            in the clear
smtp+starttls://host:port   lmtp+starttls://host:port   STARTTLS, verified, or nothing (RFC 3207); also smtp+tls
smtps://host:port           lmtps://host:port           TLS from the first octet, verified (RFC 8314 section 3)
smtp+unix:///path           lmtp+unix:///path           a socket on this machine
"""

from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

FORMS = "smtp://host:port, smtps://, smtp+starttls:// or smtp+unix:///path, and the same with lmtp"
_TLS = {"": "never", "tls": "must", "starttls": "must"}


@dataclass(frozen=True, slots=True)
class Hop:
    """Where to deliver. Either host and port, or a unix socket's path.

    `tls` is "never", "may" or "must" for STARTTLS, "wrapped" for TLS from the first octet. `spares` take over, in this
    order, while this one does not answer.
    """

    protocol: str
    host: str = ""
    port: int = 0
    path: str = ""
    tls: str = "never"
    spares: tuple["Hop", ...] = ()

    def __hash__(self) -> int:
        """Fewer fields than are compared: a hop is looked up several times for each message."""
        return hash((self.host, self.port, self.path))

    @property
    def name(self) -> str:
        """A short label for metrics and logs, of this server alone."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol}:{self.path or f'{host}:{self.port}'}"

    @property
    def servers(self) -> tuple["Hop", ...]:
        """This server and its spares, each by itself, in order of preference."""
        return (replace(self, spares=()), *self.spares) if self.spares else (self,)


def parse_hop(urls: str) -> Hop:
    """Read a next hop: one url, or several with a space between. Raises ValueError saying what is allowed."""
    first, *others = [_parse(url) for url in urls.split()] or [_parse(urls)]
    hops = (first, *others)
    if len({hop.protocol for hop in hops}) > 1:
        raise ValueError(f"{urls!r} mixes smtp and lmtp; allowed: several of one kind")
    if len({hop.name for hop in hops}) < len(hops):
        raise ValueError(f"{urls!r} names a server twice")
    return replace(first, spares=tuple(others)) if others else first


def _parse(url: str) -> Hop:
    try:
        parts = urlsplit(url)
        protocol, _, variant = parts.scheme.partition("+")
        wrapped = protocol.endswith("s") and not variant
        protocol = protocol.removesuffix("s") if wrapped else protocol
        if protocol not in {"smtp", "lmtp"} or parts.query or parts.fragment or parts.username is not None:
            raise ValueError(url)
        if variant == "unix":
            return _socket(protocol, parts)
        return _server(protocol, parts, "wrapped" if wrapped else _TLS[variant])
    except (ValueError, KeyError):
        raise ValueError(f"{url!r} is not a next hop; allowed: {FORMS}") from None


def _socket(protocol: str, parts: SplitResult) -> Hop:
    if parts.netloc or not parts.path.startswith("/"):
        raise ValueError(parts.path)
    return Hop(protocol, path=parts.path)


def _server(protocol: str, parts: SplitResult, tls: str) -> Hop:
    if not parts.hostname or not parts.port or parts.path not in {"", "/"}:
        raise ValueError(parts.netloc)
    return Hop(protocol, parts.hostname, parts.port, tls=tls)
