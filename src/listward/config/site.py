"""The site configuration: what an organisation writes in site.toml. Every model is frozen and refuses unknown keys."""

from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path
from typing import Literal

from pydantic import Field

from listward.config.durations import Duration
from listward.config.proof import Accounts, Authentication, Mailman, Signing
from listward.config.table import Table
from listward.config.values import (
    Domain,
    Fingerprint,
    Language,
    Listen,
    LoginName,
    LowerText,
    Network,
    NextHop,
    PolicyHash,
    StoreUrl,
    TimeZone,
    WebAddress,
)


class Organisation(Table):
    """[organisation]: who we are and what counts as inside."""

    name: str
    domains: tuple[Domain, ...] = Field(min_length=1)
    internal_domains: tuple[Domain, ...] = ()
    internal_networks: tuple[Network, ...] = ()
    dkim_internal: tuple[LowerText, ...] = ()
    languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    timezone: TimeZone = "UTC"


class Addresses(Table):
    """[addresses]: the organisation's own addresses that Listward answers for, and where people turn to."""

    report: LowerText = ""
    appeal: LowerText = ""
    rulings: LowerText = ""
    notices: LowerText = ""
    help: str = ""


class Gateway(Table):
    """[gateway]: the ingress listener and the bounds of all listeners, over all workers together.

    `max_clients_per_network` 0 is twice what one address may have; `max_connections_per_minute`, of one address, 0 is
    no limit. Messages are read in processes of their own. Reading one takes at most `read_cpu_s` of processor time, or
    `read_large_cpu_s` where it has more than `read_large_bytes` or the first try took too long. Each of these processes
    may have `read_memory_bytes` of address space.
    """

    listen: tuple[Listen, ...] = ("127.0.0.1:2525",)
    workers: int = Field(default=2, ge=1, le=64)
    max_message_bytes: int = Field(default=52_428_800, ge=65_536)
    max_recipients: int = Field(default=100, ge=1, le=1000)
    max_clients: int = Field(default=500, ge=1)
    max_clients_per_address: int = Field(default=50, ge=1)
    max_clients_per_network: int = Field(default=0, ge=0)
    ipv4_prefix: int = Field(default=24, ge=8, le=32)
    ipv6_prefix: int = Field(default=64, ge=16, le=128)
    max_connections_per_minute: int = Field(default=30_000, ge=0)
    max_inflight_bytes: int = Field(default=268_435_456, ge=1_048_576)
    max_errors: int = Field(default=20, ge=1)
    max_commands: int = Field(default=5000, ge=10)
    max_command_line: int = Field(default=2048, ge=512, le=65_536)
    idle_timeout_s: float = Field(default=300, gt=0)
    crowded_idle_timeout_s: float = Field(default=10, gt=0)
    data_timeout_s: float = Field(default=600, gt=0)
    session_timeout_s: float = Field(default=3600, gt=0)
    min_data_rate: int = Field(default=500, ge=1)
    data_grace_s: float = Field(default=60, gt=0)
    tls_timeout_s: float = Field(default=30, gt=0)
    proxy_timeout_s: float = Field(default=10, gt=0)
    early_talkers: Literal["refuse", "allow"] = "refuse"
    greeting_wait_s: float = Field(default=0, ge=0, le=60)
    hostname: str = "localhost"
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    authserv_id: str = ""
    reply_deadline_s: float = Field(default=45, gt=0, le=300)
    judge_deadline_s: float = Field(default=15, gt=0, le=60)
    read_cpu_s: float = Field(default=0.5, ge=0.05, le=15)
    read_large_cpu_s: float = Field(default=10, ge=0.1, le=60)
    read_large_bytes: int = Field(default=262_144, ge=16_384)
    read_memory_bytes: int = Field(default=268_435_456, ge=67_108_864)
    line_ends: Literal["refuse", "normalise"] = "refuse"

    @property
    def authentication_id(self) -> str:
        """The authserv-id of our Authentication-Results (RFC 8601 section 2.5)."""
        return self.authserv_id or self.hostname

    @property
    def clients_per_network(self) -> int:
        """How many connections one network may have."""
        return self.max_clients_per_network or 2 * self.max_clients_per_address


class Peer(Table):
    """[[peer]]: a server in front of us that may name the client. A peer is never an origin."""

    address: Network
    gives: Literal["xforward", "xclient", "proxy", "nothing"] = "nothing"
    after_queue: bool = False
    one_reply: bool = False
    authserv_ids: tuple[str, ...] = ()


class Egress(Table):
    """[egress]: the list server's way out."""

    listen: tuple[Listen, ...] = ("127.0.0.1:2526",)
    next_hop: NextHop = "smtp://127.0.0.1:2528"
    internal_next_hop: NextHop = ""
    clients: tuple[Network, ...] = (IPv4Network("127.0.0.1/32"),)


