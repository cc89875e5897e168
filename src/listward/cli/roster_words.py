"""What `listward roster show` says: a roster in some lines, a person in one; the same as JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from listward.cli.output import printable
from listward.config.faults import Fault
from listward.config.site import MailingList
from listward.filters.identity.origin import Role
from listward.filters.identity.roster import current, today
from listward.filters.identity.roster_source import RosterSource
from listward.filters.probes import ProbeUnavailable, RosterEntry

PLURALS = {
    Role.MEMBER: "members",
    Role.CANDIDATE: "candidates",
    Role.MODERATOR: "moderators",
    Role.OFFICER: "officers",
    Role.ON_LEAVE: "on leave",
    Role.BANNED: "banned",
}
NEVER_READ = "no copy of its roster was ever read"
JsonValue = str | int | float | bool | None | list[str] | dict[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """One list's roster as a whole. `roles` is empty and `read` False where no copy was ever read."""

    mailing_list: MailingList
    roles: dict[Role, int]
    current_at: float
    faults: tuple[Fault, ...]
    read: bool

    @property
    def people(self) -> int:
        """How many there are."""
        return sum(self.roles.values())


def overview(mailing_list: MailingList, source: RosterSource) -> Overview:
    """Look at one list's roster."""
    address = mailing_list.address
    try:
        copy = source.copy()
    except ProbeUnavailable:
        return Overview(mailing_list, {}, source.current_at, source.faults, read=False)
    counted = copy.roles(address, today())
    roles = {role: counted[role] for role in Role if counted[role]}
    return Overview(mailing_list, roles, source.current_at, source.faults, read=True)


def overview_lines(found: Overview, now: float) -> Iterator[str]:
    """Who is on it by role, where it is from, how old it is, and what is wrong with it."""
    roles = ", ".join(f"{count} {PLURALS[role] if count != 1 else _one(role)}" for role, count in found.roles.items())
    people = "1 person" if found.people == 1 else f"{found.people} people"
    unread = "its roster cannot be read; a running gateway keeps its last good copy" if found.faults else NEVER_READ
    told = f"{people}{': ' if roles else ''}{roles}" if found.read else unread
    yield f"{found.mailing_list.address}: {told}"
    age = f"; known to be current {_ago(now - found.current_at)} ago" if found.current_at else ""
    yield f"  from {printable(found.mailing_list.roster)}{age}"
    yield from (f"  trouble: {printable(str(fault))}" for fault in found.faults)


def overview_object(found: Overview, now: float) -> dict[str, JsonValue]:
    """The same as one object; `age_s` is None where no copy was ever current."""
    return {
        "list": found.mailing_list.address,
        "roster": found.mailing_list.roster,
        "people": found.people,
        "roles": {role.value: count for role, count in found.roles.items()},
        "current_at": datetime.fromtimestamp(found.current_at, UTC).isoformat() if found.current_at else None,
        "age_s": round(max(0.0, now - found.current_at), 1) if found.current_at else None,
        "faults": [str(fault) for fault in found.faults],
    }


def person_line(entry: RosterEntry, today: date) -> str:
    """Address, role, name and language, and what else the roster says."""
    facts = [entry.address, entry.role.value, entry.name or "(no name)", *([entry.language] if entry.language else [])]
    return printable("  ".join([*facts, *_details(entry, today)]))


def person_object(list_address: str, entry: RosterEntry, today: date) -> dict[str, JsonValue]:
    """The same as one object. `role` is what the roster says, `counts_as` what it means today."""
    return {
        "list": list_address,
        "address": entry.address,
        "name": entry.name,
        "role": entry.role.value,
        "counts_as": current(entry, today).role.value,
        "language": entry.language,
        "until": entry.until.isoformat() if entry.until else None,
        "reason": entry.reason,
        "first_posts_moderated": entry.first_posts_moderated,
        "first_posts": entry.first_posts or None,
        "other_addresses": list(entry.others),
    }


def _details(entry: RosterEntry, today: date) -> Iterable[str]:
    if entry.until:
        over = " (over: a member again)" if current(entry, today).role is not entry.role else ""
        yield f"until {entry.until.isoformat()}{over}"
    if entry.reason:
        yield f"reason: {entry.reason}"
    if entry.first_posts_moderated:
        yield f"first {entry.first_posts} posts moderated" if entry.first_posts else "posts moderated"
    if entry.others:
        yield f"also {', '.join(entry.others)}"


def _one(role: Role) -> str:
    return PLURALS[role] if role in {Role.ON_LEAVE, Role.BANNED} else role.value


def _ago(seconds: float) -> str:
    for name, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {name}"
    return f"{max(0.0, seconds):.0f} seconds"
