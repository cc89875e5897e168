"""A courier's side: notices with shipped templates, cases in memory, a next hop that remembers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from io import StringIO
from pathlib import Path
from typing import Any

from desk_world import TurnedClock, policy, site
from memory_cases import MemoryCases
from memory_redis import MemoryRedis

from listward.config.find import DEFAULTS
from listward.config.load import Configuration
from listward.config.site import Addresses, Console, Organisation, Site
from listward.config.site import Notices as NoticesTable
from listward.config.templates import TemplateSource
from listward.queue.notices.ledger import NoticeLedger
from listward.queue.notices.notices import Notices
from listward.queue.store.codec import Codec
from listward.queue.store.keys import KeyRing, key_id
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.envelope import Envelope
from listward.wire.hop import Hop
from listward.wire.outcome import Delivery, Step
from listward.wire.payload import Payload
from listward.wire.reply import Reply


class RememberingPool:
    """Takes everything, or answers with `reply` at `step`; remembers what it was given."""

    def __init__(self) -> None:
        self.reply, self.step, self.lost = Reply(250, "2.0.0", "Ok"), Step.DOT, False
        self.sent: list[tuple[Envelope, bytes]] = []

    async def deliver(self, hop: Hop, envelope: Envelope, data: Payload, timeout_s: float) -> dict[str, Delivery]:
        """One outcome for every recipient."""
        del hop, timeout_s
        self.sent.append((envelope, data.whole()))
        return {address: Delivery(self.reply, self.step, self.lost) for address in envelope.addresses}

    @property
    def mails(self) -> list[EmailMessage]:
        """What was sent, parsed."""
        return [message_from_bytes(data, policy=SMTP) for _, data in self.sent]  # type: ignore[misc]

    @property
    def texts(self) -> list[str]:
        """The texts of what was sent."""
        return [mail.get_content().replace("\r\n", "\n") for mail in self.mails]


def notice_site(**changes: Any) -> Site:
    """A site that sends notices."""
    tables: dict[str, Any] = {
        "organisation": Organisation(
            name="The Party",
            domains=("party.example",),
            internal_domains=("inside.party.example",),
            languages=("en",),
        ),
        "addresses": Addresses(appeal="appeal@party.example", help="office@party.example"),
        "console": Console(public_url="https://lists.party.example"),
        "notices": NoticesTable(**{"next_hop": "smtp://127.0.0.1:2528", "from": "listward@party.example"}),
    }
    return site(**{**tables, **changes})


CODEC = Codec(KeyRing(b"k" * 32, {key_id(b"k" * 32): b"k" * 32}))


@dataclass
class Post:
    """Everything a test of notices touches."""

    site: Site = field(default_factory=notice_site)
    pool: RememberingPool = field(default_factory=RememberingPool)
    cases: MemoryCases = field(default_factory=MemoryCases)
    redis: MemoryRedis = field(default_factory=MemoryRedis)
    clock: TurnedClock = field(default_factory=TurnedClock)
    log: StringIO = field(default_factory=StringIO)
    rosters: Any = None

    def __post_init__(self) -> None:
        templates = TemplateSource((DEFAULTS / "templates",))
        self.configuration = Configuration(self.site, policy(), Path(), templates)
        self.ledger = NoticeLedger(self.redis, CODEC.lasting_name)
        self.metrics = Metrics()
        self.notices = Notices(
            self.configuration,
            self.pool,  # type: ignore[arg-type]  # it has what is needed of a Pool
            self.cases,
            self.ledger,
            self.clock,
            self.metrics,
            MailLog(b"k", self.log, self.clock),
            self.rosters,
        )

    async def handle_all(self) -> None:
        """Hand every outbox entry over, as the courier does."""
        for event in list(self.cases.log):
            await self.notices.on_event(event, self.cases.cases[event.number])
            await self.cases.acknowledge(event.list, event.id)

    def counted(self) -> Mapping[tuple[str, str], float]:
        """The notices metric by kind and outcome."""
        samples = next(iter(self.metrics.notices.collect())).samples
        return {(s.labels["kind"], s.labels["outcome"]): s.value for s in samples if s.name.endswith("_total")}


def sentences(text: str) -> list[str]:
    """The sentences of a notice, without quoted text."""
    own = [line for line in text.splitlines() if line.strip() and not line.startswith((">", "---", "Subject:"))]
    return [part.strip() for line in own for part in re.split(r"(?<=[.!?;:])\s", line) if part.strip()]
