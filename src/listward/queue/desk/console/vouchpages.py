"""The page of the ways of sending that somebody vouched for, and their end."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from listward.queue.desk.access.door import Entry
from listward.queue.desk.console.render import Pages
from listward.queue.desk.console.shared import posted, see_other, shown
from listward.queue.desk.desk import Desk
from listward.queue.desk.reads import note_vouches


@shown
async def vouches_page(request: Request, desk: Desk, pages: Pages, entry: Entry) -> Response:
    """Each list of this person's with its ways of sending, newest first. The reading is written down."""
    vouches = await desk.rulings.vouching.listed(entry.person)
    await note_vouches(desk.reads, vouches, entry.person.address, desk.clock.now())
    served = desk.rulings.vouching.lists_of(entry.person)
    # Nobody can vouch for anybody on an internal list, so there is nothing to show of it.
    lists = [mailing_list.address for mailing_list in served if mailing_list.zone != "internal"]
    by_list = {address: [one for one in vouches if one.list == address] for address in lists}
    revoked = request.query_params.get("revoked", "") == "1"
    return pages.page("vouches.html", entry, by_list=by_list, revoked=revoked)


@posted
async def revoke(request: Request, desk: Desk, _pages: Pages, entry: Entry, _form: FormData) -> Response:
    """End one at once."""
    await desk.rulings.vouching.revoke(entry.person, request.path_params["id"])
    return see_other("/vouches?revoked=1")
