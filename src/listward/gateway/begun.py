"""What an earlier try of a message has begun and not ended: looked up before anything is refused or done again."""

from collections.abc import Mapping

from listward.filters.routing.kinds import Target
from listward.gateway import records as ledger
from listward.gateway.drafts import list_of
from listward.gateway.records import Records
from listward.gateway.services import Services


async def find_begun(services: Services, records: Records, targets: Mapping[str, Target]) -> None:
    """Note cases that were written though nobody was told: their worker died, or the store's answer was lost.

    Ordinary mail costs nothing here. Raises StoreUnavailable; then the client has to come again.
    """
    if not records.doubtful:
        return
    for address, target in targets.items():
        found = await services.cases.held_as(list_of(target), records.copies(address))
        outcomes = {key: ledger.held(number) for key, number in found.items()}
        records.known |= outcomes
        records.outcomes |= outcomes
