"""The kinds of recipient addresses and the zones they lie in."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an address is for; it decides which rules apply."""

    POST = "post"
    COMMAND = "command"
    BOUNCE = "bounce"
    OWNER = "owner"
    OWN = "own"


class Zone(StrEnum):
    """How far mail to an address may travel."""

    INTERNAL = "internal"
    MEMBERS = "members"
    PUBLIC = "public"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Target:
    """A recipient address as routing understands it. `list` is the list's address, "" for our own addresses."""

    address: str
    kind: Kind
    zone: Zone
    list: str
    next_hop: str
