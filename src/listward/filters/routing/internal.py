"""Internal matters: where they may go. Everything here is about the message as a whole; it is never split."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from listward.filters.findings import Evidence, Finding, Scores
from listward.filters.routing.kinds import Kind, Zone
from listward.filters.routing.marks import CATEGORY, RULE
from listward.filters.routing.targets import Directory
from listward.filters.routing.zones import outside

ROUTING = "routing"
# From here on a text without any mark is doubtful enough for a person to look at before it leaves.
DOUBTFUL = 0.8
# What going to an internal list says by itself of how internal a text is.
LIST_WEIGHT = 0.9
MOST_ADDRESSES = 500


@dataclass(frozen=True, slots=True)
class Route:
    """All addresses a message names, once each: the envelope's recipients, then To and Cc."""

    addresses: tuple[tuple[str, str], ...]  # (view, address); view "envelope" or "header"

    @classmethod
    def of(cls, recipients: Iterable[str], named: Iterable[str]) -> "Route":
        """Collect the addresses; the same one in envelope and header counts as the envelope's."""
        seen: dict[str, tuple[str, str]] = {}
        for view, addresses in (("envelope", recipients), ("header", named)):
            for address in addresses:
                seen.setdefault(address.lower(), (view, address))
        return cls(tuple(seen.values())[:MOST_ADDRESSES])


@dataclass(frozen=True, slots=True)
class Matter:
    """Whether this is an internal matter, what routing has to say of it, and the score with the route counted in."""

    internal: bool
    findings: tuple[Finding, ...]
    scores: Scores


def judge_route(route: Route, findings: Iterable[Finding], scores: Scores, directory: Directory) -> Matter:
    """Decide whether the message is internal, and find every address it may not go to."""
    marked = any(finding.rule == RULE for finding in findings)
    on_internal_list = _goes_to_internal_list(route, directory)
    internal = marked or on_internal_list
    score = 1.0 - (1.0 - scores.internal) * (1.0 - LIST_WEIGHT) if on_internal_list else scores.internal
    counted = Scores(scores.spam, scores.solicitation, score)
    return Matter(internal, tuple(_routing_findings(route, internal, score, directory)), counted)


def _goes_to_internal_list(route: Route, directory: Directory) -> bool:
    targets = (directory.target(address) for _, address in route.addresses)
    return any(target and target.kind is Kind.POST and target.zone is Zone.INTERNAL for target in targets)


def _routing_findings(route: Route, internal: bool, score: float, directory: Directory) -> Iterator[Finding]:
    if not internal and score < DOUBTFUL:
        return
    external = _evidence(route, lambda address: outside(address, directory))
    public = _evidence(route, lambda address: _posts_to(address, Zone.PUBLIC, directory))
    members = _evidence(route, lambda address: _posts_to(address, Zone.MEMBERS, directory))
    if internal and external:
        yield Finding("internal-outside-address", ROUTING, 1.0, "An internal matter names outside addresses.", external)
    if internal and public:
        yield Finding("internal-public-list", ROUTING, 1.0, "An internal matter goes to a public list.", public)
    if internal and members:
        reason = "An internal matter goes to a list whose mailboxes may be anywhere."
        yield Finding("internal-members-list", ROUTING, 0.7, reason, members)
    if not internal and (external or public):
        reason = "The words suggest an internal matter, and it would leave the organisation."
        yield Finding("internal-looking", CATEGORY, score, reason, external or public)


def _evidence(route: Route, wanted: Callable[[str], bool]) -> tuple[Evidence, ...]:
    return tuple(Evidence(view, 0, len(address), address) for view, address in route.addresses if wanted(address))


def _posts_to(address: str, zone: Zone, directory: Directory) -> bool:
    target = directory.target(address)
    return target is not None and target.kind is Kind.POST and target.zone is zone
