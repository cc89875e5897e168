"""Vouches: what people do with them, durable and audited, visible and revocable.

The truth lies with the author, all in one slot. The site's index only says where to look, and can name what is gone:
it is written first and cut last, so that nothing is in force that a list does not show.
"""

import secrets
from dataclasses import dataclass, replace

from listward.filters.identity.shared import is_shared
from listward.filters.identity.standing import How, Method, Path
from listward.queue.store.accounts import CannotVouch, UnknownVouch, Vouch
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import VOUCHES, AuthorKeys, ListKeys, path_key
from listward.queue.store.ports import DamagedBody
from listward.queue.store.standings import DAY_S, MOST_AUTHORS, Remembering, VouchState, day_of, read_vouch
from listward.queue.store.trail import entry

MOST_VOUCHES = 8  # of one author, over all lists
PAGE = 200
_OFF = ("switched-off", "Ways of sending are not remembered here.")
_PROVIDER = ("shared", "Many people send by this service; it cannot tell who wrote.")
_SHARED = ("shared", "Others send by this way too; it cannot tell who wrote.")
_MANY = ("too-many", "This address has as many ways of sending as can be remembered. Revoke one first.")


@dataclass(frozen=True, slots=True)
class _Found:
    """One vouch with what only the store needs."""

    vouch: Vouch
    state: VouchState


