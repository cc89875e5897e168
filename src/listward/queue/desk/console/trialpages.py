"""Rules on trial: what they would have done, and examples for a list's tuners, who say whether the rule is right."""

from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from listward.filters.judgement import Action
from listward.queue.desk.access.door import Entry
from listward.queue.desk.console.render import Pages
from listward.queue.desk.console.shared import field, posted, see_other, shown
from listward.queue.desk.console.words import ORIGINS
from listward.queue.desk.desk import Desk
from listward.queue.desk.trial_report import CRITERIA, advice
from listward.queue.desk.trials import UnknownExample
from listward.queue.store.observations import Place

MOST_SHOWN = 40  # on one page: what is marked goes behind what is not, so the others come up
ACTS = {
    Action.DISCARD: "dropped",
    Action.HOLD: "held for a person",
    Action.DEFER: "put off",
    Action.REJECT: "refused",
    Action.ACCEPT: "let through",
}
MARKS = {"right": True, "wrong": False, "none": None}


@shown
async def trials_page(_request: Request, desk: Desk, pages: Pages, entry: Entry) -> Response:
    """Each rule on trial in one line, whether it is ready, and where this person's examples are."""
    report = await desk.trials.report(entry.person)
    tuned = [mailing_list.address for mailing_list in desk.trials.tuned_by(entry.person)]
    values: dict[str, Any] = {"report": report, "tuned": tuned, "criteria": CRITERIA}
    return pages.page("trials.html", entry, **values, advice=advice(report.lines, report.observing))


@shown
async def examples_page(request: Request, desk: Desk, pages: Pages, entry: Entry) -> Response:
    """One rule's examples on one list, those without a mark first. The reading is written down."""
    address, rule = request.path_params["list"], request.path_params["rule"]
    kept = await desk.trials.examples(entry.person, address, rule)
    left = sum(one.mark is None for one in kept)
    words = {name: label for name, (label, _) in ORIGINS.items()}
    values: dict[str, Any] = {"rule": rule, "address": address, "kept": kept[:MOST_SHOWN], "left": left}
    return pages.page("examples.html", entry, **values, acts=ACTS, origins=words)


@posted
async def mark(request: Request, desk: Desk, _pages: Pages, entry: Entry, form: FormData) -> Response:
    """Say whether the rule would have been right about one example, or take that back."""
    address, rule, said = request.path_params["list"], request.path_params["rule"], field(form, "said")
    if said not in MARKS:
        raise UnknownExample(rule)
    place = Place(address, _number(form, "day"), rule, _number(form, "slot"), field(form, "id"))
    await desk.trials.mark(entry.person, rule, place, MARKS[said])
    return see_other(f"/trials/{quote(address)}/{quote(rule)}#next")


def _number(form: FormData, name: str) -> int:
    text = field(form, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
