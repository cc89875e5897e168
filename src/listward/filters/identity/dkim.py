"""DKIM (RFC 6376): the topmost signatures of a message, their keys fetched side by side.

A pass here means: rsa-sha256 or ed25519-sha256, From signed, the whole body signed, not expired, a key that is not in
test mode. Everything weaker has another result.
"""

import asyncio
import re
import time

import dkim

from listward.filters.identity.keys import KeyRecord, UnusableKey, read_key
from listward.filters.identity.origin import AuthResult
from listward.filters.identity.signatures import SIGNATURES, Refused, Signature, parse_header, read_signature, verify
from listward.filters.probes import ProbeUnavailable, Resolver

THREAD_OCTETS = 262_144
"""Larger messages are hashed in a thread, so that others do not wait."""

_FIELD = re.compile(rb"(?im)^dkim-signature:")


async def check_signatures(raw: bytes, resolver: Resolver, now: float | None = None) -> tuple[AuthResult, ...]:
    """Verify the topmost signatures of a message; one result each, or a single "none". Never raises.

    `now` is in Unix seconds, for x=; None is the present.
    """
    header_block, _, body = raw.partition(b"\r\n\r\n")
    count = min(len(_FIELD.findall(header_block)), SIGNATURES)
    if not count:
        return (AuthResult("dkim", "none"),)
    try:
        verifier = parse_header(header_block, body)
    except (dkim.DKIMException, IndexError):
        return (AuthResult("dkim", "permerror", detail="the header cannot be read"),)
    signatures = [_read(verifier, index, time.time() if now is None else now) for index in range(count)]
    keyed = await asyncio.gather(*(_with_key(signature, resolver) for signature in signatures))
    if len(raw) > THREAD_OCTETS:
        return await asyncio.to_thread(_verified, verifier, keyed)
    return _verified(verifier, keyed)


def _read(verifier: dkim.DKIM, index: int, now: float) -> Signature | AuthResult:
    try:
        return read_signature(verifier, index, now)
    except Refused as refusal:
        return AuthResult("dkim", refusal.result, detail=refusal.detail, property="header.d")


async def _with_key(signature: Signature | AuthResult, resolver: Resolver) -> AuthResult | tuple[Signature, KeyRecord]:
    """A signature with its key, or the result that already stands."""
    if isinstance(signature, AuthResult):
        return signature
    try:
        return signature, read_key(await resolver.query(signature.key_name, "TXT"))
    except ProbeUnavailable:
        return signature.result("temperror", "the key cannot be fetched now")
    except UnusableKey as reason:
        return signature.result("permerror", str(reason))


def _verified(verifier: dkim.DKIM, keyed: list[AuthResult | tuple[Signature, KeyRecord]]) -> tuple[AuthResult, ...]:
    """Verify one after the other: dkimpy's verifier holds one signature at a time."""
    return tuple(item if isinstance(item, AuthResult) else verify(verifier, *item) for item in keyed)
