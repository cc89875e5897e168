"""Passwords: argon2id, in a thread, because one hash takes a noticeable part of a second."""

import asyncio
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

MIN_LENGTH = 10
MAX_LENGTH = 1000  # a bound for the hash's work, far above any pass phrase


class WeakPassword(ValueError):
    """The password is too short or too long; the text says what is allowed."""


class Passwords:
    """Hashes and checks passwords. A check against no hash takes as long as a real one, so nobody learns who exists."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        """A hash that no password is kept under; made in the thread, at the first need."""
        return self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Return the hash to keep. Raises WeakPassword."""
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise WeakPassword(f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters")
        return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, kept: str, password: str) -> bool:
        """Whether the password is the one behind the kept hash; "" matches nothing."""
        matched = await asyncio.to_thread(self._verify, kept, password[:MAX_LENGTH])
        return matched and bool(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept or self._nobody, password)
        except (Argon2Error, InvalidHashError):
            return False
