"""Implements `observations.Observations`: one hash of counts a list and day, beside it one of sealed examples.

The days' hashes lapse as wholes, so that nothing has to be swept.
"""

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from random import Random

from listward.filters.judgement import Action
from listward.filters.policy.trial import Standing, Trial, read_written
from listward.queue.store.codec import Codec
from listward.queue.store.gathering import Placed
from listward.queue.store.lanes import Lanes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import ListKeys, policy_key
from listward.queue.store.observations import Example, Figures, Kept, Observation, Place, Policies
from listward.queue.store.ports import DamagedBody
from listward.queue.store.record import to_json
from listward.queue.store.settings import Settings
from listward.queue.store.standings import DAY_S, day_of
from listward.queue.store.words import Word, Words
from listward.runtime.clock import Clock
from listward.runtime.metrics import Metrics

POLICY_DAYS = 400  # longer than the facts of any case that names it
HASH = 16  # characters of a policy's hash that tell it from all others
MOST_EXAMPLES = 5  # of one rule and list in one write: the rest of a flood shows nothing new
MOST_POLICIES = 1000  # that one process remembers having written
_MARKS = {b"-": None, b"r": True, b"w": False}
_LETTERS = {None: "-", True: "r", False: "w"}
_ID = 17  # where an example's sealed part begins: behind its mark and its id


class StoredObservations:
    """On the site's store."""

    def __init__(
        self, lanes: Lanes, codec: Codec, settings: Settings, clock: Clock, metrics: Metrics | None = None
    ) -> None:
        self._lanes = lanes
        self._codec = codec
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._writer, self._batch = secrets.token_hex(8), 0
        self._written: set[tuple[str, int]] = set()
        self._random = Random(secrets.randbits(64))  # noqa: S311 - which examples are shown is no secret

    async def observed(self, observations: Iterable[Observation]) -> None:
        """Count messages and keep examples: one command for each list. Raises StoreUnavailable."""
        by_day: dict[tuple[str, int], list[Observation]] = defaultdict(list)
        trials: dict[str, Trial] = {}
        for one in observations:
            by_day[one.list, day_of(one.at)].append(one)
            trials[one.trial.policy_hash] = one.trial
        new = {(policy, day_of(self._clock.now())): trial for policy, trial in trials.items()}
        commands = [self._remember(trial) for at, trial in new.items() if at not in self._written]
        kept = [self._observed(address, day, group) for (address, day), group in by_day.items()]
        replies = await self._lanes.spread([*commands, *kept]) if kept else []
        self._written = {*(self._written if len(self._written) < MOST_POLICIES else ()), *new}
        if self._metrics is not None and (dropped := sum(map(int, replies[len(commands) :]))):
            self._metrics.limits_hit.labels("examples").inc(dropped)

    def _remember(self, trial: Trial) -> Placed:
        key = policy_key(trial.policy_hash[:HASH])
        return key, ("SET", key, trial.written(), "EX", POLICY_DAYS * DAY_S)

    def _observed(self, address: str, day: int, group: list[Observation]) -> Placed:
        keys, retention = ListKeys(address), self._settings.retention
        counts = _counts(group)
        lives = (day + 1 + retention.watched_days) * DAY_S - int(self._clock.now())
        shown = (day + retention.examples_days) * DAY_S - int(self._clock.now())
        most = self._settings.limits.examples_per_day if shown > 0 else 0
        self._batch += 1
        words: list[Word] = [self._writer, self._batch, lives, shown, most, len(counts)]
        words += [word for pair in counts.items() for word in pair]
        words += [word for rule, example in self._sample(group) for word in self._sealed(address, rule, example)]
        both = (keys.watched(day), keys.examples(day))
        return both[0], LIBRARY.call("observed", both, *words)

    def _sample(self, group: list[Observation]) -> Iterator[tuple[str, Example]]:
        """Some examples of each rule."""
        if not self._settings.limits.examples_per_day or not self._settings.retention.examples_days:
            return
        found: dict[str, list[Example]] = defaultdict(list)
        for would in (would for one in group for would in one.would):
            if would.example is not None:
                found[would.rule].append(would.example)
        for rule, examples in found.items():
            for example in self._random.sample(examples, min(len(examples), MOST_EXAMPLES)):
                yield rule, example

    def _sealed(self, address: str, rule: str, example: Example) -> tuple[Word, ...]:
        identity = secrets.token_hex(8)
        sealed = self._codec.seal_record(to_json(asdict(example)), _place(address, identity))
        return rule, self._random.randrange(1_000_000_000), identity, sealed

    async def figures(self, list_address: str, since: float) -> Figures:
        """Return a list's counts. Raises StoreUnavailable."""
        keys, today, found = ListKeys(list_address), day_of(self._clock.now()), Figures()
        oldest = max(day_of(since), today - self._settings.retention.watched_days)
        commands: list[Words] = [("HGETALL", keys.watched(day)) for day in range(oldest, today + 1)]
        if commands:
            for counts in await self._lanes.run(keys.watched(today), *commands):
                _add(found, counts)
        return found

    async def policies(self, hashes: Iterable[str]) -> Policies:
        """Return the rules of these policies. Raises StoreUnavailable."""
        cut = list(dict.fromkeys(policy[:HASH] for policy in hashes))
        texts = await self._lanes.spread([(policy_key(one), ("GET", policy_key(one))) for one in cut]) if cut else []
        found: dict[str, Mapping[str, Standing]] = {}
        for policy, text in zip(cut, texts, strict=True):
            with suppress(ValueError):  # of a later release: unknown to this one
                if text is not None:
                    found[policy] = read_written(text.decode())
        return found

    async def examples(self, list_address: str, rule: str) -> tuple[Kept, ...]:
        """Return what is kept for one rule. Raises StoreUnavailable."""
        keys, today = ListKeys(list_address), day_of(self._clock.now())
        slots = range(1, self._settings.limits.examples_per_day + 1)
        days = range(today, today - self._settings.retention.examples_days, -1)
        if not days or not slots:
            return ()
        fields = [_field(rule, slot) for slot in slots]
        rows = await self._lanes.run(keys.examples(today), *[("HMGET", keys.examples(day), *fields) for day in days])
        found: list[Kept] = []
        for day, row in zip(days, rows, strict=True):
            for slot, value in zip(slots, row, strict=True):
                with suppress(DamagedBody, ValueError, TypeError, KeyError):  # what cannot be read is not shown
                    if value is not None:
                        found.append(self._read(Place(keys.list, day, rule, slot, value[1:_ID].decode()), value))
        return tuple(sorted(found, key=lambda kept: (kept.mark is not None, -kept.place.day)))

    def _read(self, place: Place, value: bytes) -> Kept:
        values = json.loads(self._codec.open_record(value[_ID:], _place(place.list, place.id)))
        values |= {"action": Action(values["action"]), "words": tuple(values["words"])}
        return Kept(place, Example(**values), _MARKS[value[:1]])

    async def mark(self, place: Place, mark: bool | None) -> bool:
        """Mark an example. Raises StoreUnavailable."""
        keys = ListKeys(place.list)
        both = (keys.watched(place.day), keys.examples(place.day))
        words = (_field(place.rule, place.slot), place.id, _LETTERS[mark], place.rule)
        return bool(await self._lanes.one(both[0], *LIBRARY.call("mark", both, *words)))


