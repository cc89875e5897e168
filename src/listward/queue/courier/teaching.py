"""What a released message teaches once it has gone to its list: it is usual for its author from then on.

The gateway notes what passes by itself. What people have to look at first is noted here, since their release says that
it was the author's: so a move to another mail service is held once.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from listward.filters.identity.standing import Sighting
from listward.filters.probes import ProbeUnavailable, Rosters
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.store.ports import Event, StoreUnavailable

Note = Callable[[Iterable[Sighting]], Awaitable[None]]
Handler = Callable[[Event, Case], Awaitable[None]]
First = Callable[[str, int], Awaitable[bool]]
"""Whether nobody has said so within so many seconds (`store.switches.Switches.first`)."""
ONCE_S = 7 * 86_400  # an event that is handed on again comes within a day


class Teaching:
    """Handles "delivered". What cannot be noted is lost without harm: the next message says the same.

    An event may be handed on more than once, and a case is delivered once: with `first` it is counted once.
    """

    def __init__(self, note: Note, rosters: Rosters | None = None, first: First | None = None) -> None:
        self._note = note
        self._rosters = rosters
        self._first = first

    async def on_event(self, event: Event, case: Case) -> None:
        """Note one delivery. Never raises for trouble with the store."""
        if event.verb != "delivered" or case.draft.is_copy or not case.draft.proven_member:
            return
        sighting = self._sighting(case.draft, event.at)
        if sighting.post is not None or sighting.delivered:
            with suppress(StoreUnavailable):
                if self._first is None or await self._first(f"taught {case.number}", ONCE_S):
                    await self._note((sighting,))

    def _sighting(self, draft: CaseDraft, at: float) -> Sighting:
        counted = (draft.list,) if self._is_first_post(draft) else ()
        return Sighting(draft.author, at, post=draft.post, delivered=counted)

    def _is_first_post(self, draft: CaseDraft) -> bool:
        """Whether the roster has this author's first posts looked at; then each that goes out counts."""
        try:
            entry = self._rosters.find(draft.list, draft.author) if self._rosters is not None else None
        except ProbeUnavailable:
            return False
        return entry is not None and entry.first_posts_moderated


def followed(first: Handler | None, then: Handler) -> Handler:
    """Return a handler that does both, the second only once the first has succeeded."""

    async def both(event: Event, case: Case) -> None:
        if first is not None:
            await first(event, case)
        await then(event, case)

    return both