class NextHops(Table):
    """[next_hops]: how connections to next hops are kept, for each server; times in seconds.

    `ca_file` holds the authorities to trust instead of the system's. A message waits for one of `max_connections`, and
    where a list has several next hops at most `connect_timeout_s` for each but the last. A server that does not answer
    is set aside and asked again after `first_pause_s`, then after twice as long, up to `longest_pause_s`.
    """

    ca_file: Path | None = None
    connect_timeout_s: float = Field(default=10, gt=0, le=60)
    max_connections: int = Field(default=50, ge=1)
    max_idle: int = Field(default=8, ge=0)
    idle_s: float = Field(default=30, gt=0)
    max_age_s: float = Field(default=300, gt=0)
    max_uses: int = Field(default=1000, ge=1)
    first_pause_s: float = Field(default=1, gt=0)
    longest_pause_s: float = Field(default=60, gt=0)


class Store(Table):
    """[store]: Redis, embedded or given. `path` holds the embedded store, the keys and the spool."""

    url: StoreUrl = "embedded"
    replicas: int = Field(default=0, ge=0)
    wait_s: float = Field(default=2.0, gt=0)
    path: Path | None = None
    password_file: Path | None = None


class PolicyTable(Table):
    """[policy]: whether verdicts have effect, and who approved the policy.

    `approved_hash` is what `listward policy show` prints below the rules: all of it, or its first 12 digits or more.
    With `require_approval` other rules than those are not taken up. A reload that is not done `switch_within_s` after
    it was asked for changes nothing.
    """

    mode: Literal["enforce", "observe"] = "enforce"
    approved_by: str = ""
    approved_on: str = ""
    resolution: str = ""
    approved_hash: PolicyHash = ""
    require_approval: bool = False
    switch_within_s: float = Field(default=5, ge=1, le=60)


class Dns(Table):
    """[dns]: resolvers; empty means the system's.

    One message may cause `questions_per_message`; what it then does not know is undecided. A process keeps answers of
    `cache_bytes` in memory.
    """

    servers: tuple[str, ...] = ()
    timeout_s: float = Field(default=3.0, gt=0)
    questions_per_message: int = Field(default=80, ge=20, le=1000)
    cache_bytes: int = Field(default=16_777_216, ge=1_048_576)


class Console(Table):
    """[console]: the moderators' pages and the API."""

    listen: Listen = "127.0.0.1:8025"
    public_url: WebAddress = ""


class Metrics(Table):
    """[metrics]: where Prometheus scrapes."""

    listen: Listen = "127.0.0.1:9325"


class Notices(Table):
    """[notices]: the way out for our own mail. `next_hop` "" sends none."""

    next_hop: NextHop = ""
    sender: LowerText = Field(default="", alias="from")


class Limits(Table):
    """[limits]: bounds on what is held, in bytes and per day.

    `strangers_held_per_hour` holds for each network that unproven mail comes from; 0 sets no bound. `examples_per_day`
    are kept of each rule on trial for a list with tuners.
    """

    held_bytes_total: int = Field(default=10_737_418_240, ge=1)
    held_bytes_per_sender: int = Field(default=104_857_600, ge=1)
    strangers_held_per_hour: int = Field(default=300, ge=0)
    notices_per_author_and_day: int = Field(default=10, ge=0)
    examples_per_day: int = Field(default=20, ge=0, le=100)


class Clocks(Table):
    """[clocks]: how long people have. `hold` is when to remind, to ask the deputy, to ask the secretary.

    `appeal` and `report` are read and kept for appeals and reports, which are not served yet.
    """

    undo_s: float = Field(default=60, ge=0)
    hold: tuple[Duration, Duration, Duration] = (86_400, 172_800, 259_200)
    appeal: Duration = 432_000
    report: Duration = 432_000


class Retention(Table):
    """[retention]: days that texts and facts are kept; shorter is always allowed.

    `watched_days` keeps the counts of rules on trial, `examples_days` the examples that the list's tuners see.
    """

    withdrawn_days: int = Field(default=1, ge=0, le=1)
    released_days: int = Field(default=7, ge=0, le=7)
    strangers_days: int = Field(default=14, ge=0, le=14)
    rejected_days: int = Field(default=30, ge=0, le=30)
    facts_days: int = Field(default=365, ge=0, le=365)
    watched_days: int = Field(default=90, ge=14, le=365)
    examples_days: int = Field(default=14, ge=0, le=14)


class Group(Table):
    """[[group]]: people by address."""

    name: str
    members: tuple[LowerText, ...] = ()


