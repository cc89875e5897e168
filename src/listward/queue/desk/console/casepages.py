"""The page of one case, and the acts on it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from listward.config.policy import Clause, Policy
from listward.queue.cases.case import Case, CaseState, Reason
from listward.queue.cases.commands import Verb
from listward.queue.desk.access.door import Entry
from listward.queue.desk.api.routes import download
from listward.queue.desk.console.casefile import CaseFile, lay_out
from listward.queue.desk.console.marks import SUBJECT_VIEWS, marked
from listward.queue.desk.console.ownname import fair_reasons
from listward.queue.desk.console.queuepages import OPEN, row_of
from listward.queue.desk.console.render import Pages
from listward.queue.desk.console.shared import field, posted, see_other, shown, version_in
from listward.queue.desk.console.whys import whys
from listward.queue.desk.desk import Desk
from listward.queue.desk.rulings import VERBS, NeedsWords, NotYours
from listward.queue.notices.asked import roster_entry
from listward.queue.notices.languages import languages_for
from listward.queue.notices.offices import is_to_office
from listward.queue.store.ports import Conflict, UnknownCase

STAY = {Verb.CLAIM, Verb.UNDO}  # after these the case is still to be decided


@dataclass(frozen=True, slots=True)
class Words:
    """What the reject form starts with."""

    clause: str = ""
    sentence: str = ""
    problem: str = ""


def prefilled(reasons: Sequence[Reason], policy: Policy, language: str) -> Words:
    """Clause and sentence of one reason, the first that cites a clause, in the author's language."""
    for reason in reasons:
        rule = next((rule for rule in policy.rules if rule.name == reason.rule), None)
        clause = reason.clause or (rule.clause if rule else "")
        if clause and policy.clause(clause):
            return Words(clause, _sentence(reason, policy, language))
    return Words(sentence=_sentence(reasons[0], policy, language) if reasons else "")


def _sentence(reason: Reason, policy: Policy, language: str) -> str:
    """The rule's words in that language, else what was recorded, where that is in the same language."""
    return policy.words(reason.rule, language) or (reason.sentence if language == policy.language else "")


def _language(desk: Desk, case: Case) -> str:
    """The language the author is written to first."""
    return languages_for(case.draft, desk.configuration.site, desk.rosters)[0]


@shown
async def case_page(request: Request, desk: Desk, pages: Pages, entry: Entry) -> Response:
    """One case: why it was held, its text with the marked words, and what can be done."""
    case = await desk.open(entry.person, request.path_params["number"])
    words = prefilled(_reasons(desk, case), desk.configuration.policy, _language(desk, case))
    return await show_case(desk, pages, entry, case, words)


async def show_case(desk: Desk, pages: Pages, entry: Entry, case: Case, words: Words, status: int = 200) -> Response:
    """Render the case page."""
    policy, reasons = desk.configuration.policy, _reasons(desk, case)
    return pages.page(
        "case.html",
        entry,
        status,
        row=row_of(desk, case),
        case=case,
        title=marked(case.draft.subject or "(no subject)", case.draft.reasons, SUBJECT_VIEWS),
        whys=whys(reasons),
        own_name=len(reasons) < len(case.draft.reasons),
        file=await _file(desk, case),
        clauses=policy.clauses_in(_language(desk, case)),
        cited={clause.number: clause for clause in _cited(case, policy)},
        words=words,
        open=case.state in OPEN,
        undo=case.state is CaseState.RELEASED and desk.clock.now() <= case.deliver_after,
        above=desk.rulings.above(entry.person, case),
        own=desk.rulings.is_own(entry.person, case),
        office=is_to_office(case.draft),
        spam=desk.rulings.is_bundled(case),
        ways=desk.rulings.vouching.offered(case),
        bar=desk.rulings.vouching.bar(case),
        asked=roster_entry(case, desk.configuration.site, desk.rosters) is not None,
    )


def _reasons(desk: Desk, case: Case) -> tuple[Reason, ...]:
    return fair_reasons(case, desk.configuration.site, desk.rosters)


async def _file(desk: Desk, case: Case) -> CaseFile | None:
    """The message laid out; None where its text is gone by the retention rules."""
    try:
        body = await desk.cases.body(case.number)
    except UnknownCase:
        return None
    return await asyncio.to_thread(lay_out, body, case.draft.reasons)


def _cited(case: Case, policy: Policy) -> list[Clause]:
    numbers = [reason.clause for reason in case.draft.reasons]
    numbers += [case.ruling.clause] if case.ruling else []
    return [clause for number in numbers if (clause := policy.clause(number))]


@shown
async def raw_message(request: Request, desk: Desk, _pages: Pages, entry: Entry) -> Response:
    """The message as it came, as a download."""
    return await download(desk, entry.person, request.path_params["number"])


@posted
async def act(request: Request, desk: Desk, pages: Pages, entry: Entry, form: FormData) -> Response:
    """Carry out one act on a case."""
    number, name = request.path_params["number"], request.path_params["verb"]
    verb = next((verb for verb in VERBS if verb.value == name), None)
    if verb is None:
        raise NotYours("This is not for people to do.")
    clause, sentence = field(form, "clause"), field(form, "sentence")
    vouching = verb is Verb.RELEASE and field(form, "vouch") == "1"
    try:
        if vouching:
            return await _release_and_vouch(desk, entry, number, version_in(form))
        case = await desk.rulings.rule(entry.person, number, verb, version_in(form), clause, sentence)
    except NeedsWords as problem:
        case = await desk.open(entry.person, number)
        return await show_case(desk, pages, entry, case, Words(clause, sentence, str(problem)), 422)
    except Conflict as problem:
        case = await desk.rulings.see(entry.person, number)
        return pages.page("late.html", entry, 409, case=case, who=problem.decided_by)
    return see_other(f"/cases/{case.number}" if verb in STAY else f"/?done={case.number}")


async def _release_and_vouch(desk: Desk, entry: Entry, number: str, version: int) -> Response:
    """Release, and say on the next page whether the way of sending is remembered."""
    case, problem = await desk.rulings.release_and_vouch(entry.person, number, version)
    return see_other(f"/?{urlencode({'done': case.number, 'vouched': 'no' if problem else 'yes'})}")


@posted
async def discard_bundle(_request: Request, desk: Desk, pages: Pages, entry: Entry, form: FormData) -> Response:
    """Discard the ticked ones of strangers' likely spam."""
    ticked = [value for value in form.getlist("case") if isinstance(value, str)]
    pairs = [value.partition(":") for value in ticked]
    items = [(number, int(version)) for number, _, version in pairs if version.isascii() and version.isdigit()]
    outcomes = await desk.rulings.discard_bundle(entry.person, items)
    left = [outcome for outcome in outcomes if outcome.case is None]
    if left:
        return pages.page("bundle.html", entry, 409, rows=(), more=False, outcomes=left)
    return see_other(f"/?discarded={len(outcomes)}")
