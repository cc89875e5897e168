"""A whole desk for tests: site, policy, people, cases in memory, and a browser-like client."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from memory_cases import START, MemoryCases
from memory_freezing import MemoryFreezes, MemorySwitches, MemoryTrail
from memory_redis import MemoryRedis
from starlette.testclient import TestClient

from listward.config.load import Configuration
from listward.config.policy import Clause, Policy, Rule
from listward.config.site import Console, Gateway, Group, MailingList, Organisation, PolicyTable, Queue, Site
from listward.config.templates import TemplateSource
from listward.filters.findings import Scores
from listward.filters.identity.origin import Authentication, Origin, OriginKind
from listward.filters.judgement import Action, Judgement, MessageFacts, ReplyWords
from listward.filters.transaction import Transaction
from listward.queue.desk.access.door import Door
from listward.queue.desk.access.passwords import Passwords
from listward.queue.desk.access.person import AccessRole
from listward.queue.desk.access.redis_store import RedisAccess
from listward.queue.desk.console.app import build_app
from listward.queue.desk.freezing import Freezing
from listward.queue.notices.tokens import Tokens
from listward.runtime.metrics import Metrics

PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PEOPLE = {
    "mod@party.example": {AccessRole.MODERATOR},
    "mod2@party.example": {AccessRole.MODERATOR},
    "intl@party.example": set(),
    "admin@party.example": {AccessRole.ADMIN},
    "auditor@party.example": {AccessRole.AUDITOR},
    "nobody@party.example": set(),
}


class TurnedClock:
    """A clock that stands until a test turns it."""

    def __init__(self, at: float = START) -> None:
        self.at = at

    def now(self) -> float:
        """Unix seconds."""
        return self.at

    def monotonic(self) -> float:
        """Seconds."""
        return self.at


class CountingReads:
    """Remembers every read."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str, str, str]] = []

    async def note(self, list_address: str, number: str, by: str, what: str, at: float) -> None:
        """Remember one."""
        del at
        self.noted.append((list_address, number, by, what))


class FixedJudge:
    """Judges everything alike, and remembers what it was given."""

    def __init__(self) -> None:
        self.seen: list[tuple[Transaction, OriginKind | None]] = []

    async def judge(self, transaction: Transaction, given_origin: OriginKind | None = None) -> Judgement:
        """Accept."""
        self.seen.append((transaction, given_origin))
        return Judgement(
            action=Action.ACCEPT,
            reply=ReplyWords(250, "2.0.0", "Received."),
            origin=Origin(OriginKind.MEMBER, "ana@party.example"),
            authentication=Authentication("ana@party.example", (), True),
            scores=Scores(0.1, 0.2, 0.3),
            findings=(),
            recipients=(),
            facts=MessageFacts("s", "<m@x>", "d", "t", 3, True, True),
            policy_hash="p",
        )


def site(**changes: Any) -> Site:
    """A party with a members' list, an internal list and an office; `changes` replace tables."""
    tables: dict[str, Any] = {
        "organisation": Organisation(
            name="The Party", domains=("party.example",), internal_domains=("inside.party.example",)
        ),
        "gateway": Gateway(max_message_bytes=65_536),
        "console": Console(public_url="http://testserver"),
        "policy": PolicyTable(),
        "group": (
            Group(name="international", members=("intl@party.example",)),
            Group(name="secretary", members=("sec@party.example",)),
        ),
        "queue": (
            Queue(name="moderators", group="moderators", escalate_to="secretary"),
            Queue(name="international", group="international"),
            Queue(name="secretary", group="secretary"),
        ),
        "list": (
            MailingList(address="board@party.example", zone="members", next_hop="smtp://127.0.0.1:2527"),
            MailingList(address="inner@party.example", zone="internal", next_hop="smtp://127.0.0.1:2527"),
        ),
    }
    return Site(**{**tables, **changes})


def policy() -> Policy:
    """Three clauses and one rule."""
    return Policy(
        rule=(
            Rule(
                name="solicitation",
                stage="content",
                action="hold",
                clause="A 7.3",
                words="Your message seems to ask for money for a person.",
            ),
        ),
        clause=(
            Clause(number="A 7.1", title="No spam", text="No spam, junk or unnecessary mail."),
            Clause(number="A 7.3", title="No personal appeals", text="Nobody asks for money for themselves."),
        ),
        name="Test policy",
        digest="0123456789abcdef",
    )


@dataclass
class World:
    """Everything a test of the desk touches."""

    site: Site = field(default_factory=site)
    policy: Policy = field(default_factory=policy)
    cases: MemoryCases = field(default_factory=lambda: MemoryCases(escalations={"moderators": "secretary"}))
    redis: MemoryRedis = field(default_factory=MemoryRedis)
    clock: TurnedClock = field(default_factory=TurnedClock)
    reads: CountingReads = field(default_factory=CountingReads)
    judge: FixedJudge = field(default_factory=FixedJudge)
    freezes: MemoryFreezes = field(default_factory=MemoryFreezes)
    trail: MemoryTrail = field(default_factory=MemoryTrail)
    to_tell: MemorySwitches = field(default_factory=MemorySwitches)
    accounts: Any = None
    observations: Any = None
    trouble: str = ""

    def __post_init__(self) -> None:
        self.access = RedisAccess(self.redis)
        self.passwords = Passwords(CHEAP)
        self.door = Door(self.access, self.site, self.clock, self.passwords)
        self.configuration = Configuration(self.site, self.policy, Path(), TemplateSource(()))
        self.metrics = Metrics()

    async def ready(self) -> str:
        """What the store's check says."""
        return self.trouble

    def freezing(self, rosters: Any = None) -> Freezing:
        """The switch for accounts."""
        return Freezing(self.freezes, self.trail, self.to_tell, self.cases, self.site, self.clock, rosters)

    def app(self, rosters: Any = None) -> Any:
        """The application."""
        return build_app(
            self.configuration,
            self.cases,
            self.access,
            self.judge,
            self.clock,
            self.metrics,
            self.reads,
            self.freezing(rosters),
            self.ready,
            rosters,
            self.passwords,
            Tokens(self.redis),
            self.accounts,
            observations=self.observations,
        )

    async def people(self, addresses: Iterable[str] = tuple(PEOPLE)) -> None:
        """Make users, all with the same password."""
        for address in addresses:
            await self.door.add_user(address, frozenset(PEOPLE[address]), PASSWORD)

    async def token(self, address: str, *scopes: str) -> dict[str, str]:
        """Header fields with a bearer token of this user."""
        bearer = await self.door.issue_token(address, "test", frozenset(scopes or ("cases", "check")))
        return {"Authorization": f"Bearer {bearer}"}


def browser(app: Any) -> TestClient:
    """A client that keeps cookies and does not follow redirects."""
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False)


def form_token(page: str) -> str:
    """The token of the first form on a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, "the page has a form with a token"
    return found[1]


def log_in(client: TestClient, address: str, password: str = PASSWORD) -> Any:
    """Fill in the log-in form and send it."""
    token = form_token(client.get("/login").text)
    return client.post("/login", data={"csrf": token, "address": address, "password": password, "next": "/"})
