"""Mail that runs in a circle: it has passed too many servers, or comes back from the list it is addressed to."""

import re
from dataclasses import dataclass

from listward.filters.findings import Evidence, Finding
from listward.filters.message.message import Message
from listward.filters.routing.kinds import Target

CATEGORY = "loop"
# RFC 5321 section 6.3: a loop is counted by Received fields, and at least 100 must be allowed.
MOST_RECEIVED = 100
_LIST_ID = re.compile(r"<([^<>]{1,255})>")


@dataclass(frozen=True, slots=True)
class Way:
    """Where a message says it has been: how many servers, and which lists, in lower case."""

    servers: int = 0
    lists: frozenset[str] = frozenset()


def way_of(message: Message) -> Way:
    """Return the way of a message."""
    return Way(len(message.all("Received")), _lists_passed(message))


def loop_findings(way: Way, targets: list[Target]) -> tuple[Finding, ...]:
    """Return the finding where the message has come through here, or through everywhere, before."""
    if way.servers > MOST_RECEIVED:
        reason = f"The message has passed {way.servers} servers, which only a circle does."
        return (Finding("mail-loop", CATEGORY, 1.0, reason),)
    returned = next((target.list for target in targets if target.list and _names_of(target.list) & way.lists), "")
    if returned:
        reason = "The message was sent out by this list before."
        return (Finding("mail-loop", CATEGORY, 1.0, reason, (Evidence("header", 0, len(returned), returned),)),)
    return ()


def _names_of(list_address: str) -> frozenset[str]:
    """A list by its address and by its List-Id (RFC 2919 section 2), which has a full stop for the at sign."""
    return frozenset({list_address, list_address.replace("@", ".")})


def _lists_passed(message: Message) -> frozenset[str]:
    identified = (_LIST_ID.findall(field.value) for field in message.all("List-Id")[:10])
    visited = (field.value.strip() for field in message.all("X-BeenThere")[:50])
    return frozenset(name.lower() for names in (*identified, visited) for name in names)
