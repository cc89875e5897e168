"""In which language a person is written to, and how each language writes a moment."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from listward.config.site import Site
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters
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
    entry = _entry(draft, rosters) if draft.proven_member else None
    return languages_of(entry, draft.list, site)


def languages_of(entry: RosterEntry | None, list_address: str, site: Site) -> tuple[str, ...]:
    """The same for a person of the roster, None for any other; what is told goes to that person's mailbox alone."""
    if entry is not None and entry.language:
        return (entry.language,)
    mailing_list = site.list_for(list_address)
    chosen = (mailing_list.languages if mailing_list else ()) or site.organisation.languages
    return tuple(dict.fromkeys(chosen)) or (FALLBACK,)


def _entry(draft: CaseDraft, rosters: Rosters | None) -> RosterEntry | None:
    if rosters is None:
        return None
    try:
        return rosters.find(draft.list, draft.author)
    except ProbeUnavailable:
        return None


def local(at: float, site: Site) -> datetime:
    """A moment, in Unix seconds, by the organisation's clock: the one that its members read."""
    zone = site.organisation.timezone
    return datetime.fromtimestamp(at, UTC if zone == "UTC" else ZoneInfo(zone))


def moment(at: datetime, language: str) -> str:
    """A moment with weekday, date, hour and zone: "Tuesday, 3 November, 14:00 UTC"."""
    spoken = language if language in KNOWN else FALLBACK
    weekday, month = _WEEKDAYS[spoken][at.weekday()], _MONTHS[spoken][at.month - 1]
    joined = f"{weekday} {at.day} de {month}" if spoken == "es" else f"{weekday}, {at.day} {month}"
    return f"{joined}, {at:%H:%M} {zone_name(at)}"


def zone_name(at: datetime) -> str:
    """What the zone is called: "CET", or "UTC-05" where it has no letters of its own."""
    name = at.tzname() or ""
    return f"UTC{name}" if name.startswith(("+", "-")) else name
