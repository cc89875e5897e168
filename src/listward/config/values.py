"""Kinds of values in site.toml, each with the words that say what is allowed."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator


def _lower(value: object) -> object:
    """Domains and addresses compare without case (RFC 5321 section 2.4; list local parts alike by custom)."""
    return value.lower() if isinstance(value, str) else value


LowerText = Annotated[str, BeforeValidator(_lower)]


def _domain(value: str) -> str:
    """Accept a domain name with at least two labels."""
    if len(value) > 253 or not _DOMAIN.fullmatch(value):
        raise ValueError(f"{value!r} is not a domain; allowed: a name such as party.example")
    return value


def _network(value: object) -> object:
    """Read a network; pydantic's own message would speak of two kinds at once."""
    try:
        return ip_network(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"{value!r} is not a network; allowed: such as 192.0.2.1/32, 10.0.0.0/8 or ::1/128") from None


def _language(value: str) -> str:
    """Accept a language that templates can have: two or three letters."""
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is not a language; allowed: two letters, such as en or es")
    return value


def _web_address(value: str) -> str:
    """Accept what a link can begin with."""
    if value and not value.startswith(("https://", "http://")):
        raise ValueError(f"{value!r} is not a web address; allowed: https://host, or http://host for a trial")
    return value.rstrip("/")


def _time_zone(value: str) -> str:
    """Accept a name of the time zone database."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value!r} is not a time zone; allowed: such as UTC or Europe/Madrid") from None
    return value


_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")

Domain = Annotated[LowerText, AfterValidator(_domain)]
Language = Annotated[str, AfterValidator(_language)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network, json_schema_input_type=str)]

HOP_FORMS = "smtp://host:port, smtps://, smtp+starttls:// or smtp+unix:///path, the same with lmtp, or a list of these"
_HOP = re.compile(
    r"(?P<protocol>smtp|lmtp)"
    r"(?:(?:s|\+tls|\+starttls)?://(?P<host>\[[0-9a-fA-F:.]+\]|[^/:@?#\[\]\s]+):(?P<port>[0-9]{1,5})/?"
    r"|\+unix://(?P<path>/[^?#\s]+))"
)


def _several(value: object) -> object:
    """Several next hops are one text with a space between, as cases keep them too; order is preference."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(each, str) for each in value):
        return value
    for each in value:
        if not each or " " in each:
            raise ValueError(f"{each!r} is not a next hop; allowed: {HOP_FORMS}")
    return " ".join(value)


def _next_hop(value: str) -> str:
    """Accept what wire's parse_hop reads, so that a wrong next hop is named with its line before anything starts."""
    seen: set[tuple[str, ...]] = set()
    for url in value.split(" ") if value else ():
        server = _server(url)
        if server in seen:
            raise ValueError(f"{url!r} stands twice")
        seen.add(server)
    if len({protocol for protocol, *_ in seen}) > 1:
        raise ValueError(f"{value!r} mixes smtp and lmtp; allowed: several of one kind")
    return value


def _server(url: str) -> tuple[str, ...]:
    """What makes it one server: the same host and port twice is one, however its connection is protected."""
    match = _HOP.fullmatch(url)
    port = int(match["port"] or 1) if match else 0
    if match is None or not 0 < port <= 65_535:
        raise ValueError(f"{url!r} is not a next hop; allowed: {HOP_FORMS}")
    return match["protocol"], (match["host"] or "").lower(), str(port), match["path"] or ""


def _listen(value: str) -> str:
    """Accept host:port; an IPv6 host stands in brackets."""
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise ValueError(f"{value!r} is not an address to listen on; allowed: host:port, such as 127.0.0.1:2525")
    return value


def _store_url(value: str) -> str:
    """Accept the forms of url that the store can open."""
    schemes = ("unix:///", "redis://", "rediss://", "redis+sentinel://", "redis+cluster://")
    if value != "embedded" and not value.startswith(schemes):
        raise ValueError(f"{value!r} is not a store; allowed: embedded, {', '.join(schemes)}")
    return value


def _login_name(value: str) -> str:
    """Accept a name that stands alone on a line of the passwords file, before a colon."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._@+-]{0,63}", value):
        raise ValueError(f"{value!r} is not a name to log in with; allowed: letters, digits and . _ @ + -, at most 64")
    return value


def _fingerprint(value: str) -> str:
    """Accept a SHA-256 fingerprint as openssl writes it; kept as 64 hex digits in lower case."""
    plain = value.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", plain):
        raise ValueError(f"{value!r} is not a SHA-256 fingerprint; allowed: 64 hex digits, with or without colons")
    return plain


def _policy_hash(value: str) -> str:
    plain = value.strip().lower()
    if plain and not re.fullmatch(r"[0-9a-f]{12,64}", plain):
        raise ValueError(f"{value!r} is not a policy's hash; allowed: its first 12 hex digits or more, up to all 64")
    return plain


LoginName = Annotated[LowerText, AfterValidator(_login_name)]
Fingerprint = Annotated[str, AfterValidator(_fingerprint)]
PolicyHash = Annotated[str, AfterValidator(_policy_hash)]
StoreUrl = Annotated[str, AfterValidator(_store_url)]
NextHop = Annotated[str, BeforeValidator(_several, json_schema_input_type=str | list[str]), AfterValidator(_next_hop)]
Listen = Annotated[str, AfterValidator(_listen)]
