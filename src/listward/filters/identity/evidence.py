"""DKIM where the message is read: every topmost signature as plain values that a key alone can confirm. Pure.

dkimpy reads and canonicalises; it never sees more header than our own bounds allow.
"""

import re
from dataclasses import replace

import dkim
from dkim.canonicalization import CanonicalizationPolicy, InvalidCanonicalizationPolicyError
from dkim.util import InvalidTagValueList, parse_tag_value

from listward.filters.identity.domains import ascii_domain
from listward.filters.identity.signatures import Flaw, Signature
from listward.filters.identity.source import (
    DIGITS,
    FIELD_OCTETS,
    HeaderField,
    Source,
    Unreadable,
    chosen,
    header_digest,
    octets,
)

SIGNATURES = 5
"""How many signatures of one message are looked at, from the top (RFC 6376 section 8.4 asks for a bound)."""
FIELDS_SIGNED = 200

_FIELD = re.compile(rb"(?im)^dkim-signature:")
_COLON = re.compile(rb"\s*:\s*")
_MANY_BLANKS = re.compile(rb"\s{200}")
_ALGORITHMS = {b"rsa-sha256": "rsa", b"ed25519-sha256": "ed25519"}
_HOSTILE = (dkim.DKIMException, InvalidTagValueList, ValueError, KeyError, IndexError, TypeError)
"""What dkimpy raises on a field that is not as it should be."""
_UNREADABLE = (Signature(refused=Flaw("permerror", "the header cannot be read")),)


class _Refused(Exception):
    """A signature that no key can make pass."""

    def __init__(self, result: str, detail: str) -> None:
        super().__init__(detail)
        self.flaw = Flaw(result, detail)


def read_signatures(header_block: bytes, raw: bytes, start: int, now: float) -> tuple[Signature, ...]:
    """Read the topmost signatures of a message: see `signatures_in`.

    `header_block` has no empty line at its end; the body stands from `start` on in `raw`.
    """
    return signatures_in(Source(header_block, raw, start), now)


def signatures_in(source: Source, now: float) -> tuple[Signature, ...]:
    """Read the topmost signatures of a message, () where it has none. Never raises for anything the message holds.

    `now` is in Unix seconds, for x=.
    """
    count = min(len(_FIELD.findall(source.block)), SIGNATURES)
    if not count:
        return ()
    try:
        header = source.header
    except Unreadable:
        return _UNREADABLE
    written = [one for one in header if one[0].lower() == b"dkim-signature"]
    return tuple(_read(source, written[at] if at < len(written) else None, now) for at in range(count))


def _read(source: Source, written: HeaderField | None, now: float) -> Signature:
    try:
        if written is None:
            raise _Refused("permerror", "the signature field is malformed")
        tags, fields = _tags(written)
        return _proof(source, written, _signature(tags, fields, now), tags, fields)
    except _Refused as refusal:
        return Signature(refused=refusal.flaw)


def _tags(written: HeaderField) -> tuple[dict[bytes, bytes], list[bytes]]:
    """The tags of a signature field, and the names in h=."""
    value = written[1]
    if len(value) > FIELD_OCTETS or _MANY_BLANKS.search(value):
        raise _Refused("permerror", "the signature field is too large")
    try:
        tags = parse_tag_value(value)
        dkim.validate_signature_fields(tags)
    except _HOSTILE as error:
        raise _Refused(*_reason(error)) from error
    fields = [name.lower() for name in _COLON.split(tags[b"h"])]
    if len(fields) > FIELDS_SIGNED:
        raise _Refused("permerror", "the signature field is too large")
    return tags, fields


def _reason(error: Exception) -> tuple[str, str]:
    """dkimpy's refusals in our words: its own texts quote the message."""
    if "x= value is past" in str(error):
        return "fail", "the signature has expired"
    return "permerror", "the signature field is malformed"


def _signature(tags: dict[bytes, bytes], fields: list[bytes], now: float) -> Signature:
    """What the field says of itself. Raises _Refused where it cannot count whatever its key says."""
    domain, selector = (ascii_domain(tags[name].decode("utf-8", "replace")) for name in (b"d", b"s"))
    if not domain or not selector:
        raise _Refused("permerror", "d= or s= is no domain name")
    _check_strength(tags, fields, now)
    made = tags.get(b"t", b"").strip()
    identity = tags.get(b"i", b"@" + tags[b"d"]).decode("utf-8", "replace")
    return Signature(
        domain=domain,
        selector=selector,
        algorithm=_ALGORITHMS[tags[b"a"]],
        identity=ascii_domain(identity.rpartition("@")[2]),
        fields=frozenset(name.decode("ascii", "replace") for name in fields),
        signed_at=int(made) if made.isdigit() and len(made) <= DIGITS else None,
    )


def _check_strength(tags: dict[bytes, bytes], fields: list[bytes], now: float) -> None:
    """What a signature must be to count, beyond being right."""
    if tags[b"a"] not in _ALGORITHMS:
        # RFC 8301 section 3.1: rsa-sha1 must not be considered valid.
        raise _Refused("policy", "the algorithm does not count")
    if b"from" not in fields:
        # RFC 6376 section 5.4: From must be signed.
        raise _Refused("permerror", "From is not signed")
    if b"l" in tags:
        # RFC 6376 section 8.2: with l= anybody can add to the body.
        raise _Refused("policy", "only a part of the body is signed")
    if b"x" in tags and int(tags[b"x"]) < now:
        raise _Refused("fail", "the signature has expired")


def _proof(
    source: Source, written: HeaderField, signature: Signature, tags: dict[bytes, bytes], fields: list[bytes]
) -> Signature:
    """The signature with what its key has to confirm."""
    try:
        policy = CanonicalizationPolicy.from_c_value(tags.get(b"c", b"simple/simple"))
        claimed = octets(tags[b"bh"])
        value = octets(tags[b"b"])
    except (*_HOSTILE, InvalidCanonicalizationPolicyError):
        return replace(signature, flaw=Flaw("permerror", "the signature cannot be computed"))
    if source.body_digest(policy.body_algorithm.name == b"relaxed") != claimed:
        return replace(signature, flaw=Flaw("fail", "the body was changed"))
    # One more From than there are: so that none can be added (RFC 6376 section 5.4.2).
    signed = chosen(source.header, [*fields, b"from"])
    digest = header_digest(signed, written, relaxed=policy.header_algorithm.name == b"relaxed")
    return replace(signature, digest=digest, value=value)
