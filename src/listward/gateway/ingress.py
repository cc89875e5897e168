"""The way in: mail for the lists, judged and settled in the client's own transaction."""

from collections.abc import Callable, Container
from dataclasses import dataclass

from listward.filters.judgement import Action
from listward.filters.routing.kinds import Kind, Target
from listward.filters.transaction import Listener
from listward.gateway import wording
from listward.gateway.account import Account
from listward.gateway.act import Task, act
from listward.gateway.begun import find_begun
from listward.gateway.copies import Copies, copy_field, with_copies, without_copy_field
from listward.gateway.course import Course, Fate
from listward.gateway.decide import BOUNCEABLE, Decision, decide, looped
from listward.gateway.drafts import Drafter, own_queues
from listward.gateway.failures import place_of
from listward.gateway.hopsize import HopSizes
from listward.gateway.records import JUDGING, KeptRecords, Records
from listward.gateway.services import Services
from listward.gateway.session import replies
from listward.gateway.session.door import Arrival, Passage
from listward.gateway.session.terms import Terms
from listward.gateway.snapshot import Snapshot
from listward.gateway.trace.listids import without_ours
from listward.gateway.trace.stamp import Cleaned, clean
from listward.wire.envelope import Envelope
from listward.wire.hop import Hop
from listward.wire.payload import Payload
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

    def offers_dsn(self) -> bool:
        """Every next hop, of every listener: mail may be sent on by any of them."""
        return self.sizes.all_offer(self.current().hops, "DSN")

    def begin(self) -> Passage:
        """Begin a transaction."""
        return _Passage(self, self.current())

    def admitted(self, snapshot: Snapshot, arrival: Arrival, header: bytes) -> Arrival | None:
        """Return the message as it is judged, None where its author may not write by this door."""
        return arrival


class _Passage:
    """One transaction under one configuration."""

    def __init__(self, door: Ingress, snapshot: Snapshot) -> None:
        self._door = door
        self._services = door.services
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

    def turn_away(self, envelope: Envelope, size: int, reply: Reply) -> None:
        """One line in the mail log."""
        Account(self._services, self._door.listener).turned_away(envelope, size, reply)

    async def take(self, arrival: Arrival) -> Reply:
        """Settle the message. Whatever goes wrong on the way is 451."""
        try:
            reply = await self._settle(arrival)
        except Exception as error:
            self._services.log.event("failed", arrival.id, error=type(error).__name__, at=place_of(error))
            reply = wording.later(arrival.id)
        account = Account(self._services, self._door.listener)
        account.message(self._snapshot, arrival, reply, self._targets, self._fates, self._decision.judgement)
        account.senders(arrival, self._fates, self._decision.judgement)
        account.rules(self._snapshot, arrival, reply, self._fates, self._decision.judgement)
        return reply

    async def _settle(self, arrival: Arrival) -> Reply:
        snapshot, stamp = self._snapshot, self._snapshot.stamp
        cleaned = clean(arrival.content, stamp.authserv_id, stamp.hostname)
        loops = cleaned.facts.loops or self._has_been_here(cleaned)
        if loops and not arrival.client.after_queue:  # such a peer would send our refusal as a bounce
            return wording.loop(arrival.id)
        admitted = self._door.admitted(snapshot, arrival, cleaned.header)
        if admitted is None:
            return replies.NOT_YOUR_ADDRESS
        arrival = admitted
        deadline_s = snapshot.site.gateway.reply_deadline_s
        async with KeptRecords(self._services, arrival, cleaned.facts, self._targets, deadline_s) as records:
            if not records.free:  # the client came again before its first try was answered, perhaps by another worker
                return wording.later(arrival.id)
            await find_begun(self._services, records, self._targets)
            return await self._judge(arrival, cleaned, records, loops)

    async def _judge(self, arrival: Arrival, cleaned: Cleaned, records: Records, loops: bool) -> Reply:
        snapshot, stamp = self._snapshot, self._snapshot.stamp
        lists = frozenset(target.list for target in self._targets.values() if target.list)

        def failed(error: Exception) -> None:
            self._services.metrics.filter_failures.labels("judge").inc()
            self._services.log.event("failed", arrival.id, error=type(error).__name__, at=place_of(error))

        if loops:
            decision = looped(snapshot, self._targets, records)
        else:
            decision = await decide(snapshot, arrival, cleaned, self._targets, records, failed, self._door.listener)
        self._decision = decision = with_copies(decision, arrival, cleaned, snapshot, self._services)
        if not decision.courses:
            return self._without_courses(arrival, decision, records)
        if _waits_new(decision, records) and not arrival.may_hold():
            return wording.many(arrival.id)
        authentication = decision.judgement.authentication if decision.judgement is not None else None
        signed = decision.judgement.facts.dkim_signed_fields if decision.judgement is not None else frozenset()
        trace = stamp.trace(arrival, cleaned.facts, lists, authentication, signed)
        header = without_copy_field(_without_list_ids(cleaned, signed, snapshot.sources), signed)
        data = cleaned.content.behead(len(cleaned.header), copy_field(decision.courses) + trace + header)
        return await self._act(arrival, cleaned, decision, records, data)

    def _has_been_here(self, cleaned: Cleaned) -> bool:
        """Whether our own mark shows a message that comes back to a list it has gone to."""
        posts = [target.list for target in self._targets.values() if target.kind is Kind.POST]
        return bool(self._snapshot.stamp.marker.passed(cleaned.incoming, posts))

    def _without_courses(self, arrival: Arrival, decision: Decision, records: Records) -> Reply:
        """Answer what ends here: refused, or to come again."""
        if decision.action is Action.DEFER:
            records.one_more(self._targets, JUDGING)
        if decision.judgement is None:
            return wording.later(arrival.id)
        return wording.said(decision.judgement.reply, arrival.id)

    async def _act(
        self, arrival: Arrival, cleaned: Cleaned, decision: Decision, records: Records, data: Payload
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
                drafter=Drafter(
                    arrival, cleaned, decision.judgement, snapshot.policy.digest, own_queues=own_queues(snapshot.site)
                ),
                hop_of=self._hop,
                deadline=arrival.dot + snapshot.site.gateway.reply_deadline_s,
                may_refuse=not arrival.client.after_queue or decision.origin in BOUNCEABLE,
                needs_ledger=self._needs_ledger(),
                copies=Copies(self._services, snapshot.site),
            ),
        )
        self._fates = ending.fates
        return wording.ended(ending, arrival.id, decision.judgement)

    def _needs_ledger(self) -> bool:
        """Posts wait for the store, so that no retry makes a second post; commands and bounces flow without it."""
        return not self._snapshot.observing and any(target.kind is Kind.POST for target in self._targets.values())

    def _hop(self, course: Course) -> Hop:
        return self._snapshot.hop(course.target.next_hop)


def _waits_new(decision: Decision, records: Records) -> bool:
    """Whether a stranger's message would wait for people that does not yet."""
    held = (course for course in decision.courses if course.action is Action.HOLD)
    return not decision.origin.authenticated and any(not records.is_settled(course.key) for course in held)


def _without_list_ids(cleaned: Cleaned, signed: Container[str], ours: Container[str]) -> bytes:
    """Return the header without a List-Id of ours, which the list server would pass on; a signed one stays."""
    return cleaned.header if "list-id" in signed else without_ours(cleaned.header, ours)
