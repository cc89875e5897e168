"""What a roster file says and hardly means: bans without a reason, dates that are past, lists that are none.

`listward config check` says it and goes on.
"""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from listward.config.faults import Fault
from listward.config.lines import key_lines, line_of
from listward.config.mailman_url import is_mailman
from listward.config.site import Site
from listward.config.source import Key, dotted
from listward.filters.identity.author import plain_address
from listward.filters.identity.origin import Role
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_copy import LAPSING
from listward.filters.identity.roster_file import people_in
from listward.filters.identity.roster_values import RosterError
from listward.filters.probes import ProbeUnavailable, RosterEntry

MOST_POINTS = 50


def roster_advice(site: Site, rosters: SiteRosters, day: date) -> Iterator[Fault]:
    """Yield each point of every roster file, at most 50 a file, and the people who decide and are on no roster."""
    named: dict[str, set[str]] = {}
    for entry in site.lists:
        if entry.roster and not is_mailman(entry.roster):
            named.setdefault(entry.roster, set()).update({entry.address, entry.short_name})
    for roster, lists in named.items():
        yield from islice(_file(site.directory / roster, lists, day), MOST_POINTS)
    yield from _deciders(site, rosters)


def _file(path: Path, lists: set[str], day: date) -> Iterator[Fault]:
    try:
        for line, entry in people_in(path):
            for column, message in _person(entry, lists, day):
                yield Fault(path, line, column, f"{entry.address}: {message}")
    except RosterError:
        return  # told as faults


def _person(entry: RosterEntry, lists: set[str], day: date) -> Iterator[tuple[str, str]]:
    if entry.role is Role.BANNED and not entry.reason:
        yield "reason", "a ban without a reason; whoever is asked about it later has nothing to say"
    if entry.until and entry.role not in LAPSING:
        yield "until", f"has no effect on the role {entry.role.value}; it ends bans and leaves"
    elif entry.until and entry.until < day:
        yield "until", f"was over on {entry.until.isoformat()}: counts as a member again"
    unknown = [name for name in entry.lists if name not in lists]
    if unknown:
        yield (
            "lists",
            f"{', '.join(unknown)}: no list of that name has this roster; allowed: {', '.join(sorted(lists))}",
        )


def _deciders(site: Site, rosters: SiteRosters) -> Iterator[Fault]:
    """Moderators who stand on no roster: their own posts count as a stranger's."""
    if not all(entry.roster for entry in site.lists):
        return
    deciding = {name for queue in site.queues for name in (queue.group, queue.deputy) if name}
    for position, group in enumerate(site.groups):
        missing = [member for member in group.members if not _known(member, rosters)] if group.name in deciding else []
        if missing:
            message = f"{', '.join(missing)}: on no roster, so what they write to a list is a stranger's"
            yield _at(site.directory / "site.toml", ("group", position, "members"), message)


def _at(file: Path, key: Key, message: str) -> Fault:
    return Fault(file, line_of(key_lines(file.read_text(encoding="utf-8")), key), dotted(key), message)


def _known(address: str, rosters: SiteRosters) -> bool:
    """Whether the address is on some roster; yes where one was never read."""
    plain = plain_address(address)
    try:
        return any(rosters.find(name, plain) is not None for name, _ in rosters) if plain else True
    except ProbeUnavailable:
        return True
