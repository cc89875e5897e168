"""The pages that list cases: the queue, strangers' likely spam, what was decided, and the search."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from listward.queue.cases.case import Case, CaseState
from listward.queue.cases.numbers import NotANumber, parse_number
from listward.queue.desk.access.door import Entry
from listward.queue.desk.access.person import Person
from listward.queue.desk.bundle import of_any_roster, order
from listward.queue.desk.console.render import Pages
from listward.queue.desk.console.shared import see_other, shown
from listward.queue.desk.console.words import DISOWNED, origin_words
from listward.queue.desk.desk import Desk
from listward.queue.desk.listing import Wanted, listed
from listward.queue.desk.reads import note_search
from listward.queue.desk.rulings import NotYours
from listward.queue.notices.offices import is_to_office
from listward.queue.store.ports import UnknownCase

OPEN = (CaseState.HELD, CaseState.CLAIMED)
DECIDED = tuple(state for state in CaseState if state not in OPEN)
MOST = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list: with the words on its author."""

    case: Case
    label: str
    explanation: str

    @property
    def reason(self) -> str:
        """Why it was held, the first reason's sentence."""
        return self.case.draft.reasons[0].sentence if self.case.draft.reasons else ""


def row_of(desk: Desk, case: Case) -> Row:
    """A case with the words on its author."""
    lists = [case.draft.list]
    if is_to_office(case.draft):
        lists = [entry.address for entry in desk.configuration.site.lists]
    of_roster = of_any_roster(case.draft, desk.rosters, lists)
    label, explanation = DISOWNED if case.denied else origin_words(case.draft, of_roster)
    return Row(case, label, explanation)


async def open_cases(desk: Desk, person: Person) -> tuple[list[Case], list[Case], bool]:
    """The person's open cases in order, strangers' likely spam apart, and whether there are more than shown."""
    page = await listed(desk.cases, desk.rulings, person, Wanted(OPEN), MOST)
    bundle = [case for case in page.cases if desk.rulings.is_bundled(case)]
    numbers = {case.number for case in bundle}
    single = [case for case in page.cases if case.number not in numbers]
    single.sort(key=lambda case: order(case, desk.rosters))
    return single, bundle, bool(page.cursor)


@shown
async def queue_page(request: Request, desk: Desk, pages: Pages, entry: Entry) -> Response:
    """The queue: members' messages first, strangers' likely spam as one line."""
    single, bundle, more = await open_cases(desk, entry.person)
    done = await _just_done(desk, entry.person, request.query_params.get("done", ""))
    return pages.page(
        "queue.html",
        entry,
        rows=[row_of(desk, case) for case in single],
        bundle=len(bundle),
        more=more,
        done=done,
        undo_s=_undo_s(done, desk.clock.now()),
        vouched=request.query_params.get("vouched", ""),
        discarded=_count(request.query_params.get("discarded", "")),
        problem=await desk.ready(),
    )


async def _just_done(desk: Desk, person: Person, number: str) -> Case | None:
    """The case that was just decided, so that its undo is at hand."""
    try:
        return await desk.rulings.see(person, number) if number else None
    except (UnknownCase, NotYours):
        return None


def _undo_s(case: Case | None, now: float) -> int:
    """Whole seconds in which a release can still be taken back, 0 when it cannot."""
    if case is None or case.state is not CaseState.RELEASED:
        return 0
    return max(0, int(case.deliver_after - now))


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


@shown
async def bundle_page(_request: Request, desk: Desk, pages: Pages, entry: Entry) -> Response:
    """Strangers' likely spam on one page, all ticked."""
    _, bundle, more = await open_cases(desk, entry.person)
    rows = [row_of(desk, case) for case in bundle]
    return pages.page("bundle.html", entry, rows=rows, more=more, outcomes=())


@shown
async def decided_page(_request: Request, desk: Desk, pages: Pages, entry: Entry) -> Response:
    """What was decided in the last seven days, the newest first."""
    page = await listed(desk.cases, desk.rulings, entry.person, Wanted(DECIDED), MOST)
    since = desk.clock.now() - 7 * 86_400
    recent = [case for case in page.cases if case.changed_at >= since]
    recent.sort(key=lambda case: -case.changed_at)
    return pages.page("decided.html", entry, rows=[row_of(desk, case) for case in recent[:200]])


@shown
async def find(request: Request, desk: Desk, pages: Pages, entry: Entry) -> Response:
    """Open a case by its number, or list the cases whose subject, author or list has the words."""
    text = request.query_params.get("q", "").strip()[:200]
    try:
        return see_other(f"/cases/{parse_number(text)}")
    except NotANumber as problem:
        hint = str(problem) if text[:1].isdigit() else ""
    rows: list[Row] = []
    if text and not hint:
        page = await listed(desk.cases, desk.rulings, entry.person, Wanted(text=text), 100)
        await note_search(desk.reads, page.cases, entry.person.address, desk.clock.now())
        rows = [row_of(desk, case) for case in page.cases]
    return pages.page("found.html", entry, text=text, rows=rows, hint=hint)
