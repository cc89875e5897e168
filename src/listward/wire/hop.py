"""The address of a next hop: smtp://host:port, lmtp://host:port, lmtp+unix:///path."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Hop:
    """Where to deliver. Either host and port, or a unix socket's path; `tls` is "never", "may" or "must"."""

    protocol: str
    host: str = ""
    port: int = 0
    path: str = ""
    tls: str = "never"

    @property
    def name(self) -> str:
        """A short label for metrics and logs."""
        return f"{self.protocol}:{self.path or f'{self.host}:{self.port}'}"


def parse_hop(url: str) -> Hop:
    """Read a next-hop url. Raises ValueError saying what is allowed."""
    allowed = "smtp://host:port, lmtp://host:port, smtp+tls://host:port or lmtp+unix:///path"
    parts = urlsplit(url)
    protocol, _, variant = parts.scheme.partition("+")
    if protocol not in {"smtp", "lmtp"} or variant not in {"", "tls", "unix"} or parts.query or parts.username:
        raise ValueError(f"{url!r} is not a next hop; allowed: {allowed}")
    if variant == "unix":
        if parts.netloc or not parts.path.startswith("/"):
            raise ValueError(f"{url!r} needs an absolute path after three slashes; allowed: {allowed}")
        return Hop(protocol, path=parts.path)
    try:
        port = parts.port
    except ValueError:
        port = None
    if not parts.hostname or not port or parts.path not in {"", "/"}:
        raise ValueError(f"{url!r} needs a host and a port; allowed: {allowed}")
    return Hop(protocol, parts.hostname, port, tls="must" if variant == "tls" else "never")
