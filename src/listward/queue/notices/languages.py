"""In which language a person is written to, and how each language writes a moment."""

from datetime import datetime

from listward.config.site import Site
from listward.filters.probes import ProbeUnavailable, Rosters
from listward.queue.cases.case import CaseDraft

FALLBACK = "en"
KNOWN = ("en", "es")
_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTH_NAMES = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_MONTHS = {language: tuple(names.split()) for language, names in _MONTH_NAMES.items()}


def languages_for(draft: CaseDraft, site: Site, rosters: Rosters | None) -> tuple[str, ...]:
    """The person's language by the roster, else the list's, else all of the organisation's."""
    if own := _of_roster(draft, rosters):
        return (own,)
    mailing_list = site.list_for(draft.list)
    chosen = (mailing_list.languages if mailing_list else ()) or site.organisation.languages
    return tuple(dict.fromkeys(chosen)) or (FALLBACK,)


def _of_roster(draft: CaseDraft, rosters: Rosters | None) -> str:
    if rosters is None or not draft.proven_member:
        return ""
    try:
        entry = rosters.find(draft.list, draft.author)
    except ProbeUnavailable:
        return ""
    return entry.language if entry else ""


def moment(at: datetime, language: str) -> str:
    """A moment with weekday, date, hour and zone: "Tuesday, 3 November, 14:00 UTC"."""
    spoken = language if language in KNOWN else FALLBACK
    weekday, month = _WEEKDAYS[spoken][at.weekday()], _MONTHS[spoken][at.month - 1]
    joined = f"{weekday} {at.day} de {month}" if spoken == "es" else f"{weekday}, {at.day} {month}"
    return f"{joined}, {at:%H:%M} {at:%Z}"
