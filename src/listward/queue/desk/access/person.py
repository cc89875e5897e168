"""Who acts: an address, the roles it has, the queues it serves."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from listward.config.site import Site


class AccessRole(StrEnum):
    """What a person is to the product. Who decides which queue is told by the site's groups."""

    MODERATOR = "moderator"
    ADMIN = "admin"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Person:
    """A person who acts. `every_queue` is the operator at the terminal; `zone` an IANA time zone for what is shown."""

    address: str
    roles: frozenset[AccessRole] = frozenset()
    queues: frozenset[str] = frozenset()
    every_queue: bool = False
    zone: str = "UTC"

    def served(self, queues: Iterable[str]) -> tuple[str, ...]:
        """Those of `queues` that this person decides for, in their order."""
        return tuple(queue for queue in queues if self.every_queue or queue in self.queues)

    @property
    def sees_health(self) -> bool:
        """Whether counts of all queues may be shown: never text."""
        return self.every_queue or bool(self.roles & {AccessRole.ADMIN, AccessRole.AUDITOR})


def queue_names(site: Site) -> tuple[str, ...]:
    """Every queue the configuration names, by its own table or by a list or a route."""
    named = [queue.name for queue in site.queues]
    named += [queue for mailing_list in site.lists for queue in mailing_list.moderators]
    named += [route.queue for route in site.routes]
    named += [queue.escalate_to for queue in site.queues if queue.escalate_to]
    return tuple(dict.fromkeys(["moderators", *named]))


def serves(site: Site, queue: str, address: str, roles: frozenset[AccessRole]) -> bool:
    """Whether an address is among a queue's people: its group or deputy group, by the site.

    A queue without a [[queue]] table is the group of its name. Where there is no such group either, and for
    "moderators" also where its group is empty, the users with the role moderator are its people; else nobody.
    """
    entry = site.queue_named(queue)
    groups = (entry.group, entry.deputy) if entry else (queue,)
    members = {member for group in groups if group for member in site.group_members(group)}
    if members:
        return address in members
    return AccessRole.MODERATOR in roles and (entry is None or queue == "moderators")


def person_for(site: Site, address: str, roles: frozenset[AccessRole], zone: str = "UTC") -> Person:
    """The person behind a user's address and roles under this site's groups."""
    wanted = address.lower()
    queues = frozenset(queue for queue in queue_names(site) if serves(site, queue, wanted, roles))
    return Person(wanted, roles, queues, zone=zone)


def operator(user: str) -> Person:
    """The operator at the machine's own terminal: acts on all queues, by a name of its own in the audit."""
    return Person(f"terminal:{user}", frozenset(AccessRole), every_queue=True)
