"""Who may hand in mail on the submission listener: names, what proves them, and what they may write as."""

import asyncio
import hmac
from dataclasses import dataclass, field
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from listward.queue.desk.access.passwords import Passwords


@dataclass(frozen=True, slots=True)
class Identity:
    """One configured sender. `senders` are addresses, or domains, in lower case; `password` is an argon2 hash or ""."""

    name: str
    origin: Literal["internal", "member"]
    senders: frozenset[str]
    password: str = ""
    fingerprints: frozenset[str] = frozenset()
    subject: str = ""

    def may_write_as(self, author: str) -> bool:
        """Whether From may be this address, lower case; "" never is."""
        return bool(author) and (author in self.senders or author.rpartition("@")[2] in self.senders)


@dataclass(frozen=True)
class Identities:
    """All of them. A wrong password and a name that nobody has take the same time and end alike."""

    known: tuple[Identity, ...]
    passwords: Passwords = field(default_factory=Passwords)
    # One hash takes 64 MiB while it is computed: many clients that try at once must not take as much each.
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def take_passwords(self) -> bool:
        """Whether anybody has a password, so that AUTH is worth offering."""
        return any(identity.password for identity in self.known)

    def named(self, name: str | None) -> Identity | None:
        """Return the identity of that name."""
        return next((identity for identity in self.known if identity.name == name), None)

    async def by_password(self, name: str, password: str) -> Identity | None:
        """Return who logs in, None for everybody else."""
        found = self.named(name)
        kept = found.password if found is not None else ""
        async with self._one_at_a_time:
            return found if await self.passwords.matches(kept, password) else None

    def by_certificate(self, certificate: bytes) -> Identity | None:
        """Return whose certificate (DER, verified by TLS) this is."""
        try:
            parsed = x509.load_der_x509_certificate(certificate)
            subject = parsed.subject.rfc4514_string()
        except ValueError:
            return None
        fingerprint = parsed.fingerprint(SHA256()).hex()
        for identity in self.known:
            if any(hmac.compare_digest(fingerprint, known) for known in identity.fingerprints):
                return identity
            if identity.subject and identity.subject == subject:
                return identity
        return None