class Queue(Table):
    """[[queue]]: who decides."""

    name: str
    group: str
    deputy: str = ""
    approvals: int = Field(default=1, ge=1)
    escalate_to: str = ""


class Committee(Table):
    """[committee]: the last instance."""

    group: str = ""
    quorum: int = Field(default=1, ge=1)


class MailingList(Table):
    """[[list]]: one list, its zone, its server and its people. `tuners` see what rules on trial would do."""

    address: LowerText
    zone: Literal["internal", "members", "public"]
    next_hop: NextHop = Field(min_length=1)
    server: Literal["mailman3", "sympa", "mlmmj", "generic"] = "mailman3"
    parent: LowerText = ""
    roster: str = ""
    moderators: tuple[str, ...] = ("moderators",)
    outside_subscribers: Literal["report", "notify", "withhold"] = "withhold"
    languages: tuple[Language, ...] = ()
    tuners: tuple[LowerText, ...] = Field(default=(), max_length=2)

    @property
    def short_name(self) -> str:
        """The local part, as metrics and people call the list."""
        return self.address.partition("@")[0]


class Route(Table):
    """[[route]]: an office that must approve mail to or from these domains first."""

    domains: tuple[Domain, ...] = Field(min_length=1)
    queue: str


class Identity(Table):
    """[[submission.identity]]: who may hand in mail, what proves it, and what it may write as.

    `from` holds addresses and whole domains. A password is kept as a hash in `passwords_file`, under the name.
    `certificate_subject` is the whole subject as RFC 4514 writes it, such as "CN=web,O=Party".
    """

    name: LoginName
    senders: tuple[LowerText, ...] = Field(alias="from", min_length=1)
    origin: Literal["internal", "member"]
    certificate_sha256: tuple[Fingerprint, ...] = ()
    certificate_subject: str = ""


class Submission(Table):
    """[submission]: the listener for the organisation's own programs, which log in. It needs [gateway] tls_certificate.

    `client_ca` holds the authorities of client certificates, or those certificates themselves.
    """

    listen: tuple[Listen, ...] = ()
    tls: Literal["starttls", "implicit"] = "starttls"
    client_ca: Path | None = None
    passwords_file: Path | None = None
    max_wrong_logins_per_minute: int = Field(default=10, ge=1)
    identities: tuple[Identity, ...] = Field(default=(), alias="identity")


class Scanner(Table):
    """[scanner]: not asked yet; only an empty `clamd` is accepted, so that nobody believes that mail is scanned."""

    clamd: Literal[""] = ""


class Site(Table):
    """site.toml, whole. `directory` is the folder it was read from; relative paths count from there."""

    organisation: Organisation
    addresses: Addresses = Addresses()
    gateway: Gateway
    peers: tuple[Peer, ...] = Field(default=(), alias="peer")
    egress: Egress | None = None
    next_hops: NextHops = NextHops()
    submission: Submission = Submission()
    scanner: Scanner = Scanner()
    store: Store = Store()
    policy: PolicyTable = PolicyTable()
    dns: Dns = Dns()
    authentication: Authentication = Authentication()
    accounts: Accounts = Accounts()
    mailman: Mailman = Mailman()
    signing: Signing = Signing()
    console: Console = Console()
    metrics: Metrics = Metrics()
    notices: Notices = Notices()
    limits: Limits = Limits()
    clocks: Clocks = Clocks()
    retention: Retention = Retention()
    groups: tuple[Group, ...] = Field(default=(), alias="group")
    queues: tuple[Queue, ...] = Field(default=(), alias="queue")
    committee: Committee = Committee()
    lists: tuple[MailingList, ...] = Field(alias="list", min_length=1)
    routes: tuple[Route, ...] = Field(default=(), alias="route")
    directory: Path = Field(default=Path(), exclude=True)

    def list_for(self, address: str) -> MailingList | None:
        """The list with exactly this posting address."""
        lists, by_address = self._by_address
        if lists is not self.lists:  # a changed copy of the site takes along what was computed
            del self.__dict__["_by_address"]
            return self.list_for(address)
        return by_address.get(address.lower())

    @cached_property
    def _by_address(self) -> tuple[tuple[MailingList, ...], dict[str, MailingList]]:
        """The lists, and the same by address; of two with one address, which is a fault, the first."""
        return self.lists, {entry.address: entry for entry in reversed(self.lists)}

    def queue_named(self, name: str) -> Queue | None:
        """The queue of that name."""
        return next((queue for queue in self.queues if queue.name == name), None)

    def group_members(self, name: str) -> tuple[str, ...]:
        """The addresses of a group, () where it does not exist."""
        return next((group.members for group in self.groups if group.name == name), ())
