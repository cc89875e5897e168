"""Every metric of the product, declared once with its help sentence, present from the first scrape.

Series are bounded whatever mail arrives: labels take rule, filter, list and state names of the configuration only.
"""

from collections.abc import Iterable
from itertools import product
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from listward.runtime.tallies import Level, Tally

_Over = Literal["livesum", "livemin", "livemax"]
_LISTENERS = ("ingress", "egress", "submission")
_ACTIONS = ("accept", "discard", "hold", "defer", "reject")
_HOP_TROUBLE = ("connect-4xx", "rcpt-5xx", "dot-4xx", "dot-5xx", "lost")
_LIMITS = (
    "clients",
    "clients_per_address",
    "clients_per_network",
    "connection_rate",
    "not_admitted",
    "recipients",
    "commands",
    "command_line",
    "errors",
    "early_talkers",
    "http",
    "idle",
    "data_rate",
    "data_time",
    "session_time",
    "tls_time",
    "proxy_header",
    "logins",
    "strangers_held",
    "inflight_bytes",
    "message_bytes",
    "header_bytes",
    "dns_questions",
    "spool",
    "session_errors",
    "next_hop_connections",
    "reading",
    "reload",
    "examples",
)
_NOTICES = (
    "held",
    "rejected",
    "delivered",
    "confirm",
    "remind",
    "summary",
    "frozen",
    "thawed",
    "frozen-long",
    "rules-changed",
    "copied",
)
_HANDSHAKES = ("done", "failed", "stalled", "lost")
_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 45)
_HUMAN = (60, 600, 3600, 21_600, 86_400, 172_800, 259_200, 432_000, 864_000)


