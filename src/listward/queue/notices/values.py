"""What a notice says: the values that fill its template, and what must not be said to whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from listward.config.load import Configuration
from listward.filters.message.parse import parse_message
from listward.filters.routing.zones import is_inside
from listward.queue.cases.case import Case, Reason
from listward.queue.notices.languages import FALLBACK, local, moment
from listward.queue.notices.letters import filled, template_for
from listward.queue.notices.offices import answer_within, is_to_office
from listward.queue.notices.suspect import is_suspect
from listward.wire.headers import printable

MOST_TEXT = 20_000
# What such a reason saw is not told outside its list: anyone could test what was discussed there.
DISCREET = {"passage", "fingerprint"}
# Strangers read these words whatever the reason: some reasons tell who is a member, such as a name that a member has.
_FIRST_LOOK = {"en": "A moderator looks at this first.", "es": "Una persona moderadora lo mira primero."}
_OFFICES = {
    "en": {"moderators": "The moderators", "": "The office for {queue}"},
    "es": {"moderators": "el equipo de moderación", "": "la oficina de {queue}"},
}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to be told: `kind` is "held", "rejected" or "delivered"; `body` is None where the text is gone."""

    kind: str
    case: Case
    body: bytes | None = None


def template_name(told: Told, configuration: Configuration) -> str:
    """Which template: an internal matter is not described to a mailbox that is outside."""
    if _is_receipt(told):
        return "received-office"
    if not told.case.draft.authenticated:
        return f"{told.kind}-unproven"
    return told.kind if may_quote(told, configuration) else f"{told.kind}-internal"


def _is_receipt(told: Told) -> bool:
    """Mail to an office waits for an answer: it is not held back from anybody."""
    return told.kind == "held" and is_to_office(told.case.draft)


def may_quote(told: Told, configuration: Configuration) -> bool:
    """Whether subject, text and reasons may be named to this author's mailbox: never what may be another's text."""
    if not told.case.draft.authenticated:
        return False
    return not told.case.draft.internal or is_inside(told.case.draft.author, configuration.site)


def values_for(told: Told, configuration: Configuration, language: str) -> Mapping[str, str]:
    """The values of a notice in one language. What may not be quoted is not even among them."""
    case, site = told.case, configuration.site
    deadline = local(case.opened_at + answer_within(case.draft, site), site)
    number = _clause_number(told, configuration)
    values = {
        "organisation": site.organisation.name,
        "list": case.draft.list,
        "case": case.number,
        "deadline": moment(deadline, language),
        "office": _office(case, language),
        "clause": _clause(configuration, number, language),
        "rule_link": _rule_link(site.console.public_url, number),
        "help": site.addresses.help,
        "join": "" if case.draft.proven_member else site.addresses.help,
        "appeal": site.addresses.appeal,
    }
    if may_quote(told, configuration):
        values |= _quoting(told, configuration, language)
    elif not case.draft.internal and case.ruling is not None:
        values["sentence"] = case.ruling.sentence
    return {name: _one_line(value) if name != "text" else value for name, value in values.items()}


def item_for(told: Told, configuration: Configuration, language: str) -> str:
    """One paragraph of a summary."""
    name = "received-office" if _is_receipt(told) else told.kind
    template = template_for(configuration.templates, f"summary-{name}", language)
    return filled(template, values_for(told, configuration, language))


def _quoting(told: Told, configuration: Configuration, language: str) -> dict[str, str]:
    case = told.case
    return {
        "subject": case.draft.subject,
        "reason": _reason(case, configuration, language),
        "sentence": case.ruling.sentence if case.ruling else "",
        "text": _own_text(told.body),
    }


def _reason(case: Case, configuration: Configuration, language: str) -> str:
    """The first reason in the words its rule has in this language, else one sentence that fits every reason."""
    first, spoken = _first(case), language if language in _FIRST_LOOK else FALLBACK
    if first is None or any(reason.category in DISCREET for reason in case.draft.reasons):
        return _FIRST_LOOK[spoken]
    words = configuration.policy.words
    return words(first.rule, language) or words(first.rule, spoken) or _FIRST_LOOK[spoken]


def _first(case: Case) -> Reason | None:
    """The reason a notice rests on, sentence and clause alike: what decided. Strangers are told none.

    Neither is whoever may have stolen the account: it would say what to do otherwise next time.
    """
    told = case.draft.proven_member and not is_suspect(case.draft)
    return next(iter(case.draft.reasons), None) if told else None


def _clause_number(told: Told, configuration: Configuration) -> str:
    """The clause of the ruling, else of the reason that the sentence is of; strangers read only what a person cites."""
    case, first = told.case, _first(told.case)
    if told.kind == "rejected" and case.ruling and case.ruling.clause:
        return case.ruling.clause
    return first.clause if first is not None and configuration.policy.clause(first.clause) else ""


def _clause(configuration: Configuration, number: str, language: str) -> str:
    """Number and title; the number alone where the title is written in other languages only."""
    clause = configuration.policy.clause(number, language)
    if clause is None or clause.language != language:
        return number
    return f"{clause.number}, {clause.title}"


def _rule_link(public_url: str, number: str) -> str:
    return f"{public_url.rstrip('/')}/rules#{number.replace(' ', '-')}" if public_url and number else ""


def _office(case: Case, language: str) -> str:
    """The office that decides, never a person's name."""
    names = _OFFICES.get(language, _OFFICES["en"])
    queue = next(iter(case.draft.queues), "moderators")
    return names.get(queue) or names[""].format(queue=queue)


def _own_text(body: bytes | None) -> str:
    """The author's own text, to mend and send again; each line is quoted."""
    if body is None:
        return ""
    lines = parse_message(body).visible_text[:MOST_TEXT].splitlines()
    return "\n".join(f"> {printable(line)}".rstrip() for line in lines)


def _one_line(value: str) -> str:
    return " ".join(printable(value).split())
