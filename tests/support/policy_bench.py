"""Sites, policies and situations for tests of routing and policy: small, and plain to read."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from listward.config.policy import Policy
from listward.config.site import Site
from listward.filters.findings import Evidence, Finding, Scores
from listward.filters.identity.names import NameKey, readings
from listward.filters.identity.origin import Origin, OriginKind, Role
from listward.filters.judgement import Action, Mode, RecipientVerdict, RuleOutcome
from listward.filters.policy.situation import Situation
from listward.filters.probes import Probes, ProbeUnavailable, RosterEntry
from listward.filters.routing.kinds import Kind, Target, Zone

HOP = "lmtp://127.0.0.1:8024"


def make_site(**changes: Any) -> Site:
    """A party with an internal, a members' and a public list; `changes` replace whole tables."""
    values: dict[str, Any] = {
        "organisation": {
            "name": "The Example Party",
            "domains": ["party.example"],
            "internal_domains": ["inside.party.example"],
        },
        "addresses": {
            "report": "report@party.example",
            "appeal": "appeal@party.example",
            "rulings": "rulings@party.example",
            "notices": "listward@party.example",
            "help": "office@party.example",
        },
        "gateway": {},
        "list": [
            {"address": "board@party.example", "zone": "internal", "next_hop": HOP},
            {"address": "members@party.example", "zone": "members", "next_hop": HOP},
            {"address": "news@party.example", "zone": "public", "next_hop": HOP},
        ],
    }
    return Site.model_validate({**values, **changes})


def make_policy(*rules: dict[str, Any], **values: Any) -> Policy:
    """A policy of the given rules; stage content and action hold unless they say otherwise."""
    filled = [
        {"name": f"rule-{number}", "stage": "content", "action": "hold", **rule} for number, rule in enumerate(rules)
    ]
    return Policy.model_validate({"rule": filled, **values})


def shipped_policy() -> Policy:
    """The policy that ships with the program."""
    from listward.config.find import DEFAULTS
    from listward.config.load import load

    return load(DEFAULTS).policy


def finding(rule: str, category: str = "solicitation", *words: str, weight: float = 0.9) -> Finding:
    """A finding with evidence for each of the words."""
    evidence = tuple(Evidence("header", 0, len(word), word) for word in words)
    return Finding(rule, category, weight, f"{rule} was seen.", evidence)


def target(kind: Kind = Kind.POST, zone: Zone = Zone.MEMBERS, address: str = "members@party.example") -> Target:
    """A target; lists of that address carry it, ours have none."""
    return Target(address, kind, zone, "" if kind is Kind.OWN else address, "" if kind is Kind.OWN else HOP)


def origin(kind: OriginKind = OriginKind.MEMBER, **changes: Any) -> Origin:
    """An origin of Ana's."""
    role = Role.MEMBER if kind is OriginKind.MEMBER else None
    return Origin(**{"kind": kind, "address": "ana@party.example", "role": role, **changes})


def situation(*findings: Finding, **changes: Any) -> Situation:
    """A member's post to the members' list with these findings."""
    return Situation(**{"target": target(), "origin": origin(), "findings": findings, **changes})


def verdict(
    action: Action, where: Target | None = None, reply: str = "policy", queues: Iterable[str] = ()
) -> RecipientVerdict:
    """A verdict by a rule that fired with this action."""
    fired = RuleOutcome(
        "some-rule", "content", Mode.ENFORCE, True, "seen", action, "moderators", "7.1", "Words.", reply=reply
    )
    outcomes = (fired,) if action is not Action.ACCEPT else ()
    return RecipientVerdict(where or target(), origin(), action, tuple(queues), outcomes)


class FakeRosters:
    """Rosters in memory; `away` stands for a roster that was never read."""

    def __init__(self, *entries: RosterEntry, away: bool = False) -> None:
        self._entries = {entry.address: entry for entry in entries}
        self.away = away

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """The entry of the address on any list."""
        if self.away:
            raise ProbeUnavailable("no roster")
        return self._entries.get(address)

    def names(self, list_address: str) -> frozenset[NameKey]:
        """The readings of everybody's name."""
        return frozenset(key for entry in self._entries.values() for key in readings(entry.name))

    def officers(self) -> frozenset[NameKey]:
        """Those of any list are those of this one."""
        return frozenset()


class FakeCounters:
    """Counters that answer the same for every list, or not at all."""

    def __init__(self, count: int | None) -> None:
        self.count = count
        self.asked: list[str] = []

    async def seen_elsewhere(self, digest: str, list_address: str) -> int:
        """The count; raises where there is none."""
        self.asked.append(list_address)
        if self.count is None:
            raise ProbeUnavailable("no store")
        return self.count


class SilentResolver:
    """DNS that never answers, and counts who asks."""

    def __init__(self) -> None:
        self.queries = 0

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Raises ProbeUnavailable."""
        self.queries += 1
        raise ProbeUnavailable("no DNS")

    def spent(self) -> None:
        """Nobody counts here."""

    async def exists(self, name: str) -> bool:
        """Raises ProbeUnavailable."""
        self.queries += 1
        raise ProbeUnavailable("no DNS")

    def remembered(self, name: str, kind: str) -> None:
        """Nothing."""


def probes(*entries: RosterEntry, counters: FakeCounters | None = None) -> Probes:
    """Probes over fakes."""
    return Probes(SilentResolver(), FakeRosters(*entries), counters)


def scores(**values: float) -> Scores:
    """Scores, 0 unless given."""
    return Scores(**values)


def write_site(folder: Path, extra: str = "") -> Path:
    """Write a configuration folder with the three lists and a roster of two people; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "members.csv").write_text(
        "address,name,role\nana@party.example,Ana Ruiz,member\nbert@out.example,Bert,banned\n", encoding="utf-8"
    )
    lists = "".join(
        f'[[list]]\naddress = "{name}@party.example"\nzone = "{zone}"\nnext_hop = "{HOP}"\nroster = "members.csv"\n'
        for name, zone in (("board", "internal"), ("members", "members"), ("news", "public"))
    )
    (folder / "site.toml").write_text(
        f'[organisation]\nname = "The Example Party"\ndomains = ["party.example"]\n'
        f'[addresses]\nhelp = "office@party.example"\nreport = "report@party.example"\n[gateway]\n{lists}{extra}',
        encoding="utf-8",
    )
    return folder
