"""What stands for authors after any mixture of acts, compared with a model that is easy to read."""

import random
from dataclasses import dataclass, field

import pytest
from store_world import HandClock

from listward.filters.identity.standing import How, Method, Path, Sighting
from listward.queue.store.accounts import CannotVouch
from listward.queue.store.connect import Store
from listward.queue.store.standings import DAY_S, MOST_AUTHORS
from listward.queue.store.vouches import MOST_VOUCHES

AUTHORS = tuple(f"n{n}@isp.example" for n in range(6))
LISTS = ("members@party.example", "news@party.example")
PATHS = (*(Path(Method.DKIM, f"h{n}.test", "s") for n in range(4)), Path(Method.SPF, "h0.test"))
DAYS = 365
STEPS = 120
ACTS = ("vouch", "mail", "mail", "mail", "refused", "revoke", "wait", "long")
Key = tuple[str, str, Path]


@dataclass
class Model:
    """Who used which path on which day, and which vouches stand since which day of use."""

    users: dict[Path, dict[str, int]] = field(default_factory=dict)
    vouches: dict[Key, int] = field(default_factory=dict)
    lapsed: set[Key] = field(default_factory=set)

    def others(self, path: Path, author: str, day: int) -> list[str]:
        """Other authors of a path that are not forgotten."""
        return [one for one, seen in self.users.get(path, {}).items() if one != author and seen + DAYS >= day]

    def use(self, path: Path, author: str, day: int, accepted: bool) -> None:
        """See an author use a path."""
        if path not in self.users and not accepted:
            return
        known = {one: seen for one, seen in self.users.get(path, {}).items() if seen + DAYS >= day or one == author}
        if author not in known and len(known) >= MOST_AUTHORS:
            del known[min(known, key=lambda one: known[one])]
        self.users[path] = {**known, author: day}
        if len(self.others(path, author, day)) == 1:
            self.lapsed |= {key for key in self.vouches if key[2] == path}

    def stands(self, key: Key, day: int) -> bool:
        """Whether a vouch may be relied on."""
        author, _, path = key
        fresh = key in self.vouches and self.vouches[key] + DAYS >= day
        return fresh and key not in self.lapsed and not self.others(path, author, day)


@dataclass
class Run:
    """Does the same to store and model."""

    store: Store
    clock: HandClock
    draws: random.Random
    model: Model = field(default_factory=Model)
    made: int = 0

    @property
    def day(self) -> int:
        """Today."""
        return int(self.clock.now() // DAY_S)

    async def step(self) -> None:
        """One act, drawn at random."""
        act = self.draws.choice(ACTS)
        author, address, path = (self.draws.choice(many) for many in (AUTHORS, LISTS, PATHS))
        if act in {"wait", "long"}:
            self.clock.turn(DAY_S * (1 if act == "wait" else self.draws.choice([90, 200, 400])))
        elif act == "vouch":
            await self.vouch((str(author), str(address), path))  # type: ignore[arg-type]
        elif act == "revoke":
            await self.revoke()
        else:
            await self.mail(str(author), str(address), path, act == "mail")  # type: ignore[arg-type]

    async def vouch(self, key: Key) -> None:
        """Vouch, or be told why not."""
        author, address, path = key
        self.model.use(path, author, self.day, accepted=True)
        standing = [one for one in self.model.vouches if one[0] == author and self.model.stands(one, self.day)]
        allowed = not self.model.others(path, author, self.day) and (key in standing or len(standing) < MOST_VOUCHES)
        try:
            await self.store.accounts.vouch(address, author, path, "mod@party.example", How.RELEASE, self.clock.now())
        except CannotVouch:
            assert not allowed
            return
        assert allowed
        self.made += key not in standing
        if key not in standing:
            self.model.vouches[key] = self.day
            self.model.lapsed.discard(key)

    async def revoke(self) -> None:
        """Revoke one that is listed."""
        for vouch in (await self.store.accounts.vouches())[:1]:
            await self.store.accounts.revoke(vouch.id, "mod@party.example", self.clock.now())
            self.model.vouches.pop((vouch.author, vouch.list, vouch.path), None)

    async def mail(self, author: str, address: str, path: Path, accepted: bool) -> None:
        """One message; it relies on a vouch where one stands."""
        key = (author, address, path)
        found = await self.store.accounts.of(author, (path,))
        used = (address,) if accepted and found.voucher_for(address, (path,)) else ()
        assert bool(used) == (accepted and self.model.stands(key, self.day))
        await self.store.accounts.note([Sighting(author, self.clock.now(), (path,), accepted, used)])
        self.model.use(path, author, self.day, accepted)
        if used and key not in self.model.lapsed:
            self.model.vouches[key] = self.day

    async def compare(self) -> None:
        """Every author on every list by every path; and the list that people see names exactly what stands."""
        wanted = {key for key in self.model.vouches if self.model.stands(key, self.day)}
        found = set()
        for author in AUTHORS:
            vouchers = (await self.store.accounts.of(author, PATHS)).vouchers
            found |= {(author, one.list, one.path) for one in vouchers}
        assert found == wanted
        shown = await self.store.accounts.vouches()
        assert {(one.author, one.list, one.path) for one in shown if not one.lapsed} == wanted


@pytest.mark.parametrize("seed", range(8))
async def test_the_store_does_as_the_model_says(store: Store, clock: HandClock, seed: int) -> None:
    """Whoever vouches, writes, shares a path, revokes or waits."""
    run = Run(store, clock, random.Random(seed))
    for _ in range(STEPS):
        await run.step()
        await run.compare()
    assert run.made > 3
