"""What is aimed at, beside what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.parts.path import AMAVIS, INTERNAL, PROXY, RELAY, RSPAMD, SIGNED
from bench.tables import markdown

MISSING = "not measured"


@dataclass(frozen=True, slots=True)
class Target:
    """One aim: `figure` names what was measured, `bound` is the most (or, with `least`, the least) it may be.

    `plus` names a figure that is added to the bound.
    """

    group: str
    text: str
    figure: str
    bound: float
    least: bool = False
    plus: str = ""

    def met(self, figures: Mapping[str, float]) -> bool | None:
        """Whether it is met; None where it was not measured."""
        bound, value = self.bound_in(figures), figures.get(self.figure)
        if bound is None or value is None:
            return None
        return value >= bound if self.least else value <= bound

    def bound_in(self, figures: Mapping[str, float]) -> float | None:
        """The bound with what is added to it; None where that was not measured."""
        if not self.plus:
            return self.bound
        added = figures.get(self.plus)
        return None if added is None else self.bound + added


def _least(group: str, text: str, figure: str, bound: float) -> Target:
    return Target(group, text, figure, bound, least=True)


_RELAY, _INSIDE, _MEMBER = "relay, C=20", "author inside, C=20", "member with SPF, DKIM, DMARC, C=20"
_SIZE, _HOLD, _REPLAY, _MEMORY, _IDLE, _ROSTER = (
    "large messages",
    "holds and rulings",
    "replay",
    "memory and start",
    "idle clients",
    "roster of 100,000",
)

TARGETS = (
    _least(_RELAY, "share of the floor's rate", f"{RELAY}: of_floor", 0.25),
    Target(_RELAY, "CPU ms a message", f"{RELAY}: cpu_ms", 0.5),
    Target(_RELAY, "CPU against Postfix's proxy filter", f"{RELAY} / {PROXY}: cpu_ms", 0.75),
    Target(_INSIDE, "CPU ms a message", f"{INTERNAL}: cpu_ms", 1.3),
    _least(_INSIDE, "messages a second", f"{INTERNAL}: per_second", 1000),
    Target(_INSIDE, "p50 ms", f"{INTERNAL}: p50_ms", 25),
    Target(_INSIDE, "p99 ms", f"{INTERNAL}: p99_ms", 80),
    Target(_INSIDE, "CPU against Postfix + rspamd", f"{INTERNAL} / {RSPAMD}: cpu_ms", 0.2),
    _least(_INSIDE, "rate against Postfix + rspamd", f"{INTERNAL} / {RSPAMD}: delivered_per_second", 4),
    Target(_INSIDE, "CPU against amavisd + SpamAssassin", f"{INTERNAL} / {AMAVIS}: cpu_ms", 1 / 140),
    Target(_MEMBER, "CPU ms a message", f"{SIGNED}: cpu_ms", 2.0),
    _least(_MEMBER, "messages a second", f"{SIGNED}: per_second", 800),
    Target(_MEMBER, "CPU ms of it for DKIM", "profile: dkim_ms", 0.5),
    Target(_MEMBER, "p50 ms", f"{SIGNED}: p50_ms", 25),
    Target(_MEMBER, "p99 ms", f"{SIGNED}: p99_ms", 80),
    Target(_MEMBER, "CPU against Postfix + rspamd", f"{SIGNED} / {RSPAMD}: cpu_ms", 0.3),
    _least(_MEMBER, "rate against Postfix + rspamd", f"{SIGNED} / {RSPAMD}: delivered_per_second", 4),
    Target(_MEMBER, "CPU against amavisd + SpamAssassin", f"{SIGNED} / {AMAVIS}: cpu_ms", 1 / 90),
    Target(_SIZE, "CPU ms of a message of 10 MB", "size: cpu_ms_10", 60),
    Target(_SIZE, "CPU ms a MB at 50 MB against 10 MB (linear)", "size: linear", 1.25),
    Target(_SIZE, "p99 ms of others while 10 MB pass", "size: others_p99_ms", 100),
    Target(_SIZE, "PSS MB at most of a gateway process and a reader", "size: peak_mb", 300),
    _least(_HOLD, "durable holds a second, C=50", "hold: per_second", 500),
    Target(_HOLD, "p50 ms of one hold alone: the disk's fsync and 3 ms", "hold: alone_ms", 3.0, plus="hold: fsync_ms"),
    _least(_HOLD, "rulings a second", "ruling: per_second", 1000),
    _least(_HOLD, "rulings a second with many open cases against few", "ruling: flat", 0.8),
    _least(_REPLAY, "messages a second, 2 processes", "replay: per_second", 1500),
    Target(_REPLAY, "memory with twice the archive against once (flat)", "replay: flat", 1.1),
    Target(_MEMORY, "PSS MB of a gateway worker with its reader", "memory: worker_mb", 60),
    Target(_MEMORY, "PSS MB of all processes, idle, store included", "memory: all_mb", 250),
    Target(_MEMORY, "seconds until the listeners are bound", "start: bound_s", 0.5),
    Target(_MEMORY, "seconds until the first message is accepted", "start: accepted_s", 3.0),
    Target(_IDLE, "PSS MB of 2,000 idle clients", "idle: mb", 100),
    Target(_IDLE, "p50 of a message beside them against without", "idle: latency", 1.2),
    Target(_ROSTER, "seconds to load", "roster: load_s", 10),
    Target(_ROSTER, "octets a person", "roster: octets", 150),
    Target(_ROSTER, "ms that others are late while it is read, p99", "roster: late_ms", 50),
    Target(_ROSTER, "a look-up against one in a roster of 1,000", "roster: slower", 1.5),
)


def targets_table(figures: Mapping[str, float]) -> str:
    """Every target with its figure: met, not met, or not measured."""
    rows = [
        [target.group, target.text, _bound(target, figures), _shown(figures.get(target.figure)), _word(target, figures)]
        for target in TARGETS
    ]
    return markdown(("what", "figure", "target", "measured", ""), rows)


def tally(figures: Mapping[str, float]) -> str:
    """How many are met, in one sentence."""
    judged = [target.met(figures) for target in TARGETS]
    missing = judged.count(None)
    said = f"{judged.count(True)} of {len(judged) - missing} measured targets are met."
    return said + (f" {missing} were not measured." if missing else "")


def _word(target: Target, figures: Mapping[str, float]) -> str:
    met = target.met(figures)
    return MISSING if met is None else "met" if met else "**not met**"


def _bound(target: Target, figures: Mapping[str, float]) -> str:
    bound = target.bound_in(figures)
    return ("≥ " if target.least else "≤ ") + _shown(bound)


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
