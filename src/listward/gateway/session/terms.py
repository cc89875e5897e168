"""What holds for one connection: names and bounds of the configuration that stood when it began."""

from dataclasses import dataclass
from pathlib import Path

from listward.config.site import Peer, Site
from listward.gateway.session.identities import Identities
from listward.gateway.session.tls import Credentials


@dataclass(frozen=True, slots=True)
class Terms:
    """Bounds of one connection. Sizes in octets, times in seconds, `min_data_rate` in octets a second.

    `identities` are those of the submission listener; None where nobody logs in. With `implicit_tls` the handshake
    comes before the greeting (RFC 8314 section 3.3).
    """

    hostname: str
    max_message_bytes: int
    max_recipients: int
    max_clients: int
    max_clients_per_address: int
    max_clients_per_network: int
    max_connections_per_minute: int
    ipv4_prefix: int
    ipv6_prefix: int
    max_inflight_bytes: int
    max_errors: int
    max_commands: int
    max_command_line: int
    idle_timeout_s: float
    crowded_idle_timeout_s: float
    data_timeout_s: float
    session_timeout_s: float
    tls_timeout_s: float
    proxy_timeout_s: float
    reply_deadline_s: float
    min_data_rate: int
    data_grace_s: float
    greeting_wait_s: float
    early_talkers: bool
    normalise: bool = False
    peers: tuple[Peer, ...] = ()
    tls: Credentials | None = None
    spool: Path | None = None
    identities: Identities | None = None
    implicit_tls: bool = False
    max_wrong_logins: int = 10
    strangers_held_per_hour: int = 0


def terms_of(
    site: Site,
    tls: Credentials | None,
    spool: Path | None,
    peers: bool = True,
    identities: Identities | None = None,
) -> Terms:
    """Return the terms of a site. Every bound holds over all workers together."""
    gateway = site.gateway
    return Terms(
        hostname=gateway.hostname,
        max_message_bytes=gateway.max_message_bytes,
        max_recipients=gateway.max_recipients,
        max_clients=gateway.max_clients,
        max_clients_per_address=gateway.max_clients_per_address,
        max_clients_per_network=gateway.clients_per_network,
        max_connections_per_minute=gateway.max_connections_per_minute,
        ipv4_prefix=gateway.ipv4_prefix,
        ipv6_prefix=gateway.ipv6_prefix,
        max_inflight_bytes=gateway.max_inflight_bytes,
        max_errors=gateway.max_errors,
        max_commands=gateway.max_commands,
        max_command_line=gateway.max_command_line,
        idle_timeout_s=gateway.idle_timeout_s,
        crowded_idle_timeout_s=gateway.crowded_idle_timeout_s,
        data_timeout_s=gateway.data_timeout_s,
        session_timeout_s=gateway.session_timeout_s,
        tls_timeout_s=gateway.tls_timeout_s,
        proxy_timeout_s=gateway.proxy_timeout_s,
        reply_deadline_s=gateway.reply_deadline_s,
        min_data_rate=gateway.min_data_rate,
        data_grace_s=gateway.data_grace_s,
        greeting_wait_s=gateway.greeting_wait_s,
        early_talkers=gateway.early_talkers == "allow",
        normalise=gateway.line_ends == "normalise",
        peers=site.peers if peers else (),
        tls=tls,
        spool=spool,
        identities=identities,
        implicit_tls=identities is not None and site.submission.tls == "implicit",
        max_wrong_logins=site.submission.max_wrong_logins_per_minute,
        strangers_held_per_hour=site.limits.strangers_held_per_hour,
    )
