"""The rulings of past cases, from the store: what became of each copy, and by which rules it was held. No people."""

import asyncio
import getpass
import time
from collections import Counter
from collections.abc import Iterable

from listward.cli.output import Unreachable
from listward.cli.replay_marks import Mark, Ruled
from listward.cli.replay_store import may_be_there
from listward.cli.running_store import running_store
from listward.config.policy import STAGES
from listward.config.site import Site
from listward.queue.cases.case import Case, CaseState
from listward.queue.store.connect import Store
from listward.queue.store.copying import POLICY

READ = "read-rulings"
MOST_RULINGS = 500_000
PAGE = 500
MOST_ADDRESSES = 256
"""Each costs a hash a message: the lists, and how people spell them."""
_STOPPED = frozenset({CaseState.REJECTED, CaseState.DISCARDED, CaseState.UPHELD, CaseState.FINAL, CaseState.CLOSED})
_KEPT = frozenset({CaseState.DELIVERING, CaseState.DELIVERED, CaseState.OVERTURNED})
_BY_PEOPLE = frozenset({"release", "reject", "discard"})
_HEX = frozenset("0123456789abcdef")
_NAME_LENGTH = 64


def rulings(site: Site, until: float, *, wanted: bool | None) -> Ruled | None:
    """Return the rulings made `until` then (Unix seconds), None where there are none to be had.

    The reading is written down in each list's log. `wanted` is None where nobody has asked for them: then a store that
    does not answer is passed over. Raises Unreachable.
    """
    if wanted is False or (wanted is None and not may_be_there(site)):
        return None
    try:
        return asyncio.run(_read(site, until))
    except (Unreachable, OSError) as error:
        if wanted is None:
            return None
        raise Unreachable(f"listward: the rulings cannot be read: {str(error).removeprefix('listward: ')}") from None


async def _read(site: Site, until: float) -> Ruled:
    async with running_store(site) as store:
        found, recipients = await _marks(store, until)
        counts = Counter(mark.list for mark in found.values())
        for address, count in sorted(counts.items()):
            await store.trail.append(address, READ, time.time(), {"cases": count}, {"by": getpass.getuser()})
    return Ruled(found, tuple(address for address, _ in recipients.most_common(MOST_ADDRESSES)), site.gateway.hostname)


async def _marks(store: Store, until: float) -> tuple[dict[str, Mark], Counter[str]]:
    """The newest rulings by copy, and how often each address stands in the names of copies."""
    found: dict[str, Mark] = {}
    recipients: Counter[str] = Counter()
    cursor = ""
    while len(found) < MOST_RULINGS:
        page = await store.cases.page(tuple(_STOPPED | _KEPT), limit=PAGE, cursor=cursor, newest_first=True)
        for case in page.cases:
            name = _copy(case)
            if name and ruled(case, until):
                found.setdefault(name, Mark(case.state in _STOPPED, tuple(_rules(case)), case.draft.list))
                recipients.update({case.draft.list, *case.draft.envelope.recipients})
        cursor = page.cursor
        if not cursor:
            break
    return found, recipients


def ruled(case: Case, until: float) -> bool:
    """Whether a person has ruled on a case for good, by then. Clocks, policies and authors' answers rule nothing."""
    ruling = case.ruling
    if ruling is None or ruling.by == POLICY or ruling.at > until or case.state not in _STOPPED | _KEPT:
        return False
    return ruling.verb in _BY_PEOPLE or case.state in {CaseState.OVERTURNED, CaseState.UPHELD, CaseState.FINAL}


def _copy(case: Case) -> str:
    """The name of the copy in the ledger's key; "" where the case was made in another way."""
    name = case.draft.ledger_key.partition(":")[0]
    return name if len(name) == _NAME_LENGTH and set(name) <= _HEX else ""


def _rules(case: Case) -> Iterable[str]:
    """The rules that held it: their reasons stand under a stage, those of findings under a category."""
    return dict.fromkeys(reason.rule for reason in case.draft.reasons if reason.category in STAGES)
