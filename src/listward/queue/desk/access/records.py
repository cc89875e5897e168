"""What is kept of users, sessions and tokens, and what the rest of the desk may ask of it."""

from dataclasses import dataclass
from typing import Protocol

from listward.queue.desk.access.person import AccessRole


@dataclass(frozen=True, slots=True)
class User:
    """One user. `epoch` grows with every new password and every disabling: older sessions end at once."""

    address: str
    roles: frozenset[AccessRole]
    password_hash: str = ""
    disabled: bool = False
    epoch: int = 0
    zone: str = "UTC"
    created_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in. `csrf` goes into every form; `epoch` is the user's at log-in. Times are Unix seconds."""

    address: str
    csrf: str
    epoch: int
    created_at: float


@dataclass(frozen=True, slots=True)
class Token:
    """One bearer token: the hash of its secret, never the secret. `expires_at` 0 never expires."""

    id: str
    address: str
    digest: str
    label: str
    scopes: frozenset[str]
    created_at: float
    expires_at: float = 0.0


class AccessStore(Protocol):
    """Users, sessions, tokens and counts of tries. Every method raises StoreUnavailable."""

    async def user(self, address: str) -> User | None:
        """Return the user of that address."""
        ...

    async def users(self) -> tuple[User, ...]:
        """Return every user, by address."""
        ...

    async def save_user(self, user: User) -> None:
        """Write a user, replacing the one of that address."""
        ...

    async def session(self, digest: str) -> Session | None:
        """Return the session under this digest of its cookie."""
        ...

    async def save_session(self, digest: str, session: Session, idle_s: int) -> None:
        """Write a session that lapses after `idle_s` seconds without use."""
        ...

    async def touch_session(self, digest: str, idle_s: int) -> None:
        """Let a session live for another `idle_s` seconds."""
        ...

    async def end_session(self, digest: str) -> None:
        """Forget a session."""
        ...

    async def token(self, identity: str) -> Token | None:
        """Return the token of that id."""
        ...

    async def tokens(self) -> tuple[Token, ...]:
        """Return every token, by id."""
        ...

    async def save_token(self, token: Token) -> None:
        """Write a token."""
        ...

    async def end_token(self, identity: str) -> bool:
        """Forget a token; False where there was none."""
        ...

    async def count_try(self, name: str, window_s: int) -> int:
        """Count one try and return how many there are; they lapse `window_s` seconds after the first."""
        ...

    async def uncount_try(self, name: str) -> None:
        """Take one try back: it succeeded."""
        ...
