"""Rosters that change while we run: each source is looked at every second, and how old its copy is can be seen."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from listward.config.faults import Fault
from listward.config.site import Site
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_source import CHECK_EVERY_S
from listward.filters.probes import ProbeUnavailable
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.runtime.rounds import Rounds, telling

MOST_LISTS_IN_METRICS = 500


async def keep_fresh(
    rosters: Callable[[], SiteRosters],
    metrics: Metrics,
    log: MailLog,
    stop: asyncio.Event,
    every_s: float = CHECK_EVERY_S,
    wall: Callable[[], float] = time.time,
) -> None:
    """Take changed rosters into use until `stop`; say in metrics how they are, and in the log when that changes."""
    watch = RosterWatch(metrics, log, wall)
    await Rounds(stop, telling(log)).every("rosters-watched", every_s, partial(watch.once, rosters))


class RosterWatch:
    """Remembers what was told of each list."""

    def __init__(self, metrics: Metrics, log: MailLog, wall: Callable[[], float] = time.time) -> None:
        self._metrics, self._log, self._wall = metrics, log, wall
        self._digests: dict[str, str] = {}
        self._counts: dict[str, tuple[str, int]] = {}
        self._faults: dict[str, tuple[Fault, ...]] = {}

    async def once(self, rosters: Callable[[], SiteRosters]) -> None:
        """Look at those in use now, and tell."""
        current = rosters()
        await asyncio.to_thread(self.look, current)
        self.tell(current)

    def look(self, rosters: SiteRosters) -> None:
        """Take up what changed, and count the people of copies that are new; in a thread, since it may take long."""
        rosters.look()
        for address, source in rosters:
            with suppress(ProbeUnavailable):
                copy = source.copy()
                if self._counts.get(address, ("", 0))[0] != copy.digest:
                    self._counts[address] = copy.digest, sum(copy.roles(address).values())

    def tell(self, rosters: SiteRosters) -> None:
        """Set the metrics by the latest look, and log copies and troubles that are new."""
        ages, members = dict[str, float](), dict[str, int]()
        for address, source in rosters:
            label = metric_label(rosters.site, address)
            ages[label] = max(ages.get(label, 0.0), self._wall() - source.current_at)
            members[label] = members.get(label, 0) + self._people(address)
            self._tell_faults(address, source.faults)
        for label, age in ages.items():
            self._metrics.roster_age_seconds.labels(label).set(max(0.0, age))
            self._metrics.roster_members.labels(label).set(members[label])

    def _people(self, address: str) -> int:
        digest, people = self._counts.get(address, ("", 0))
        if digest and self._digests.get(address) != digest:
            self._digests[address] = digest
            self._log.event("roster-loaded", list=address, people=people, digest=digest[:12])
        return people

    def _tell_faults(self, address: str, faults: tuple[Fault, ...]) -> None:
        """Say where the first fault is and how many there are; its text may quote an address, so it is not logged."""
        if faults and faults != self._faults.get(address):
            first = faults[0]
            place = f"{first.file.name}:{first.line or 1}: {first.key}".removesuffix(": ")
            self._log.event("roster-refused", list=address, faults=len(faults), first=place)
        self._faults[address] = faults


def metric_label(site: Site, address: str) -> str:
    """A list's short name; "" for all together where there are too many lists for a series each."""
    return address.partition("@")[0] if len(site.lists) <= MOST_LISTS_IN_METRICS else ""
