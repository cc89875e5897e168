"""One DKIM-Signature field: read, judged by what it says of itself, verified with a key. Pure; dkimpy does the sums."""

import logging
from dataclasses import dataclass

import dkim
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from listward.filters.identity import canonical
from listward.filters.identity.domains import ascii_domain
from listward.filters.identity.keys import EdwardsKey, KeyRecord, RsaKey
from listward.filters.identity.origin import AuthResult

__all__ = ["SIGNATURES", "Refused", "Signature", "canonical", "parse_header", "read_signature", "verify"]

SIGNATURES = 5
"""How many signatures of one message are looked at, from the top (RFC 6376 section 8.4 asks for a bound)."""
FIELD_OCTETS = 8192
FIELDS_SIGNED = 200
DIGITS = 12  # RFC 6376 section 3.5: t= may have so many

_ALGORITHMS = {b"rsa-sha256": b"rsa", b"ed25519-sha256": b"ed25519"}
_SILENT = logging.Logger("dkim", level=logging.CRITICAL + 1)
"""dkimpy logs domains and header fields; our logs hold neither."""
_HOSTILE = (dkim.DKIMException, ValueError, KeyError, IndexError, TypeError)
"""What dkimpy raises on a field that is not as it should be."""


class Refused(Exception):
    """A signature that no key can make pass: `result` and `detail` are those of RFC 8601."""

    def __init__(self, result: str, detail: str) -> None:
        super().__init__(detail)
        self.result = result
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Signature:
    """A DKIM-Signature field that is worth a key. `fields` are the names in h=, in lower case and order."""

    tags: dict[bytes, bytes]
    fields: tuple[bytes, ...]
    header: tuple[bytes, bytes]
    domain: str
    selector: str

    @property
    def key_name(self) -> str:
        """Where the key is published (RFC 6376 section 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"

    def result(self, result: str, detail: str = "") -> AuthResult:
        """The result of this signature."""
        names = frozenset(name.decode("ascii", "replace") for name in self.fields)
        made = self.tags.get(b"t", b"").strip()
        signed_at = int(made) if made.isdigit() and len(made) <= DIGITS else None
        return AuthResult("dkim", result, self.domain, detail, "header.d", self.selector, names, signed_at)


def parse_header(header_block: bytes, body: bytes) -> dkim.DKIM:
    """Hand a message to dkimpy: only the header is parsed, the body has CRLF line ends already.

    Raises dkim.DKIMException or IndexError where the header is no header.
    """
    verifier = dkim.DKIM(header_block + b"\r\n\r\n", logger=_SILENT)
    verifier.body = body
    return verifier


def read_signature(verifier: dkim.DKIM, index: int, now: float) -> Signature:
    """Read the signature at that index from the top. Raises Refused where it cannot count whatever its key says."""
    try:
        tags, fields, headers = verifier.verify_headerprep(index)
    except _HOSTILE as error:
        raise Refused(*_reason(error)) from error
    if len(headers[index][1]) > FIELD_OCTETS or len(fields) > FIELDS_SIGNED:
        raise Refused("permerror", "the signature field is too large")
    domain, selector = (ascii_domain(tags[name].decode("utf-8", "replace")) for name in (b"d", b"s"))
    if not domain or not selector:
        raise Refused("permerror", "d= or s= is no domain name")
    signature = Signature(tags, tuple(fields), headers[index], domain, selector)
    _check_strength(signature, now)
    return signature


def _reason(error: Exception) -> tuple[str, str]:
    """dkimpy's refusals in our words: its own texts quote the message."""
    if "x= value is past" in str(error):
        return "fail", "the signature has expired"
    return "permerror", "the signature field is malformed"


def _check_strength(signature: Signature, now: float) -> None:
    """What a signature must be to count, beyond being right."""
    tags = signature.tags
    if tags[b"a"] not in _ALGORITHMS:
        # RFC 8301 section 3.1: rsa-sha1 must not be considered valid.
        raise Refused("policy", "the algorithm does not count")
    if b"from" not in signature.fields:
        # RFC 6376 section 5.4: From must be signed.
        raise Refused("permerror", "From is not signed")
    if b"l" in tags:
        # RFC 6376 section 8.2: with l= anybody can add to the body.
        raise Refused("policy", "only a part of the body is signed")
    if b"x" in tags and int(tags[b"x"]) < now:
        raise Refused("fail", "the signature has expired")


def verify(verifier: dkim.DKIM, signature: Signature, record: KeyRecord) -> AuthResult:
    """Verify with the key; never raises for anything the message holds."""
    if _ALGORITHMS[signature.tags[b"a"]] != record.key.name:
        return signature.result("permerror", "the key is of another kind")
    if record.exact_identity and _identity_domain(signature) != signature.domain:
        return signature.result("permerror", "i= must be in d= itself for this key")
    try:
        valid = _compute(verifier, signature, record.key)
    except dkim.ValidationError:
        return signature.result("fail", "the body was changed")
    except _HOSTILE:
        return signature.result("permerror", "the signature cannot be computed")
    if not valid:
        return signature.result("fail", "the signature does not match")
    # RFC 6376 section 3.6.1: t=y asks to be treated as unsigned.
    return signature.result("policy", "the key is in test mode") if record.testing else signature.result("pass")


def _identity_domain(signature: Signature) -> str:
    identity = signature.tags.get(b"i", b"@" + signature.tags[b"d"]).decode("utf-8", "replace")
    return ascii_domain(identity.rpartition("@")[2])


class _EdwardsVerifier:
    """The shape of key dkimpy calls for Ed25519. It keeps the answer instead of raising an exception of PyNaCl."""

    def __init__(self, public: Ed25519PublicKey) -> None:
        self._public = public
        self.valid = False

    def verify(self, digest: bytes, signature: bytes) -> None:
        """Verify the signature over the digest (RFC 8463 section 3)."""
        try:
            self._public.verify(signature, digest)
        except InvalidSignature:
            return
        self.valid = True


def _compute(verifier: dkim.DKIM, signature: Signature, key: RsaKey | EdwardsKey) -> bool:
    verifier.ktag, verifier.seqtlsrpt = key.name, False
    if isinstance(key, RsaKey):
        verifier.pk = {"modulus": key.modulus, "publicExponent": key.exponent}
        verifier.keysize = key.modulus.bit_length()
        return verifier.verify_sig_process(signature.tags, list(signature.fields), signature.header, None)
    verifier.pk = edwards = _EdwardsVerifier(key.public)
    verifier.keysize = 256
    verifier.verify_sig_process(signature.tags, list(signature.fields), signature.header, None)
    return edwards.valid