class Metrics:
    """The metrics of one process. Under `listward run` prometheus-client's multiprocess mode adds them up.

    What changes with each message goes through `transaction_took`, `next_hop_took` and `inflight`, which pass it on
    every `every_s` seconds; 0 is at once.
    """

    def __init__(self, registry: CollectorRegistry | None = None, every_s: float = 0.0) -> None:
        self.registry = registry or CollectorRegistry()
        self._every_s = every_s
        self._declare_mail()
        self._declare_cases()
        self._declare_health()

    def _declare_mail(self) -> None:
        self.messages = self._counter("messages", "Messages by outcome.", "listener", "action", "list")
        self.findings = self._counter("findings", "Findings by rule.", "rule")
        self.shadow = self._counter(
            "shadow", "Messages for which a rule that only watches would have acted.", "rule", "action"
        )
        self.filter_seconds = self._histogram("filter_seconds", "Time a filter took.", _FAST, "filter")
        self.filter_failures = self._counter("filter_failures", "Filters that raised or overran.", "filter")
        self.transaction_seconds = self._histogram("transaction_seconds", "Time from the dot to the reply.", _FAST)
        self.inflight_bytes = self._gauge("inflight_bytes", "Bytes of messages being received or judged.")
        self.connections = self._gauge("connections", "Open SMTP connections.")
        self.next_hop_seconds = self._histogram("next_hop_seconds", "Time the next hop took.", _FAST)
        self.transaction_took = Tally(self.transaction_seconds, self._every_s)
        self.next_hop_took = Tally(self.next_hop_seconds, self._every_s)
        self.inflight = Level(self.inflight_bytes, self._every_s)
        self.next_hop_errors = self._counter("next_hop_errors", "Next hop errors by kind.", "hop", "kind")
        self.next_hop_up = self._gauge("next_hop_up", "0 while a next hop is set aside.", "hop", over="livemin")
        self.duplicates_suppressed = self._counter("duplicates_suppressed", "Repeats answered from the ledger.")
        self.duplicates_possible = self._counter("duplicates_possible", "Delivered again after a lost reply.")
        self.limits_hit = self._counter("limits_hit", "Connections or commands refused by a bound.", "limit")
        self.tls_handshakes = self._counter("tls_handshakes", "TLS handshakes of clients by outcome.", "outcome")
        self.arc_seals = self._counter("arc_seals", "Messages on their way out by what became of our seal.", "outcome")
        self.logins = self._counter("logins", "Logins on the submission listener by outcome.", "outcome")

    def _declare_cases(self) -> None:
        self.cases = self._gauge("cases", "Cases by queue and state.", "queue", "state")
        self.oldest_case_seconds = self._gauge("oldest_case_seconds", "Age of the oldest case.", "queue", "state")
        self.decision_seconds = self._histogram("decision_seconds", "Time from hold to first ruling.", _HUMAN)
        self.appeals = self._counter("appeals", "Appeals by outcome.", "outcome")
        self.overdue_cases = self._gauge("overdue_cases", "Cases past a clock.", "clock")
        self.vouched_messages = self._counter("vouched_messages", "Messages that relied on a vouch.")
        self.vouches_lapsed = self._counter("vouches_lapsed", "Vouches that ended because others use the path too.")
        self.standings_errors = self._counter(
            "standings_errors", "Questions and notes about senders that the store did not take.", "kind"
        )
        self.watching_errors = self._counter(
            "watching_errors", "Messages that rules on trial saw and the store did not count."
        )
        self.copies = self._counter("copies", "Copies that rules send to an office, by outcome.", "outcome")
        self.notices = self._counter("notices", "Notices by kind and outcome.", "kind", "outcome")

    def _declare_health(self) -> None:
        self.store_up = self._gauge("store_up", "1 when the store answers.")
        self.store_durable = self._gauge("store_durable", "1 when the store can keep the promise of a hold.")
        self.store_write_seconds = self._histogram("store_write_seconds", "Time of one durable write.", _FAST)
        self.config_valid = self._gauge("config_valid", "1 when the newest configuration was valid.", over="livemin")
        self.policy_approved = self._gauge("policy_approved", "1 when the rules that run are approved.", over="livemax")
        self.certificate_valid = self._gauge(
            "certificate_valid", "1 when the newest certificate files could be used.", over="livemin"
        )
        self.config_reload = self._gauge(
            "config_reload_timestamp_seconds", "Time of the last good reload.", over="livemax"
        )
        self.model_examples = self._gauge(
            "model_examples", "Examples the spam model has learnt.", "class", over="livemax"
        )
        self.roster_age_seconds = self._gauge(
            "roster_age_seconds", "Time since the roster in use was last known to be current.", "list", over="livemax"
        )
        self.roster_members = self._gauge("roster_members", "People on the roster in use.", "list", over="livemax")
        self.roster_syncs = self._counter("roster_syncs", "Looks at a Mailman's rosters by result.", "result")
        self.build_info = self._gauge("build_info", "1, labelled with the version.", "version", over="livemax")

    def preset(
        self,
        lists: Iterable[str],
        findings: Iterable[str],
        filters: Iterable[str],
        hops: Iterable[str],
        queues: Iterable[str],
        version: str,
    ) -> None:
        """Make the labelled series that the configuration implies, so that every name is there at once."""
        for listener, action, name in product(_LISTENERS, _ACTIONS, (*lists, "")):
            self.messages.labels(listener, action, name)
        for name in findings:
            self.findings.labels(name)
        for name in filters:
            self.filter_seconds.labels(name)
            self.filter_failures.labels(name)
        for hop, kind in product(hops, _HOP_TROUBLE):
            self.next_hop_errors.labels(hop, kind)
            self.next_hop_up.labels(hop).set(1)
        for queue in queues:
            self.cases.labels(queue, "held").set(0)
            self.oldest_case_seconds.labels(queue, "held").set(0)
        self._preset_words()
        self.build_info.labels(version).set(1)

    def pass_on(self) -> None:
        """Pass on what is not passed on yet; once more before the process ends."""
        self.transaction_took.pass_on()
        self.next_hop_took.pass_on()
        self.inflight.pass_on()

    def _preset_words(self) -> None:
        """Series whose labels are words of ours, and what is well until somebody finds otherwise."""
        self.certificate_valid.set(1)
        for label in ("spam", "ham"):
            self.model_examples.labels(label).set(0)
        for outcome in ("overturned", "upheld"):
            self.appeals.labels(outcome)
        for clock in ("hold", "appeal", "report", "retention"):
            self.overdue_cases.labels(clock).set(0)
        for kind, outcome in product(_NOTICES, ("sent", "refused", "later")):
            self.notices.labels(kind, outcome)
        for outcome in ("kept", "sent", "withheld", "untold"):
            self.copies.labels(outcome)
        self._preset_doors()
        for kind in ("read", "write"):
            self.standings_errors.labels(kind)
        self._preset_rosters()

    def _preset_doors(self) -> None:
        for limit in _LIMITS:
            self.limits_hit.labels(limit)
        for outcome in _HANDSHAKES:
            self.tls_handshakes.labels(outcome)
        for outcome in ("sealed", "unsealed", "failed"):
            self.arc_seals.labels(outcome)
        for outcome in ("taken", "refused"):
            self.logins.labels(outcome)

    def _preset_rosters(self) -> None:
        for result in ("fresh", "same", "later", "doubted", "failed", "busy"):
            self.roster_syncs.labels(result)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"listward_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str, over: _Over = "livesum") -> Gauge:
        """`over` says how the values of several live processes become one."""
        return Gauge(f"listward_{name}", text, labels, registry=self.registry, multiprocess_mode=over)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"listward_{name}", text, labels, registry=self.registry, buckets=buckets)
