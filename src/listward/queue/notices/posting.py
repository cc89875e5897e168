"""Hands letters of ours to the next hop of notices, and counts what became of them."""

from listward.config.site import Site
from listward.queue.notices.compose import compose
from listward.queue.notices.letters import Letter
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.hop import parse_hop
from listward.wire.payload import Payload
from listward.wire.pool import Pool

TIMEOUT_S = 30.0


class NotYetTold(Exception):
    """The next hop of notices does not take the notice now: the entry stays and is tried again."""


class Posting:
    """Sends. Repeating a letter gives the same Message-ID."""

    def __init__(self, site: Site, pool: Pool, metrics: Metrics, mail_log: MailLog) -> None:
        self._site = site
        self._pool = pool
        self._metrics = metrics
        self._log = mail_log

    @property
    def possible(self) -> bool:
        """Whether there is a way out at all."""
        return bool(self._site.notices.next_hop)

    def count(self, kind: str, outcome: str) -> None:
        """Count a letter that is not sent, or not yet."""
        self._metrics.notices.labels(kind, outcome).inc()

    async def send(self, kind: str, to: str, letter: Letter, event_id: str, at: float, reply_to: str = "") -> None:
        """Send one letter to one mailbox. Raises NotYetTold."""
        outcome = await self._deliver(to, letter, event_id, at, reply_to)
        self.count(kind, outcome)
        self._log.event("told", "", kind=kind, outcome=outcome, to=self._log.hashed(to))
        if outcome == "later":
            raise NotYetTold

    async def _deliver(self, to: str, letter: Letter, event_id: str, at: float, reply_to: str) -> str:
        notice = compose(self._site, to, letter, event_id, at, reply_to)
        hop = parse_hop(self._site.notices.next_hop)
        deliveries = await self._pool.deliver(hop, notice.envelope, Payload(notice.data), TIMEOUT_S)
        delivery = deliveries[to]
        if delivery.delivered:
            return "sent"
        return "refused" if delivery.reply.permanent and not delivery.lost else "later"
