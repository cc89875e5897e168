"""The list server's way out: internal lists stay inside, whatever their subscribers' addresses; the rest is relayed."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from listward.config.site import MailingList
from listward.filters.judgement import Action
from listward.filters.routing.kinds import Kind, Target, Zone
from listward.filters.routing.zones import is_inside
from listward.filters.transaction import Listener
from listward.gateway import records as ledger
from listward.gateway import wording
from listward.gateway.account import Account
from listward.gateway.act import Task, act
from listward.gateway.course import Course, Fate
from listward.gateway.decide import queues_of
from listward.gateway.drafts import Drafter
from listward.gateway.failures import place_of
from listward.gateway.hopsize import HopSizes
from listward.gateway.records import KeptRecords, Records
from listward.gateway.sealing import seal_fields
from listward.gateway.services import Services
from listward.gateway.session.door import Arrival, Passage
from listward.gateway.session.terms import Terms
from listward.gateway.snapshot import Snapshot
from listward.gateway.trace import fields
from listward.gateway.trace.listids import identifier
from listward.gateway.trace.stamp import Cleaned, plain
from listward.queue.cases.case import Reason
from listward.queue.store.ports import StoreUnavailable
from listward.wire.envelope import Envelope
from listward.wire.hop import Hop
from listward.wire.reply import Reply

_MOST_LIST_IDS = 100
OUTSIDE = Reason(
    "outside-subscriber", "routing", "", "Subscribers of this internal list have addresses outside; they got no copy."
)


@dataclass(frozen=True)
class Egress:
    """The egress listener."""

    services: Services
    current: Callable[[], Snapshot]
    sizes: HopSizes

    @property
    def listener(self) -> Listener:
        """Egress."""
        return Listener.EGRESS

    def terms(self) -> Terms:
        """The terms that stand now."""
        return self.current().egress

    def admits(self, address: str | None) -> bool:
        """Only the configured clients: what comes from here leaves for the world."""
        table = self.current().site.egress
        if table is None or address is None:
            return False
        ip = ip_address(address)
        return any(ip.version == network.version and ip in network for network in table.clients)

    def size_limit(self) -> int:
        """The smaller of the ways out."""
        table = self.current().site.egress
        return self.sizes.smallest((table.next_hop, table.internal_next_hop) if table is not None else ())

    def offers_dsn(self) -> bool:
        """Every next hop, of every listener: mail may be sent on by any of them."""
        return self.sizes.all_offer(self.current().hops, "DSN")

    def begin(self) -> Passage:
        """Begin a transaction."""
        return _Passage(self.services, self.current())


class _Passage:
    """One transaction on the way out."""

    def __init__(self, services: Services, snapshot: Snapshot) -> None:
        self._services = services
        self._snapshot = snapshot
        self._recipients: list[str] = []
        self._list: MailingList | None = None
        self._targets: dict[str, Target] = {}
        self._fates: dict[str, Fate] = {}

    def recipient(self, address: str) -> Reply | None:
        """Take any address: the list server knows its subscribers."""
        self._recipients.append(address)
        return None

    def turn_away(self, envelope: Envelope, size: int, reply: Reply) -> None:
        """One line in the mail log."""
        Account(self._services, Listener.EGRESS).turned_away(envelope, size, reply)

    async def take(self, arrival: Arrival) -> Reply:
        """Settle the message. Whatever goes wrong on the way is 451."""
        try:
            reply = await self._settle(arrival)
        except Exception as error:
            self._services.log.event("failed", arrival.id, error=type(error).__name__, at=place_of(error))
            reply = wording.later(arrival.id)
        targets = {address: self._target(address) for address in self._recipients}
        Account(self._services, Listener.EGRESS).message(self._snapshot, arrival, reply, targets, self._fates)
        return reply

    async def _settle(self, arrival: Arrival) -> Reply:
        if self._snapshot.site.egress is None:  # a reload has closed this door meanwhile
            return wording.later(arrival.id)
        cleaned = plain(arrival.content, self._snapshot.stamp.hostname)
        if cleaned.facts.loops:
            return wording.loop(arrival.id)
        self._list = source_list(self._snapshot, arrival.envelope.sender, cleaned.header)
        deadline_s = self._snapshot.site.gateway.reply_deadline_s
        async with KeptRecords(
            self._services, arrival, cleaned.facts, self._recipients, deadline_s, on_way_out=True
        ) as records:
            return await self._pass_on(arrival, cleaned, records) if records.free else wording.later(arrival.id)

    async def _pass_on(self, arrival: Arrival, cleaned: Cleaned, records: Records) -> Reply:
        withheld = self._outside(self._list)
        if withheld and not await self._withhold(arrival, cleaned, withheld, records):
            return wording.later(arrival.id)
        staying = [address for address in self._recipients if address not in withheld]
        if not staying:
            return wording.taken(arrival.id)
        return await self._relay(arrival, cleaned, staying, records)

    def _outside(self, source: MailingList | None) -> list[str]:
        if source is None or source.zone != "internal":
            return []
        return [address for address in dict.fromkeys(self._recipients) if not is_inside(address, self._snapshot.site)]

    async def _withhold(self, arrival: Arrival, cleaned: Cleaned, withheld: list[str], records: Records) -> bool:
        """Keep outside subscribers' copies back: on record first, as a case too where the list wants people to know."""
        if not await self._on_record(arrival, cleaned, withheld):
            return False
        if self._list is not None and self._list.outside_subscribers != "withhold":
            courses = tuple(self._course(address, records, Action.HOLD) for address in withheld)
            task = self._task(arrival, cleaned, courses, records, self._case_key(cleaned))
            if not (await act(self._services, task)).settled:
                return False
        self._fates |= dict.fromkeys(withheld, Fate.DISCARDED)
        log = self._services.log
        log.event("withheld", arrival.id, list=self._short_name, recipients=[log.hashed(each) for each in withheld])
        return True

    async def _on_record(self, arrival: Arrival, cleaned: Cleaned, withheld: list[str]) -> bool:
        """Write who got no copy into the audit log; 250 rests on it. False while the store is away."""
        if self._list is None:
            return False
        facts: dict[str, str | int | float] = {
            "id": arrival.id,
            "recipients": len(withheld),
            "digest": cleaned.facts.digest,
        }
        personal = {"recipients": " ".join(withheld), "message_id": cleaned.facts.message_id}
        try:
            await self._services.trail.append(self._list.address, "withheld", arrival.at, facts, personal)
        except StoreUnavailable:
            return False
        return True

    async def _relay(self, arrival: Arrival, cleaned: Cleaned, staying: list[str], records: Records) -> Reply:
        courses = tuple(self._course(address, records, Action.ACCEPT) for address in dict.fromkeys(staying))
        case_key = _digest(*(course.key for course in courses))
        seal = await seal_fields(self._services, self._snapshot, arrival, cleaned)
        ending = await act(self._services, self._task(arrival, cleaned, courses, records, case_key, seal))
        self._fates |= ending.fates
        return wording.ended(ending, arrival.id)

    def _task(
        self,
        arrival: Arrival,
        cleaned: Cleaned,
        courses: tuple[Course, ...],
        records: Records,
        case_key: str,
        seal: bytes = b"",
    ) -> Task:
        snapshot = self._snapshot
        return Task(
            id=arrival.id,
            envelope=arrival.envelope,
            data=cleaned.content.behead(0, seal + snapshot.stamp.received(arrival)),
            courses=courses,
            records=records,
            drafter=Drafter(arrival, cleaned, None, snapshot.policy.digest, case_key, snapshot.site.lists[0].address),
            hop_of=self._hop,
            deadline=arrival.dot + snapshot.site.gateway.reply_deadline_s,
            needs_ledger=False,
        )

    def _course(self, address: str, records: Records, action: Action) -> Course:
        target = self._target(address)
        reasons = (OUTSIDE,) if action is Action.HOLD else ()
        return Course(target, action, records.key(address, ledger.EGRESS), queues_of(self._snapshot, target), reasons)

    def _target(self, address: str) -> Target:
        found = self._targets.get(address)
        if found is None:
            zone = Zone(self._list.zone) if self._list is not None else Zone.EXTERNAL
            name = self._list.address if self._list is not None else ""
            found = self._targets[address] = Target(address, Kind.POST, zone, name, self._way_out(address))
        return found

    def _way_out(self, address: str) -> str:
        table = self._snapshot.site.egress
        if table is None:
            return ""
        inside = bool(table.internal_next_hop) and is_inside(address, self._snapshot.site)
        return table.internal_next_hop if inside else table.next_hop

    def _hop(self, course: Course) -> Hop:
        return self._snapshot.hop(course.target.next_hop)

    def _case_key(self, cleaned: Cleaned) -> str:
        """One case for one message of one list, also where the list server sends each subscriber a copy of her own.

        Whom later copies were for stands in the audit log.
        """
        source = self._list.address if self._list else ""
        return _digest("withheld", source, cleaned.facts.message_id, cleaned.facts.digest)

    @property
    def _short_name(self) -> str:
        return self._list.short_name if self._list is not None else ""


def source_list(snapshot: Snapshot, sender: str, header: bytes) -> MailingList | None:
    """Return the list that a message on its way out comes from: by envelope sender, else by List-Id (RFC 2919).

    The list server alone writes the envelope sender; a List-Id may have come in with a member's post. Where several
    fields name several lists an internal one counts.
    """
    target = snapshot.directory.target(sender) if sender else None
    if target is not None and target.list in snapshot.sources:
        return snapshot.sources[target.list]
    names = [identifier(value) for value in fields.values(header, b"List-Id", _MOST_LIST_IDS)]
    found = [snapshot.sources[name] for name in names if name in snapshot.sources]
    return next((entry for entry in found if entry.zone == "internal"), found[0] if found else None)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(("egress", *parts)).encode("utf-8", "replace")).hexdigest()
