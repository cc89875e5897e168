"""The same text to many lists within a day. Asks the counters; without a store nothing is known and nothing is said."""

import asyncio

from listward.filters.findings import Finding
from listward.filters.probes import Counters, ProbeUnavailable
from listward.filters.routing.kinds import Kind, Target

CATEGORY = "flood"
OTHER_LISTS = 3


async def flood_findings(
    digest: str, targets: list[Target], counters: Counters | None
) -> dict[str, tuple[Finding, ...]]:
    """Return the finding for each posted-to list that got this body as one of several, by the list's address."""
    if counters is None or not digest:
        return {}
    lists = list(dict.fromkeys(target.list for target in targets if target.kind is Kind.POST and target.list))
    seen = await asyncio.gather(*(_seen(counters, digest, address) for address in lists))
    reason = "The same message went to several other lists today."
    finding = Finding("many-lists", CATEGORY, 0.8, reason)
    return {address: (finding,) for address, count in zip(lists, seen, strict=True) if count >= OTHER_LISTS}


async def _seen(counters: Counters, digest: str, address: str) -> int:
    """A store that is away stops posts by itself, where they are written down; this need not stop them too."""
    try:
        return await counters.seen_elsewhere(digest, address)
    except ProbeUnavailable:
        return 0
