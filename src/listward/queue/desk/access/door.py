"""The door: who comes in by password, by session cookie or by bearer token."""

import hmac
from dataclasses import dataclass, replace

from listward.config.site import Site
from listward.queue.desk.access.passwords import Passwords
from listward.queue.desk.access.person import AccessRole, Person, person_for
from listward.queue.desk.access.records import AccessStore, Session, Token, User
from listward.queue.desk.access.secret import digest_of, new_secret
from listward.runtime.clock import Clock

IDLE_S = 2 * 3600
LIFE_S = 12 * 3600
WINDOW_S = 15 * 60
SCOPES = ("cases", "check")
TRIES_TOGETHER, TRIES_CLIENT, TRIES_ADDRESS = 5, 30, 50


class NoEntry(Exception):
    """Address and password do not fit; which of the two is never said."""


class TooManyTries(Exception):
    """Too many failed tries; try again later."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who came in. `csrf` is None for a bearer token, which no browser sends by itself."""

    person: Person
    csrf: str | None
    scopes: frozenset[str] = frozenset(SCOPES)

    def proves(self, given: str) -> bool:
        """Whether a form's token is this session's own."""
        return self.csrf is None or hmac.compare_digest(self.csrf.encode(), given.encode(errors="replace"))


class Door:
    """Lets people in and out."""

    def __init__(self, store: AccessStore, site: Site, clock: Clock, passwords: Passwords | None = None) -> None:
        self._store = store
        self._site = site
        self._clock = clock
        self._passwords = passwords or Passwords()

    async def log_in(self, address: str, password: str, client: str) -> str:
        """Return a new session's secret. Raises NoEntry or TooManyTries; tries count per client and per address."""
        wanted = address.strip().lower()
        names = await self._count(wanted, client)
        user = await self._store.user(wanted)
        kept = user.password_hash if user and not user.disabled else ""
        if not await self._passwords.matches(kept, password) or user is None:
            raise NoEntry
        for name in names:
            await self._store.uncount_try(name)
        secret = new_secret()
        session = Session(user.address, new_secret(), user.epoch, self._clock.now())
        await self._store.save_session(digest_of(secret), session, IDLE_S)
        return secret

    async def _count(self, address: str, client: str) -> list[str]:
        """Count this try before the password is looked at, so that tries sent at once do not all get through."""
        limits = _limits(address, client)
        counts = [await self._store.count_try(name, WINDOW_S) for name, _ in limits]
        if any(count > limit for count, (_, limit) in zip(counts, limits, strict=True)):
            raise TooManyTries
        return [name for name, _ in limits]

    async def by_session(self, secret: str) -> Entry | None:
        """Who holds this cookie; None where it lapsed, was ended or its user changed since."""
        digest = digest_of(secret)
        session = await self._store.session(digest)
        if session is None or self._clock.now() - session.created_at > LIFE_S:
            return None
        user = await self._store.user(session.address)
        if user is None or user.disabled or user.epoch != session.epoch:
            return None
        await self._store.touch_session(digest, IDLE_S)
        return Entry(person_for(self._site, user.address, user.roles, user.zone), session.csrf)

    async def by_token(self, bearer: str) -> Entry | None:
        """Who holds this bearer token; None where it is wrong, lapsed, revoked or its user is disabled."""
        identity, _, secret = bearer.partition(".")
        token = await self._store.token(identity)
        if token is None or not hmac.compare_digest(token.digest, digest_of(secret)):
            return None
        if token.expires_at and self._clock.now() >= token.expires_at:
            return None
        user = await self._store.user(token.address)
        if user is None or user.disabled:
            return None
        return Entry(person_for(self._site, user.address, user.roles, user.zone), None, token.scopes)

    async def log_out(self, secret: str) -> None:
        """End a session."""
        await self._store.end_session(digest_of(secret))

    async def add_user(self, address: str, roles: frozenset[AccessRole], password: str, zone: str = "UTC") -> User:
        """Write a new user. Raises ValueError where there is one, WeakPassword for a poor password."""
        wanted = address.strip().lower()
        if "@" not in wanted:
            raise ValueError(f"{wanted} is not a mail address")
        if await self._store.user(wanted):
            raise ValueError(f"{wanted} is a user already")
        kept = await self._passwords.hash(password)
        user = User(wanted, roles, kept, zone=zone, created_at=self._clock.now())
        await self._store.save_user(user)
        return user

    async def change_password(self, address: str, password: str) -> None:
        """Set a new password, enable the user and end every session. Raises KeyError, WeakPassword."""
        user = await self._existing(address)
        kept = await self._passwords.hash(password)
        await self._store.save_user(replace(user, password_hash=kept, epoch=user.epoch + 1, disabled=False))

    async def disable(self, address: str) -> None:
        """Keep a user out: sessions and tokens end at once. Raises KeyError."""
        user = await self._existing(address)
        await self._store.save_user(replace(user, disabled=True, epoch=user.epoch + 1))

    async def issue_token(self, address: str, label: str, scopes: frozenset[str], days: int = 0) -> str:
        """Return a new bearer token, shown once. `days` 0 never expires. Raises KeyError, ValueError for a scope."""
        user = await self._existing(address)
        if unknown := scopes - set(SCOPES):
            raise ValueError(f"no such scope: {', '.join(sorted(unknown))}; allowed: {', '.join(SCOPES)}")
        now = self._clock.now()
        identity, secret = f"lw_{new_secret()[:10]}".replace(".", "-"), new_secret()
        expires_at = now + days * 86_400 if days else 0.0
        token = Token(identity, user.address, digest_of(secret), label, scopes, now, expires_at)
        await self._store.save_token(token)
        return f"{identity}.{secret}"

    async def _existing(self, address: str) -> User:
        user = await self._store.user(address.strip().lower())
        if user is None:
            raise KeyError(address)
        return user


def _limits(address: str, client: str) -> tuple[tuple[str, int], ...]:
    """Names and bounds of the counts: together strict, alone loose, so that a stranger cannot lock a person out."""
    return (
        (f"both:{digest_of(f'{client} {address}')}", TRIES_TOGETHER),
        (f"client:{digest_of(client)}", TRIES_CLIENT),
        (f"address:{digest_of(address)}", TRIES_ADDRESS),
    )
