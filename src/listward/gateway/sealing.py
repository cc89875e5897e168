"""Seals a message on its way out, without keeping others waiting and without ever losing it for want of a seal."""

import asyncio
from collections.abc import Iterator

from listward.filters.identity.canonical import relaxed_digest
from listward.gateway.failures import place_of
from listward.gateway.services import Services
from listward.gateway.session.door import Arrival
from listward.gateway.snapshot import Snapshot
from listward.gateway.trace.seal import Sealer, Unsealed
from listward.gateway.trace.stamp import Cleaned
from listward.wire.payload import Payload

AT_ONCE = 262_144
"""A message up to here is sealed in the loop; a larger one in a thread."""


async def seal_fields(services: Services, snapshot: Snapshot, arrival: Arrival, cleaned: Cleaned) -> bytes:
    """Return the fields of our seal, b"" where there is no key, nothing to build on, or the work fails."""
    sealer = snapshot.sealer
    if sealer is None:
        return b""
    results = snapshot.stamp.marker.results(cleaned.header, cleaned.facts.message_id)
    outcome = "sealed"
    try:
        if len(cleaned.content) <= AT_ONCE:
            return _sealed(sealer, cleaned, results, arrival.at)
        return await asyncio.to_thread(_sealed, sealer, cleaned, results, arrival.at)
    except Unsealed as reason:
        outcome = "unsealed"
        services.log.event("unsealed", arrival.id, reason=str(reason))
    except Exception as error:  # whatever goes wrong, the message leaves
        outcome = "failed"
        services.log.event("unsealed", arrival.id, reason="failed", error=type(error).__name__, at=place_of(error))
    finally:
        services.metrics.arc_seals.labels(outcome).inc()
    return b""


def _sealed(sealer: Sealer, cleaned: Cleaned, results: str, at: float) -> bytes:
    body = relaxed_digest(_body(cleaned.content, len(cleaned.header) + len(b"\r\n")))
    return sealer.seal(cleaned.header, body, results, at)


def _body(content: Payload, start: int) -> Iterator[bytes]:
    """The octets from `start` on, block by block."""
    for block in content.blocks():
        yield block[start:]
        start = max(0, start - len(block))
