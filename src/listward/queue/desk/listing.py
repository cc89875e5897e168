"""Listings: only what the person may see, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from listward.queue.cases.case import Case, CaseState
from listward.queue.desk.access.person import Person
from listward.queue.desk.rulings import Rulings
from listward.queue.store.ports import CasePage, Cases

MOST = 200
_FETCHES = 40  # a bound on the work of one request; the cursor tells where to go on


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. Empty means all; `text` is a case number or words of subject, author or list."""

    states: tuple[CaseState, ...] = ()
    lists: tuple[str, ...] = ()
    queue: str = ""
    text: str = ""

    def matches(self, case: Case) -> bool:
        """Whether a case has all words looked for."""
        draft = case.draft
        held = f"{case.number} {draft.subject} {draft.author} {draft.author_name} {draft.list}".lower()
        return all(word in held for word in self.text.lower().split())


async def listed(
    cases: Cases, rulings: Rulings, person: Person, wanted: Wanted, limit: int, cursor: str = ""
) -> CasePage:
    """Return up to `limit` cases this person may see, and where the next page starts ("" at the end)."""
    found: list[Case] = []
    for _ in range(_FETCHES):
        page = await cases.page(wanted.states, wanted.lists, wanted.queue, limit - len(found), cursor)
        cursor = page.cursor
        found += [case for case in page.cases if rulings.may_see(person, case) and wanted.matches(case)]
        if not cursor or len(found) >= limit:
            break
    return CasePage(tuple(found), cursor)


def states_of(names: Sequence[str]) -> tuple[CaseState, ...]:
    """Read state names. Raises ValueError naming those allowed."""
    allowed = {state.value: state for state in CaseState}
    if unknown := [name for name in names if name not in allowed]:
        raise ValueError(f"no state is called {unknown[0]!r}; allowed: {', '.join(allowed)}")
    return tuple(allowed[name] for name in names)
