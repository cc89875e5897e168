"""The way in: mail for the lists, judged and settled in the client's own transaction."""

from collections.abc import Callable
from dataclasses import dataclass

from listward.filters.judgement import Action
from listward.filters.routing.kinds import Kind, Target
from listward.filters.transaction import Listener
from listward.gateway import wording
from listward.gateway.account import Account
from listward.gateway.act import Task, act
from listward.gateway.course import Course, Fate
from listward.gateway.decide import Decision, decide
from listward.gateway.drafts import Drafter
from listward.gateway.hopsize import HopSizes
from listward.gateway.records import JUDGING, Records, look_up, write_down
from listward.gateway.services import Services
from listward.gateway.session import replies
from listward.gateway.session.door import Arrival, Passage
from listward.gateway.session.terms import Terms
from listward.gateway.snapshot import Snapshot
from listward.gateway.trace.stamp import Cleaned, clean
from listward.wire.hop import Hop
from listward.wire.reply import Reply


@dataclass(frozen=True)
class Ingress:
    """The ingress listener. `current` returns the configuration that stands now."""

    services: Services
    current: Callable[[], Snapshot]
    sizes: HopSizes

    @property
    def listener(self) -> Listener:
        """Ingress."""
        return Listener.INGRESS

    def terms(self) -> Terms:
        """The terms that stand now."""
        return self.current().ingress

    def admits(self, address: str | None) -> bool:
        """Anybody may speak here."""
        return True

    def size_limit(self) -> int:
        """The smallest size any next hop of a list takes."""
        return self.sizes.smallest(self.current().list_hops)

    def begin(self) -> Passage:
        """Begin a transaction."""
        return _Passage(self.services, self.current())


class _Passage:
    """One transaction under one configuration."""

    def __init__(self, services: Services, snapshot: Snapshot) -> None:
        self._services = services
        self._snapshot = snapshot
        self._targets: dict[str, Target] = {}
        self._fates: dict[str, Fate] = {}
        self._decision = Decision(Action.DEFER)

    def recipient(self, address: str) -> Reply | None:
        """Refuse only what does not exist: everything else could tell a stranger who is a member."""
        target = self._snapshot.directory.target(address)
        if target is None:
            return replies.NO_SUCH_ADDRESS
        self._targets[address] = target
        return None

    async def take(self, arrival: Arrival) -> Reply:
        """Settle the message. Whatever goes wrong on the way is 451."""
        try:
            reply = await self._settle(arrival)
        except Exception as error:
            self._services.log.event("failed", arrival.id, error=type(error).__name__)
            reply = wording.later(arrival.id)
        account = Account(self._services, Listener.INGRESS)
        account.message(self._snapshot, arrival, reply, self._targets, self._fates, self._decision.judgement)
        return reply

    async def _settle(self, arrival: Arrival) -> Reply:
        snapshot, stamp = self._snapshot, self._snapshot.stamp
        lists = frozenset(target.list for target in self._targets.values() if target.list)
        cleaned = clean(arrival.content, stamp.authserv_id, stamp.hostname)
        if cleaned.facts.loops or self._has_been_here(cleaned):
            return wording.loop(arrival.id)
        records = await look_up(
            self._services.ledger, arrival.envelope.sender, self._targets, cleaned.facts, egress=False
        )
        self._decision = decision = await decide(snapshot, arrival, cleaned, self._targets, records)
        if decision.judgement is None and not snapshot.observing:
            self._services.metrics.filter_failures.labels("judge").inc()
        if not decision.courses:
            return await self._without_courses(arrival, decision, records)
        authentication = decision.judgement.authentication if decision.judgement is not None else None
        signed = decision.judgement.facts.dkim_signed_fields if decision.judgement is not None else frozenset()
        data = stamp.trace(arrival, cleaned.facts, lists, authentication, signed) + cleaned.content
        return await self._act(arrival, cleaned, decision, records, data)

    def _has_been_here(self, cleaned: Cleaned) -> bool:
        """Whether our own mark shows a message that comes back to a list it has gone to."""
        posts = [target.list for target in self._targets.values() if target.kind is Kind.POST]
        return bool(self._snapshot.stamp.marker.passed(cleaned.incoming, posts))

    async def _without_courses(self, arrival: Arrival, decision: Decision, records: Records) -> Reply:
        """Answer what ends here: refused, or to come again."""
        if decision.action is Action.DEFER:
            await write_down(self._services.ledger, records.one_more(self._targets, JUDGING))
        if decision.judgement is None:
            return wording.later(arrival.id)
        return wording.said(decision.judgement.reply, arrival.id)

    async def _act(
        self, arrival: Arrival, cleaned: Cleaned, decision: Decision, records: Records, data: bytes
    ) -> Reply:
        snapshot = self._snapshot
        ending = await act(
            self._services,
            Task(
                id=arrival.id,
                envelope=arrival.envelope,
                data=data,
                courses=decision.courses,
                records=records,
                drafter=Drafter(arrival, cleaned, decision.judgement, snapshot.policy.digest),
                hop_of=self._hop,
                deadline=arrival.dot + snapshot.site.gateway.reply_deadline_s,
                may_refuse=not arrival.client.after_queue or decision.origin.authenticated,
                needs_ledger=self._needs_ledger(),
            ),
        )
        self._fates = ending.fates
        return wording.ended(ending, arrival.id, decision.judgement)

    def _needs_ledger(self) -> bool:
        """Posts wait for the store, so that no retry makes a second post; commands and bounces flow without it."""
        return not self._snapshot.observing and any(target.kind is Kind.POST for target in self._targets.values())

    def _hop(self, course: Course) -> Hop:
        return self._snapshot.hop(course.target.next_hop)