class Vouches(Remembering):
    """Implements what people do with vouches (`accounts.Accounts`)."""

    async def vouch(self, list_address: str, author: str, path: Path, by: str, how: How, at: float) -> str:
        """Vouch, and return the vouch's id. Raises CannotVouch, StoreUnavailable."""
        if not self._vouch_days:
            raise CannotVouch(*_OFF)
        if is_shared(path.domain):
            raise CannotVouch(*_PROVIDER)
        await self._take_path(path, author)
        listed, name = list_address.lower(), self.author_name(author)
        if known := await self._known(author, listed, path):
            return known
        identity, keys = f"{name}-{secrets.token_hex(4)}", AuthorKeys(name)
        state = VouchState(day_of(at), day_of(at), False, self.path_name(path), how.value, listed)
        sealed = self._seal(identity, {"author": author, "by": by, "at": at, "path": _plain(path)})
        written = state.written() + sealed
        await self._audit(listed, "vouch", at, identity, author, by, how.value)
        await self._guard.write(VOUCHES, ("ZADD", VOUCHES, at, identity))
        call = LIBRARY.call("vouch", (keys.vouches,), identity, written, self._vouch_days, MOST_VOUCHES)
        stands = (await self._guard.write(keys.vouches, call))[0].decode()
        if stands != identity:
            await self._lanes.one(VOUCHES, "ZREM", VOUCHES, identity)
        if not stands:
            raise CannotVouch(*_MANY)
        return str(stands)

    async def _known(self, author: str, list_address: str, path: Path) -> str:
        """The id of the vouch that stands for this already, "" for none. Raises CannotVouch where there are too many.

        So nothing is written down that changes nothing; who comes at the same moment is told apart by the write itself.
        """
        vouches = [vouch for vouch in await self.vouches(author=author) if not vouch.lapsed]
        same = next((vouch.id for vouch in vouches if (vouch.list, vouch.path) == (list_address, path)), "")
        if not same and len(vouches) >= MOST_VOUCHES:
            raise CannotVouch(*_MANY)
        return same

    async def _take_path(self, path: Path, author: str) -> None:
        """Note that this author uses the path, for as long as a vouch lasts. Raises CannotVouch where others do."""
        key = path_key(self.path_name(path))
        words = (self.author_name(author), self._today(), self._vouch_days, MOST_AUTHORS, 1)
        others, *_ = (await self._guard.write(key, LIBRARY.call("sighted", (key,), *words)))[0]
        if others:
            raise CannotVouch(*_SHARED)

    async def revoke(self, id: str, by: str, at: float) -> Vouch:
        """End a vouch and return what it was. Raises UnknownVouch, StoreUnavailable."""
        key = AuthorKeys(id.partition("-")[0]).vouches
        written = await self._lanes.one(key, "HGET", key, id) if is_id(id) else None
        found = self._read(id, written)
        if found is None:
            raise UnknownVouch(id)
        vouch = found.vouch
        await self._audit(vouch.list, "revoke-vouch", at, id, vouch.author, by, vouch.how.value)
        await self._guard.write(key, ("HDEL", key, id))
        await self._lanes.one(VOUCHES, "ZREM", VOUCHES, id)
        return vouch

    async def vouches(self, list_address: str | None = None, author: str | None = None) -> tuple[Vouch, ...]:
        """All vouches that are remembered, newest first; of one list, of one author, or both."""
        wanted = list_address.lower() if list_address is not None else None
        found = await self._of_author(author) if author is not None else await self._of_site()
        chosen = [one for one in found if wanted in {None, one.vouch.list}]
        shown = await self._with_state(chosen)
        return tuple(sorted(shown, key=lambda vouch: vouch.at, reverse=True))

    async def _of_author(self, author: str) -> list[_Found]:
        key = AuthorKeys(self.author_name(author)).vouches
        found = await self._lanes.one(key, "HGETALL", key)
        read = (self._read(id.decode(), written) for id, written in found.items())
        return [one for one in read if one is not None]

    async def _of_site(self) -> list[_Found]:
        """By the index, which loses here what is gone."""
        ids = [id.decode() for id in await self._lanes.one(VOUCHES, "ZRANGE", VOUCHES, 0, -1)]
        found: list[_Found] = []
        for start in range(0, len(ids), PAGE):
            page = ids[start : start + PAGE]
            keys = [AuthorKeys(id.partition("-")[0]).vouches for id in page]
            texts = await self._lanes.spread([(key, ("HGET", key, id)) for key, id in zip(keys, page, strict=True)])
            found += filter(None, map(self._read, page, texts))
        gone = set(ids) - {one.vouch.id for one in found}
        if gone:
            await self._lanes.one(VOUCHES, "ZREM", VOUCHES, *sorted(gone))
        return found

    def _read(self, identity: str, written: bytes | None) -> _Found | None:
        """None where it is not there, too old, or cannot be read."""
        if not written or not self._vouch_days:
            return None
        try:
            state = read_vouch(written)
            values = self._unseal(identity, state.sealed)
            path = Path(Method(values["path"][0]), *values["path"][1:])
            at, how = float(values["at"]), How(state.how)
        except (ValueError, KeyError, TypeError, DamagedBody):
            return None
        if state.used + self._vouch_days < self._today():
            return None
        used_at = max(at, float(state.used * DAY_S))
        return _Found(Vouch(identity, state.list, values["author"], path, how, values["by"], at, used_at), state)

    async def _with_state(self, found: list[_Found]) -> list[Vouch]:
        """Say of each whether it counts: a path that others use too ends it, whether or not that was written down."""
        keys = [path_key(one.state.path) for one in found]
        users = await self._lanes.spread([(key, ("HKEYS", key)) for key in keys]) if keys else []
        shown = []
        for one, names in zip(found, users, strict=True):
            alone = set(names) <= {one.vouch.id.partition("-")[0].encode()}
            lapsed = "" if alone and not one.state.lapsed else "shared"
            shown.append(replace(one.vouch, lapsed=lapsed))
        return shown

    async def _audit(
        self, list_address: str, verb: str, at: float, identity: str, author: str, by: str, how: str
    ) -> None:
        """Write down who did what for whom, before it is in force."""
        keys = ListKeys(list_address)
        made = entry(verb, at, {"vouch": identity, "how": how}, {"author": author, "by": by})
        await self._guard.write(keys.audit, LIBRARY.call("append", (keys.audit, keys.clear), made.chained, made.clear))


def is_id(text: str) -> bool:
    """Whether a text may be the id of a vouch: it becomes part of a key's name."""
    name, _, rest = text.partition("-")
    return bool(name and rest) and all(sign in "0123456789abcdef" for sign in name + rest)


def _plain(path: Path) -> tuple[str, ...]:
    return (path.method.value, path.domain, path.selector)
