"""What stands for an author, and what is noted of her mail: one read before judging, some small writes afterwards.

Authors and paths are keys of hashes, so that nobody can read here who writes to the lists. Everything lapses.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from listward.filters.identity.shared import is_shared
from listward.filters.identity.standing import (
    NO_STANDING,
    NOTHING_USUAL,
    Habits,
    How,
    Path,
    Sighting,
    Standing,
    Voucher,
)
from listward.filters.probes import ProbeUnavailable
from listward.queue.store.codec import Codec
from listward.queue.store.durability import Guard
from listward.queue.store.gathering import Placed
from listward.queue.store.lanes import Lanes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import AuthorKeys, path_key
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.record import to_json
from listward.queue.store.settings import Settings
from listward.runtime.clock import Clock
from listward.runtime.metrics import Metrics

DAY_S = 86_400
DELIVERED_DAYS = 365
MOST_AUTHORS = 4  # of one path: two would do, and the oldest makes room
MOST_HABITS = 32  # paths, payees or languages of one author
MOST_REMEMBERED = 20_000  # sightings that this process need not write again today
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class VouchState:
    """What of a vouch is in the clear. Days are counted from 1970; `path` is its pseudonym."""

    used: int
    made: int
    lapsed: bool
    path: str
    how: str
    list: str
    sealed: bytes = b""

    def written(self) -> bytes:
        """As it lies in the store."""
        facts = (self.used, self.made, int(self.lapsed), self.path, self.how, self.list)
        return " ".join(map(str, facts)).encode() + b" " + self.sealed

    def stands(self, today: int, days: int) -> bool:
        """Whether it may be relied on, as far as it knows itself."""
        return not self.lapsed and self.used + days >= today


def read_vouch(written: bytes) -> VouchState:
    """Undo `written`. Raises ValueError."""
    used, made, lapsed, path, how, list_address, sealed = written.split(b" ", 6)
    return VouchState(int(used), int(made), lapsed == b"1", path.decode(), how.decode(), list_address.decode(), sealed)


class Remembering:
    """What all that is remembered of senders shares."""

    def __init__(
        self,
        lanes: Lanes,
        guard: Guard,
        codec: Codec,
        settings: Settings,
        clock: Clock,
        metrics: Metrics | None = None,
    ) -> None:
        self._lanes = lanes
        self._guard = guard
        self._codec = codec
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._written_today: set[tuple[str, str]] = set()
        self._written_on = 0

    def author_name(self, author: str) -> str:
        """The pseudonym of an author."""
        return self._codec.lasting_name(f"author {author}")

    def path_name(self, path: Path) -> str:
        """The pseudonym of a path."""
        return self._codec.lasting_name(f"path {path.name}")

    def _seal(self, place: str, values: dict[str, object]) -> bytes:
        """Encrypt what people may read."""
        return self._codec.seal(to_json(values), f"standing:{place}")

    def _unseal(self, place: str, sealed: bytes) -> dict[str, Any]:
        """Undo `_seal`. Raises DamagedBody, ValueError."""
        values = json.loads(self._codec.open(sealed, f"standing:{place}"))
        if not isinstance(values, dict):
            raise ValueError("it is no record")
        return values

    def _today(self) -> int:
        return day_of(self._clock.now())

    @property
    def _vouch_days(self) -> int:
        return self._settings.accounts.vouch_days

    @property
    def _habit_days(self) -> int:
        return self._settings.accounts.habit_days


class Standings(Remembering):
    """Implements what the gateway asks and notes (`accounts.Accounts`)."""

    async def of(self, author: str, paths: tuple[Path, ...]) -> Standing:
        """Return what stands for this author on these paths. Raises ProbeUnavailable.

        The same is asked of everybody: what a store answers for a stranger is empty, and as soon there.
        """
        name = self.author_name(author)
        keys = AuthorKeys(name)
        asked = {path: self.path_name(path) for path in paths} if self._vouch_days else {}
        commands: list[Placed] = [
            (keys.vouches, LIBRARY.call("standing", (keys.frozen, keys.vouches, keys.habits, keys.delivered))),
            *((key, ("HKEYS", key)) for key in map(path_key, asked.values())),
        ]
        try:
            found, *authors = await self._lanes.spread(commands)
            if not any(found):
                return NO_STANDING
            frozen, vouches, habits, delivered = found
            alone = {
                hashed: path
                for (path, hashed), users in zip(asked.items(), authors, strict=True)
                if set(users) <= {name.encode()}
            }
            posts = zip(delivered[::2], map(int, delivered[1::2]), strict=True)
            return Standing(
                self._vouchers(vouches, alone),
                bool(frozen),
                self._habits(habits),
                tuple((address.decode(), count) for address, count in posts),
            )
        except (StoreUnavailable, ValueError) as error:
            if self._metrics is not None:
                self._metrics.standings_errors.labels("read").inc()
            raise ProbeUnavailable(str(error)) from None

    def _vouchers(self, vouches: Sequence[bytes], alone: dict[str, Path]) -> tuple[Voucher, ...]:
        """Those that stand for the paths that are nobody else's; what cannot be read stands for nothing."""
        found: list[Voucher] = []
        for identity, written in zip(vouches[::2], vouches[1::2], strict=True) if alone else ():
            with suppress(ValueError):
                found += self._voucher(identity.decode(), read_vouch(written), alone)
        return tuple(found)

    def _voucher(self, identity: str, state: VouchState, alone: dict[str, Path]) -> Iterable[Voucher]:
        if state.path in alone and state.stands(self._today(), self._vouch_days):
            on = EPOCH + timedelta(state.made)
            yield Voucher(identity, state.list, alone[state.path], How(state.how), on)

    def _habits(self, habits: Sequence[bytes]) -> Habits:
        """What is not too old; the hours are those of the last 24 hours. What cannot be read is not usual."""
        if not habits or not self._habit_days:
            return NOTHING_USUAL
        try:
            return self._read_habits(dict(zip(habits[::2], habits[1::2], strict=True)))
        except (KeyError, ValueError):
            return NOTHING_USUAL

    def _read_habits(self, known: Mapping[bytes, bytes]) -> Habits:
        since, hour = self._today() - self._habit_days, int(self._clock.now() // 3600) - 24
        days = _counts(known[b"days"], since)
        return Habits(
            posts=sum(days),
            posts_today=sum(_counts(known[b"hours"], hour + 1)),
            days=len(days),
            paths=_since(known[b"paths"], since),
            payees=_since(known[b"payees"], since),
            languages=_since(known[b"languages"], since),
        )

    async def note(self, sightings: Iterable[Sighting]) -> None:
        """Remember what was seen: paths with their authors, habits, days of use. Raises StoreUnavailable."""
        given = tuple(sightings)
        await self._note_paths(given)
        others = [command for one in given for command in (*self._use(one), *self._post(one), *self._delivered(one))]
        if others:
            await self._lanes.spread(others)

    async def _note_paths(self, sightings: Iterable[Sighting]) -> None:
        """Note who uses which path, each once a day; where a path just became shared, end what was vouched for it."""
        new = self._new_today(sightings) if self._vouch_days else {}
        commands: list[Placed] = []
        for (path, author), accepted in new.items():
            key = path_key(path)
            words = (author, self._today(), self._vouch_days, MOST_AUTHORS, int(accepted))
            commands.append((key, LIBRARY.call("sighted", (key,), *words)))
        if not commands:
            return
        ends: list[Placed] = []
        for ((path, author), accepted), (_, *told) in zip(new.items(), await self._lanes.spread(commands), strict=True):
            if accepted:
                self._written_today.add((path, author))
            for name in (author, *(each.decode() for each in told)) if told else ():
                key = AuthorKeys(name).vouches
                ends.append((key, LIBRARY.call("lapse", (key,), path)))
        if ends:
            lapsed = sum(await self._lanes.spread(ends))
            if self._metrics is not None:
                self._metrics.vouches_lapsed.inc(lapsed)

    def _new_today(self, sightings: Iterable[Sighting]) -> dict[tuple[str, str], bool]:
        """Path and author, by pseudonym, that this process has not written today; whether a new path counts."""
        today = self._today()
        if self._written_on != today or len(self._written_today) > MOST_REMEMBERED:
            self._written_today, self._written_on = set(), today
        new: dict[tuple[str, str], bool] = {}
        for one in sightings:
            author = self.author_name(one.author)
            for path in (self.path_name(path) for path in one.paths if not is_shared(path.domain)):
                if (path, author) not in self._written_today:
                    new[path, author] = one.accepted or new.get((path, author), False)
        return new

    def _use(self, sighting: Sighting) -> Iterable[Placed]:
        """Renew the vouches that were relied on."""
        if not self._vouch_days or not sighting.used:
            return
        key = AuthorKeys(self.author_name(sighting.author)).vouches
        paths = [self.path_name(path) for path in sighting.paths]
        for list_address in sighting.used:
            words = (day_of(sighting.at), self._vouch_days, list_address)
            yield key, LIBRARY.call("relied_on", (key,), *words, *paths)

    def _post(self, sighting: Sighting) -> Iterable[Placed]:
        """Count a post."""
        post = sighting.post
        if not self._habit_days or post is None:
            return
        key = AuthorKeys(self.author_name(sighting.author)).habits
        when = (int(sighting.at // 3600), day_of(sighting.at), self._habit_days, MOST_HABITS)
        names = (" ".join(post.paths), " ".join(post.payees), post.language)
        yield key, LIBRARY.call("posted", (key,), *when, *names)

    def _delivered(self, sighting: Sighting) -> Iterable[Placed]:
        """Count posts that went out, for as long as first posts are remembered."""
        key = AuthorKeys(self.author_name(sighting.author)).delivered
        for list_address in sighting.delivered:
            yield key, ("HINCRBY", key, list_address.lower(), 1)
            yield key, ("EXPIRE", key, DELIVERED_DAYS * DAY_S)


def day_of(at: float) -> int:
    """The day of a moment in Unix seconds, counted from 1970."""
    return int(at // DAY_S)


def _counts(text: bytes, first: int) -> list[int]:
    """The counts of "when:count" pairs from one moment on. Every message of a member comes through here."""
    numbers = list(map(int, text.decode().replace(":", " ").split()))
    return [count for when, count in zip(numbers[::2], numbers[1::2], strict=True) if when >= first]


def _since(text: bytes, day: int) -> frozenset[str]:
    """The names of "name:day" pairs seen since a day."""
    words = text.decode().replace(":", " ").split()
    return frozenset(name for name, last in zip(words[::2], words[1::2], strict=True) if int(last) >= day)
