"""The pool of connections to next hops as the configuration wants it, its news in metrics and mail log."""

from collections.abc import Callable

from listward.config.site import Site
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.capabilities import Capabilities
from listward.wire.client import verifying
from listward.wire.hop import Hop
from listward.wire.limits import Limits
from listward.wire.pool import Pool
from listward.wire.watch import Watch

Learnt = Callable[[Hop, Capabilities], None]


class HopWatch(Watch):
    """Counts and logs what becomes of next hops; `on_learnt` hears what each offers whenever a connection is opened."""

    def __init__(self, metrics: Metrics, log: MailLog, on_learnt: Learnt | None = None) -> None:
        self._metrics = metrics
        self._log = log
        self._on_learnt = on_learnt

    def learnt(self, hop: Hop, capabilities: Capabilities) -> None:
        """Pass on what the server offers."""
        if self._on_learnt is not None:
            self._on_learnt(hop, capabilities)

    def changed(self, hop: Hop, up: bool, why: str) -> None:
        """Show the change, and say it in one line."""
        self._metrics.next_hop_up.labels(hop.name).set(1 if up else 0)
        self._log.event("next-hop-back" if up else "next-hop-aside", hop=hop.name, reason=why)

    def waited(self, hop: Hop) -> None:
        """Count a message that waits for a connection."""
        self._metrics.limits_hit.labels("next_hop_connections").inc()


def make_pool(site: Site, metrics: Metrics, log: MailLog, on_learnt: Learnt | None = None) -> Pool:
    """Return the pool of one process. Raises OSError where the file of authorities cannot be used."""
    table = site.next_hops
    limits = Limits(
        connect_timeout_s=table.connect_timeout_s,
        max_connections=table.max_connections,
        max_idle=table.max_idle,
        idle_s=table.idle_s,
        max_age_s=table.max_age_s,
        max_uses=table.max_uses,
        first_pause_s=table.first_pause_s,
        longest_pause_s=table.longest_pause_s,
    )
    tls = verifying(str(site.directory / table.ca_file)) if table.ca_file is not None else None
    return Pool(site.gateway.hostname, limits, tls=tls, watch=HopWatch(metrics, log, on_learnt))
