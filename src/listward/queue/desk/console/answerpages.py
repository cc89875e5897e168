"""The page behind the link in a question: whether a message is the reader's. No log-in: the link's token is the proof.

Opening it changes nothing, whoever does: programs that follow links do too. Only its form acts, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from listward.filters.probes import RosterEntry
from listward.queue.cases.case import Case, CaseState, Said
from listward.queue.desk.console.answerwords import WORDS, bar_words, way_words
from listward.queue.desk.console.shared import desk_of, field, pages_of
from listward.queue.desk.desk import Desk
from listward.queue.notices.asked import roster_entry
from listward.queue.notices.confirming import Outcome, bar_to_path, is_answerable
from listward.queue.notices.languages import FALLBACK, languages_of, local, moment
from listward.queue.notices.tokens import Way

_SENT = frozenset({CaseState.RELEASED, CaseState.DELIVERING, CaseState.DELIVERED})


@dataclass(frozen=True, slots=True)
class Section:
    """The page in one language. `heading` and `lines` say what is so; the form stands where there is something to ask.

    `way` is how the message came, "" where that cannot be remembered: then `bar` says why.
    """

    language: str
    words: Mapping[str, str]
    heading: str
    lines: tuple[str, ...]
    day: str = ""
    may_confirm: bool = False
    may_deny: bool = False
    way: str = ""
    bar: str = ""


async def answer_page(request: Request) -> Response:
    """What waits, and who is asked: the list and when it came, never subject or text."""
    desk = desk_of(request)
    asked = await _asked(desk, request)
    if asked is None:
        return _show(request, None, [_said(language, "gone") for language in _organisations(desk)], 404)
    languages = languages_of(_entry(desk, asked), asked.draft.list, desk.configuration.site)
    return _show(request, asked, [_question(desk, asked, language) for language in languages])


async def answer(request: Request) -> Response:
    """Carry out an answer, once."""
    desk = desk_of(request)
    form = await request.form(max_files=0, max_fields=10)
    said = next((said for said in Said if said.value == field(form, "answer")), None)
    asked = await _asked(desk, request)
    if asked is None or said is None or desk.confirming is None:
        return await answer_page(request)
    languages = languages_of(_entry(desk, asked), asked.draft.list, desk.configuration.site)
    token, remember = request.path_params["token"], field(form, "remember") == "1"
    outcome = await desk.confirming.answer(token, Way.LINK, said, remember)
    if outcome is None or not outcome.taken:
        return await answer_page(request)
    return _show(request, outcome.case, [_thanks(desk, outcome, language) for language in languages])


async def _asked(desk: Desk, request: Request) -> Case | None:
    if desk.confirming is None:
        return None
    asked = await desk.confirming.asked(request.path_params["token"], Way.LINK)
    return asked[1] if asked is not None else None


def _show(request: Request, case: Case | None, sections: list[Section], status: int = 200) -> Response:
    site = desk_of(request).configuration.site
    help_at = site.addresses.help
    return pages_of(request).page("answer.html", None, status, case=case, sections=sections, help_at=help_at)


def _organisations(desk: Desk) -> tuple[str, ...]:
    return tuple(dict.fromkeys(desk.configuration.site.organisation.languages)) or (FALLBACK,)


def _entry(desk: Desk, case: Case) -> RosterEntry | None:
    return roster_entry(case, desk.configuration.site, desk.rosters)


def _words(language: str) -> tuple[str, Mapping[str, str]]:
    spoken = language if language in WORDS else FALLBACK
    return spoken, WORDS[spoken]


def _said(language: str, *names: str) -> Section:
    """A section that only says something: heading and lines by their names."""
    spoken, words = _words(language)
    return Section(spoken, words, words[f"{names[0]}-heading"], tuple(words[name] for name in names))


def _question(desk: Desk, case: Case, language: str) -> Section:
    """What may still be answered; kindly so where it is too late."""
    spoken, words = _words(language)
    if not is_answerable(case, Said.NOT_HERS):
        return _said(language, _standing(case))
    may_confirm = is_answerable(case, Said.HERS)
    barred = bar_to_path(case, desk.configuration.site, desk.rosters)
    return Section(
        spoken,
        words,
        words["question"] if may_confirm else words["leaving-heading"],
        (words["why"],) if may_confirm else (words["leaving"],),
        moment(local(case.draft.received_at, desk.configuration.site), spoken),
        may_confirm,
        may_deny=True,
        way="" if barred else way_words(case.draft.paths[0], spoken),
        bar=bar_words(barred, spoken),
    )


def _standing(case: Case) -> str:
    if case.answer is not None and case.state not in _SENT:
        return "answered"
    return "sent" if case.state in _SENT else "not-sent"


def _thanks(desk: Desk, outcome: Outcome, language: str) -> Section:
    del desk
    if outcome.case.denied:
        return _said(language, "denied")
    parts = ["released" if outcome.case.state is CaseState.RELEASED else "waits"]
    if outcome.remembered:
        parts.append("remembered")
    section = _said(language, *parts)
    if not outcome.barred:
        return section
    return Section(
        section.language, section.words, section.heading, (*section.lines, bar_words(outcome.barred, language))
    )
