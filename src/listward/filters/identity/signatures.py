"""What one DKIM-Signature field says, as plain values, and whether its key confirms it (RFC 6376 section 6.1.3).

Where the message is read, `evidence` makes these values; here no octet of the message is needed any more.
"""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from listward.filters.identity.keys import KeyRecord, RsaKey
from listward.filters.identity.origin import AuthResult

_SHA256 = Prehashed(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Flaw:
    """A result other than "pass", in the words of RFC 8601, and why."""

    result: str
    detail: str


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. `digest` is that of the signed header fields, `value` the octets of b=.

    `algorithm` is the kind of key it needs ("rsa", "ed25519"), `identity` the domain of i=, `fields` the names in h= in
    lower case. `refused` stands whatever its key says, so none is asked for; `flaw` stands once the key fits.
    """

    domain: str = ""
    selector: str = ""
    algorithm: str = ""
    identity: str = ""
    fields: frozenset[str] = frozenset()
    signed_at: int | None = None
    digest: bytes = field(default=b"", repr=False)
    value: bytes = field(default=b"", repr=False)
    refused: Flaw | None = None
    flaw: Flaw | None = None

    @property
    def key_name(self) -> str:
        """Where the key is published (RFC 6376 section 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"

    def result(self, result: str, detail: str = "") -> AuthResult:
        """Return a result of this signature."""
        return AuthResult("dkim", result, self.domain, detail, "header.d", self.selector, self.fields, self.signed_at)


def verify(signature: Signature, record: KeyRecord) -> AuthResult:
    """Verify with the key; never raises."""
    if signature.algorithm != record.key.name:
        return signature.result("permerror", "the key is of another kind")
    if record.exact_identity and signature.identity != signature.domain:
        return signature.result("permerror", "i= must be in d= itself for this key")
    if signature.flaw is not None:
        return signature.result(signature.flaw.result, signature.flaw.detail)
    if not _confirms(record, signature):
        return signature.result("fail", "the signature does not match")
    # RFC 6376 section 3.6.1: t=y asks to be treated as unsigned.
    return signature.result("policy", "the key is in test mode") if record.testing else signature.result("pass")


def _confirms(record: KeyRecord, signature: Signature) -> bool:
    key = record.key
    try:
        if isinstance(key, RsaKey):
            key.public.verify(signature.value, signature.digest, padding.PKCS1v15(), _SHA256)
        else:
            key.public.verify(signature.value, signature.digest)  # RFC 8463 section 3: over the digest
    except (InvalidSignature, ValueError):
        return False
    return True
