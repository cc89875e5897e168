"""DMARC records, read: those of RFC 7489 and RFC 9989 have one form, and each standard looks at its own tags."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

Disposition = Literal["none", "quarantine", "reject"]
PublicSuffix = Literal["y", "n", "u"]

_DISPOSITIONS = ("none", "quarantine", "reject")
_POLICY_TAGS = ("p", "sp", "np")
_RECORD_OCTETS = 65_536
_SHORT_OCTETS = 1024
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s,]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """A DMARC record. `suffix` is psd= (RFC 9989), `testing` t=y (RFC 9989), `sampled_out` pct=0 (RFC 7489).

    One that is not `usable` names no policy that could be followed: then DMARC says nothing of the message.
    """

    policy: Disposition = "none"
    subdomains: Disposition = "none"
    nonexistent: Disposition = "none"
    strict_dkim: bool = False
    strict_spf: bool = False
    testing: bool = False
    sampled_out: bool = False
    suffix: PublicSuffix = "u"
    usable: bool = True


def record_name(domain: str) -> str:
    """Where a domain publishes its record (RFC 7489 section 6.1, RFC 9989 section 4.5)."""
    return f"_dmarc.{domain}"


def read_records(records: Sequence[bytes]) -> tuple[Record, ...]:
    """Every DMARC record among the TXT records of a name; short ones are read once."""
    if sum(map(len, records)) <= _SHORT_OCTETS:
        return _known_records(tuple(records))
    return _read(records)


def read_record(records: Sequence[bytes]) -> Record | None:
    """The one usable record of a name; None where there is none, or several."""
    found = read_records(records)
    return found[0] if len(found) == 1 and found[0].usable else None


@lru_cache(maxsize=1024)
def _known_records(records: tuple[bytes, ...]) -> tuple[Record, ...]:
    return _read(records)


def _read(records: Sequence[bytes]) -> tuple[Record, ...]:
    return tuple(_record(tags) for tags in map(_tags, records) if tags)


def _tags(record: bytes) -> dict[str, str]:
    """The tags of a DMARC record, the first of each name; {} for any other TXT record."""
    pairs = [part.partition("=") for part in record[:_RECORD_OCTETS].decode("ascii", "replace").split(";")]
    stripped = [(name.strip(), value.strip()) for name, equals, value in pairs if equals]
    # RFC 7489 section 6.3, RFC 9989 section 4.7: v= comes first and its value is compared with case.
    if not stripped or stripped[0] != ("v", "DMARC1") or pairs[0][1] != "=":
        return {}
    tags: dict[str, str] = {}
    for name, value in stripped:
        tags.setdefault(name.lower(), value)
    return tags


def _record(tags: dict[str, str]) -> Record:
    wishes = {tag: _disposition(tags[tag]) for tag in _POLICY_TAGS if tag in tags}
    sound = wishes.get("p") is not None and None not in wishes.values()
    # RFC 7489 section 6.6.3 step 6, RFC 9989 section 4.10.1: a record that only asks for reports is p=none.
    policy = wishes["p"] if sound else "none"
    subdomains = wishes.get("sp", policy) if sound else "none"
    suffix = tags.get("psd", "u").lower()
    return Record(
        policy=policy or "none",
        subdomains=subdomains or "none",
        nonexistent=(wishes.get("np", subdomains) if sound else "none") or "none",
        strict_dkim=tags.get("adkim", "").lower() == "s",
        strict_spf=tags.get("aspf", "").lower() == "s",
        testing=tags.get("t", "").lower() == "y",
        sampled_out=tags.get("pct") == "0",
        suffix=cast(PublicSuffix, suffix) if suffix in {"y", "n"} else "u",
        usable=sound or _asks_for_reports(tags),
    )


def _asks_for_reports(tags: dict[str, str]) -> bool:
    return any(_URI.fullmatch(uri.strip()) for uri in tags.get("rua", "").split(","))


def _disposition(value: str) -> Disposition | None:
    lowered = value.lower()
    return cast(Disposition, lowered) if lowered in _DISPOSITIONS else None
