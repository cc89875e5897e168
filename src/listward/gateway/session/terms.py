"""What holds for one connection: names and bounds of the configuration that stood when it began."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from listward.config.site import Peer, Site

# A client that sends less than this, past a grace, is not sending mail but holding a place (slow-loris).
MIN_DATA_RATE = 500
DATA_GRACE_S = 60.0


@dataclass(frozen=True, slots=True)
class Terms:
    """Bounds of one connection. Sizes in octets, times in seconds, `min_data_rate` in octets a second."""

    hostname: str
    max_message_bytes: int
    max_recipients: int
    max_clients: int
    max_clients_per_address: int
    max_inflight_bytes: int
    max_errors: int
    max_commands: int
    idle_timeout_s: float
    data_timeout_s: float
    reply_deadline_s: float
    normalise: bool = False
    peers: tuple[Peer, ...] = ()
    tls: ssl.SSLContext | None = None
    spool: Path | None = None
    min_data_rate: int = MIN_DATA_RATE
    data_grace_s: float = DATA_GRACE_S


def terms_of(site: Site, share: int, tls: ssl.SSLContext | None, spool: Path | None, peers: bool = True) -> Terms:
    """Return the terms of a site for one of `share` workers, which divide the bounds that hold over all of them."""
    gateway = site.gateway
    return Terms(
        hostname=gateway.hostname,
        max_message_bytes=gateway.max_message_bytes,
        max_recipients=gateway.max_recipients,
        max_clients=-(-gateway.max_clients // share),
        max_clients_per_address=-(-gateway.max_clients_per_address // share),
        max_inflight_bytes=max(gateway.max_inflight_bytes // share, gateway.max_message_bytes),
        max_errors=gateway.max_errors,
        max_commands=gateway.max_commands,
        idle_timeout_s=gateway.idle_timeout_s,
        data_timeout_s=gateway.data_timeout_s,
        reply_deadline_s=gateway.reply_deadline_s,
        normalise=gateway.line_ends == "normalise",
        peers=site.peers if peers else (),
        tls=tls,
        spool=spool,
    )
