"""Afterwards: one line in the mail log and the metrics for each message."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from listward.config.approval import SHOWN
from listward.config.catalogue import OTHER
from listward.filters.judgement import Action, Judgement
from listward.filters.routing.kinds import Target
from listward.filters.transaction import Listener
from listward.gateway.course import Fate
from listward.gateway.failures import place_of
from listward.gateway.noting import sighting_of
from listward.gateway.services import Services
from listward.gateway.session.door import Arrival
from listward.gateway.snapshot import Snapshot
from listward.wire.envelope import Envelope
from listward.wire.reply import Reply

_ACTIONS = {
    Fate.RELAYED: Action.ACCEPT,
    Fate.REPEATED: Action.ACCEPT,
    Fate.HELD: Action.HOLD,
    Fate.DISCARDED: Action.DISCARD,
    Fate.UNKNOWN: Action.DEFER,
    Fate.DEFERRED: Action.DEFER,
    Fate.REFUSED: Action.REJECT,
}


@dataclass(frozen=True)
class Account:
    """Writes down how messages of one listener ended."""

    services: Services
    listener: Listener

    def message(
        self,
        snapshot: Snapshot,
        arrival: Arrival,
        reply: Reply,
        targets: Mapping[str, Target],
        fates: Mapping[str, Fate],
        judgement: Judgement | None = None,
    ) -> None:
        """Count one message and write its line. Where verdicts have no effect, what they would have been is counted.

        Never raises: what has been settled is answered for, whether or not it can be counted.
        """
        try:
            self._count(snapshot, arrival, reply, targets, fates, judgement)
            self._log(arrival, reply, fates, judgement)
        except Exception as error:
            self.services.log.event("failed", arrival.id, error=type(error).__name__, at=place_of(error))

    def _count(
        self,
        snapshot: Snapshot,
        arrival: Arrival,
        reply: Reply,
        targets: Mapping[str, Target],
        fates: Mapping[str, Fate],
        judgement: Judgement | None,
    ) -> None:
        self.services.metrics.transaction_took.observe("", time.monotonic() - arrival.dot)
        for action, name in self._counted(snapshot, reply, targets, fates, judgement):
            self.services.metrics.messages.labels(self.listener.value, action.value, name).inc()
        for name in _found(judgement, snapshot.findings) if judgement is not None else ():
            self.services.metrics.findings.labels(name).inc()
        for rule, action in judgement.watched if judgement is not None else ():
            self.services.metrics.shadow.labels(rule, action.value).inc()

    def senders(self, arrival: Arrival, fates: Mapping[str, Fate], judgement: Judgement | None) -> None:
        """Have remembered what the message shows of its author. Never raises."""
        noting = self.services.noting
        if noting is None or judgement is None:
            return
        try:
            sighting = sighting_of(judgement, arrival.envelope.sender, arrival.at, fates)
            if sighting is not None:
                noting.add(sighting)
        except Exception as error:
            self.services.log.event("failed", arrival.id, error=type(error).__name__, at=place_of(error))

    def rules(
        self, snapshot: Snapshot, arrival: Arrival, reply: Reply, fates: Mapping[str, Fate], judgement: Judgement | None
    ) -> None:
        """Have counted what rules on trial would have done. What has to come again is counted then. Never raises."""
        observing = self.services.observing
        if observing is None or judgement is None or reply.temporary:
            return
        try:
            observing.add(snapshot.watched.seen(judgement, arrival.at, fates))
        except Exception as error:
            self.services.log.event("failed", arrival.id, error=type(error).__name__, at=place_of(error))

    def turned_away(self, envelope: Envelope, size: int, reply: Reply) -> None:
        """Write the line of a message that nobody has read; the limit it met is counted where it was met."""
        log = self.services.log
        log.event(
            _verb(reply, {}),
            listener=self.listener.value,
            sender=log.hashed(envelope.sender),
            recipients=[log.hashed(address) for address in envelope.addresses],
            size=size,
            code=reply.code,
            enhanced=reply.enhanced,
        )

    def _counted(
        self,
        snapshot: Snapshot,
        reply: Reply,
        targets: Mapping[str, Target],
        fates: Mapping[str, Fate],
        judgement: Judgement | None,
    ) -> Iterable[tuple[Action, str]]:
        observed = {}
        if snapshot.observing and judgement is not None:
            observed = {verdict.target.address: verdict.action for verdict in judgement.recipients}
        whole = Action.REJECT if reply.permanent else Action.DEFER if reply.temporary else Action.ACCEPT
        return {
            (
                observed.get(address) or (_ACTIONS[fates[address]] if address in fates else whole),
                snapshot.list_label(target.list),
            )
            for address, target in targets.items()
        }

    def _log(self, arrival: Arrival, reply: Reply, fates: Mapping[str, Fate], judgement: Judgement | None) -> None:
        log = self.services.log
        verdict = judgement.action.value if judgement is not None else ""
        log.event(
            _verb(reply, fates),
            arrival.id,
            listener=self.listener.value,
            sender=log.hashed(arrival.envelope.sender),
            recipients=[log.hashed(address) for address in arrival.envelope.addresses],
            fates=sorted({fate.value for fate in fates.values()}),
            author=log.hashed(judgement.origin.address) if judgement is not None else "",
            origin=judgement.origin.kind.value if judgement is not None else "",
            basis=judgement.origin.basis.value if judgement is not None else "",
            verdict=verdict,
            policy=judgement.policy_hash[:SHOWN] if judgement is not None else "",
            size=len(arrival.content),
            code=reply.code,
            enhanced=reply.enhanced,
            seconds=round(time.monotonic() - arrival.dot, 4),
        )


def _found(judgement: Judgement, known: frozenset[str]) -> frozenset[str]:
    """The findings by name, each once: a reader that hostile octets have taken over may return any name it likes."""
    names = {finding.rule for finding in judgement.findings}
    return frozenset(names) if names <= known else frozenset({*(names & known), OTHER})


def _verb(reply: Reply, fates: Mapping[str, Fate]) -> str:
    """One past participle for the whole message."""
    if not reply.positive:
        return "refused" if reply.permanent else "deferred"
    order = (Fate.HELD, Fate.RELAYED, Fate.DISCARDED, Fate.REPEATED)
    return next((fate.value for fate in order if fate in fates.values()), "withheld")
