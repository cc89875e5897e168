"""The page of frozen accounts: who is frozen, the switch to freeze, and the switch back."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from listward.queue.desk.access.door import Entry
from listward.queue.desk.console.render import Pages
from listward.queue.desk.console.shared import field, posted, shown
from listward.queue.desk.desk import Desk
from listward.queue.desk.freezing import LONGEST_REASON, Turning
from listward.queue.desk.rulings import NeedsWords, NotYours

LONGEST_ADDRESS = 320


@shown
async def accounts_page(request: Request, desk: Desk, pages: Pages, entry: Entry) -> Response:
    """Who is frozen. `?address=` fills in the form, and freezes nothing."""
    return await _page(desk, pages, entry, address=request.query_params.get("address", "")[:LONGEST_ADDRESS])


@posted
async def turn(request: Request, desk: Desk, pages: Pages, entry: Entry, form: FormData) -> Response:
    """Freeze or thaw one account."""
    verb = request.path_params["verb"]
    if verb not in {"freeze", "thaw"}:
        raise NotYours("This is not for people to do.")
    act = desk.freezing.freeze if verb == "freeze" else desk.freezing.thaw
    address, reason = field(form, "address")[:LONGEST_ADDRESS], field(form, "reason")
    try:
        turning = await act(entry.person, address, reason)
    except NeedsWords as problem:
        return await _page(desk, pages, entry, 422, address=address, reason=reason, problem=str(problem), verb=verb)
    return await _page(desk, pages, entry, turning=turning, verb=verb)


async def _page(
    desk: Desk,
    pages: Pages,
    entry: Entry,
    status: int = 200,
    *,
    address: str = "",
    reason: str = "",
    problem: str = "",
    verb: str = "",
    turning: Turning | None = None,
) -> Response:
    return pages.page(
        "accounts.html",
        entry,
        status,
        accounts=await desk.freezing.frozen(entry.person),
        may_turn=desk.freezing.may_turn(entry.person),
        address=address,
        reason=reason,
        problem=problem,
        verb=verb,
        turning=turning,
        longest=LONGEST_REASON,
    )
