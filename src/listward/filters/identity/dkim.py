"""DKIM (RFC 6376): the signatures that were read from a message, verified with their keys, fetched side by side.

A pass here means: rsa-sha256 or ed25519-sha256, From signed, the whole body signed, not expired, a key that is not in
test mode. Everything weaker has another result.
"""

import asyncio
from collections.abc import Sequence

from listward.filters.identity.keys import UnusableKey, read_key
from listward.filters.identity.origin import AuthResult
from listward.filters.identity.signatures import Signature, verify
from listward.filters.probes import ProbeUnavailable, Resolver


async def check_signatures(signatures: Sequence[Signature], resolver: Resolver) -> tuple[AuthResult, ...]:
    """Verify the signatures of a message; one result each, or a single "none". Never raises."""
    if not signatures:
        return (AuthResult("dkim", "none"),)
    if len(signatures) == 1:  # no task for what is one wait
        return (await _checked(signatures[0], resolver),)
    return tuple(await asyncio.gather(*(_checked(signature, resolver) for signature in signatures)))


async def _checked(signature: Signature, resolver: Resolver) -> AuthResult:
    refused = signature.refused
    if refused is not None:
        return AuthResult("dkim", refused.result, detail=refused.detail, property="header.d")
    try:
        return verify(signature, read_key(await resolver.query(signature.key_name, "TXT")))
    except ProbeUnavailable:
        return signature.result("temperror", "the key cannot be fetched now")
    except UnusableKey as reason:
        return signature.result("permerror", str(reason))
