"""The zone that the fake resolver and the fake name server share: a dict of names to records or to trouble.

    {"party.example": {"TXT": ["v=spf1 -all"], "MX": ["10 mail.party.example"]},
     "broken.example": {"error": "SERVFAIL"},            # or "TIMEOUT": no answer at all
     "alias.example": {"CNAME": ["party.example"]},
     "half.example": {"A": ["192.0.2.1"], "else": "SERVFAIL"},  # trouble for every other kind
     "late.example": {"A": ["192.0.2.1"], "delay_s": 0.5}}

A TXT value is one record; a tuple of strings is one record of several character strings.
"""

from collections.abc import Mapping
from typing import Any

Zone = Mapping[str, Mapping[str, Any]]

CNAME_LIMIT = 10


def entry(zone: Zone, name: str) -> Mapping[str, Any] | None:
    """The entry of a name, whatever its case; None where it does not exist."""
    wanted = name.rstrip(".").lower()
    return next((records for owner, records in zone.items() if owner.rstrip(".").lower() == wanted), None)


def records(zone: Zone, name: str, kind: str) -> tuple[str, list[Any]]:
    """Follow aliases as a recursive resolver does; returns the rcode ("NOERROR", "NXDOMAIN", ...) and the values."""
    for _ in range(CNAME_LIMIT):
        found = entry(zone, name)
        if found is None:
            return "NXDOMAIN", []
        if "error" in found:
            return str(found["error"]), []
        if "CNAME" in found and kind not in found:
            name = found["CNAME"][0]
            continue
        return ("NOERROR", list(found[kind])) if kind in found else (str(found.get("else", "NOERROR")), [])
    return "NOERROR", []


def delay_s(zone: Zone, name: str) -> float:
    """How long an answer about this name takes, in seconds."""
    found = entry(zone, name)
    return float(found.get("delay_s", 0.0)) if found else 0.0
