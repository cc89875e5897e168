"""What rules on trial would have done, in memory: a test puts it there."""

from collections.abc import Iterable
from dataclasses import replace

from listward.filters.judgement import Action
from listward.filters.policy.trial import Standing
from listward.queue.store.observations import Example, Figures, Kept, Observation, Place, Policies


class MemoryObservations:
    """Implements `Observations`. `kept` are examples, the newest first; `known` the rules of policies."""

    def __init__(self) -> None:
        self.by_list: dict[str, Figures] = {}
        self.known: dict[str, dict[str, Standing]] = {}
        self.kept: list[Kept] = []
        self.noted: list[Observation] = []

    def put(self, list_address: str, rule: str, subject: str = "Rent", internal: bool = False, **more: object) -> Kept:
        """Keep an example of one rule's key."""
        example = Example(Action.HOLD, "it saw money", subject, "The rent is due.", ("rent",), "member", internal)
        place = Place(list_address, 20_000, rule, len(self.kept) + 1, f"{len(self.kept):016x}")
        self.kept.append(Kept(place, replace(example, **more)))  # type: ignore[arg-type]  # a test's own fields
        return self.kept[-1]

    async def observed(self, observations: Iterable[Observation]) -> None:
        """Remember."""
        self.noted += observations

    async def figures(self, list_address: str, since: float) -> Figures:
        """What was put there."""
        del since
        return self.by_list.get(list_address, Figures())

    async def policies(self, hashes: Iterable[str]) -> Policies:
        """Those asked for."""
        return {policy: self.known[policy] for policy in hashes if policy in self.known}

    async def examples(self, list_address: str, rule: str) -> tuple[Kept, ...]:
        """Those without a mark first."""
        found = [kept for kept in self.kept if (kept.place.list, kept.place.rule) == (list_address, rule)]
        return tuple(sorted(found, key=lambda kept: kept.mark is not None))

    async def mark(self, place: Place, mark: bool | None) -> bool:
        """Mark one."""
        for at, kept in enumerate(self.kept):
            if kept.place == place:
                self.kept[at] = replace(kept, mark=mark)
                return True
        return False
