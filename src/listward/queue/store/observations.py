"""What rules on trial would have done: counts for each list, rule and day, and for a list's tuners some examples.

Nothing of it is about a person: neither counts nor examples name an author. All of it lapses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from listward.filters.judgement import Action
from listward.filters.policy.trial import Standing, Trial


@dataclass(frozen=True, slots=True)
class Example:
    """One message that a rule on trial would have acted on, as a tuner sees it.

    `saw` is what the rule saw, `words` the marked words. `internal`: an internal matter. `covered`: it may be abusive.
    """

    action: Action
    saw: str
    subject: str
    text: str
    words: tuple[str, ...] = ()
    origin: str = ""
    internal: bool = False
    covered: bool = False


@dataclass(frozen=True, slots=True)
class Would:
    """What one rule would have done. `rule` is its key; `after`: another rule of its stage came first."""

    rule: str
    action: Action
    after: bool = False
    example: Example | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One message judged for one list, at `at` in Unix seconds. `undecided` are keys of rules that lacked a fact."""

    list: str
    at: float
    trial: Trial
    would: tuple[Would, ...] = ()
    undecided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an example lies. `day` is counted from 1970, `rule` a rule's key."""

    list: str
    day: int
    rule: str
    slot: int
    id: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An example that is kept: `mark` is True where a tuner found the rule right, False for wrong, None before."""

    place: Place
    example: Example
    mark: bool | None = None


@dataclass(slots=True)
class Figures:
    """Counts of one list since some day. `judged` is by policy hash and whether the site only observed.

    `would` and `after` are by rule key and action; `after` are those of `would` that another rule came before. `right`
    and `wrong` are tuners' marks by rule key, `undecided` messages for which a rule lacked a fact.
    """

    judged: dict[tuple[str, bool], int] = field(default_factory=dict)
    would: dict[str, dict[Action, int]] = field(default_factory=dict)
    after: dict[str, dict[Action, int]] = field(default_factory=dict)
    right: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    undecided: dict[str, int] = field(default_factory=dict)


Policies = Mapping[str, Mapping[str, Standing]]
"""The rules of policies that were in use: standing by rule key, by the policy's hash."""


class Observations(Protocol):
    """Every method raises StoreUnavailable while the store is away."""

    async def observed(self, observations: Iterable[Observation]) -> None:
        """Count messages, and keep examples of them. May be lost in a crash."""
        ...

    async def figures(self, list_address: str, since: float) -> Figures:
        """Return a list's counts, from the day of `since` on."""
        ...

    async def policies(self, hashes: Iterable[str]) -> Policies:
        """Return the rules of these policies, as far as they are remembered; hashes may be cut as in `Figures`."""
        ...

    async def examples(self, list_address: str, rule: str) -> tuple[Kept, ...]:
        """Return what is kept for one rule's key, those without a mark first, the newest first."""
        ...

    async def mark(self, place: Place, mark: bool | None) -> bool:
        """Mark an example, or take its mark away; False where it is gone."""
        ...