def _counts(group: Iterable[Observation]) -> Counter[str]:
    """Fields of a day's hash. Those behind another rule are counted as such too."""
    counts: Counter[str] = Counter()
    for one in group:
        counts[f"j:{one.trial.policy_hash[:HASH]}:{int(one.trial.observing)}"] += 1
        counts.update(f"u:{rule}" for rule in one.undecided)
        for would in one.would:
            counts[f"w:{would.action.value}:{would.rule}"] += 1
            if would.after:
                counts[f"a:{would.action.value}:{would.rule}"] += 1
    return counts


def _add(figures: Figures, counts: Mapping[bytes, bytes]) -> None:
    """Add one day's counts; fields of other kinds are passed over."""
    for name, number in counts.items():
        kind, _, rest = name.decode().partition(":")
        first, _, second = rest.partition(":")
        if kind == "j":
            key = (first, second == "1")
            figures.judged[key] = figures.judged.get(key, 0) + int(number)
        elif kind in {"w", "a"}:
            row = (figures.would if kind == "w" else figures.after).setdefault(second, {})
            row[Action(first)] = row.get(Action(first), 0) + int(number)
        elif kind == "u":
            figures.undecided[rest] = figures.undecided.get(rest, 0) + int(number)
        elif kind == "m":
            marks = figures.right if first == "r" else figures.wrong
            marks[second] = marks.get(second, 0) + int(number)


def _field(rule: str, slot: int) -> str:
    return f"e:{rule}:{slot}"


def _place(address: str, identity: str) -> str:
    return f"example:{address.lower()}:{identity}"
