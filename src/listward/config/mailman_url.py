"""mailman://host:port and mailmans://host:port: where a list's roster is read by Mailman's REST interface."""

import re
from dataclasses import dataclass
from ipaddress import ip_address

PORT = 8001
FORMS = "mailman://host:port, or mailmans://host:port with TLS"
_URL = re.compile(
    r"(?P<scheme>mailmans?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?)(?::(?P<port>[0-9]{1,5}))?/?"
)


class BadMailmanUrl(ValueError):
    """Not an address of a Mailman; the text says what is allowed."""


@dataclass(frozen=True, slots=True)
class MailmanUrl:
    """One Mailman core. An IPv6 `host` stands in brackets."""

    host: str
    port: int
    tls: bool

    @property
    def base(self) -> str:
        """The address of its REST interface, which ends with a slash."""
        return f"http{'s' if self.tls else ''}://{self.host}:{self.port}/3.1/"

    @property
    def name(self) -> str:
        """How logs call it."""
        return f"{self.host}:{self.port}"


def is_mailman(roster: str) -> bool:
    """Whether a list's `roster` means a Mailman, rightly written or not."""
    return roster.lower().startswith(("mailman:", "mailmans:"))


def parse_mailman_url(roster: str) -> MailmanUrl:
    """Read a `roster` that means a Mailman. Raises BadMailmanUrl.

    Without TLS the password of the interface, which may do everything there, crosses the wire in clear: only this
    machine, private networks, and names without a dot (containers) are allowed so.
    """
    match = _URL.fullmatch(roster.lower())
    port = int(match["port"] or PORT) if match else 0
    if match is None or not 0 < port <= 65_535:
        raise BadMailmanUrl(f"{roster!r} is not a Mailman's address; allowed: {FORMS}")
    tls, host = match["scheme"] == "mailmans", match["host"]
    if not tls and not _near(host):
        raise BadMailmanUrl(f"{roster!r} would send the password in clear; write mailmans:// for a server over TLS")
    return MailmanUrl(host, port, tls)


def _near(host: str) -> bool:
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return "." not in host
    return address.is_loopback or address.is_private
