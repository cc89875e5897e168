"""Domain names as identity compares them: A-labels in lower case, and who is responsible for them."""

import re
from functools import cache, lru_cache

import idna
from publicsuffixlist import PublicSuffixList

_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NAME_OCTETS = 253
_REMEMBERED = 4096  # a message asks for the same few names some twenty times


def ascii_domain(domain: str) -> str:
    """Return the domain in lower-case A-labels without a final dot, "" where it is no domain name.

    Other letters are mapped by UTS 46, as mail clients show them: full-width letters, ideographic dots, soft hyphens.
    """
    return _ascii_domain(domain) if len(domain) <= _NAME_OCTETS else _ascii_domain.__wrapped__(domain)


@lru_cache(maxsize=_REMEMBERED)
def _ascii_domain(domain: str) -> str:
    name = domain.removesuffix(".").lower()
    if not name.isascii():
        name = _encoded(name)
    valid = 0 < len(name) <= _NAME_OCTETS and all(_LABEL.fullmatch(label) for label in name.split("."))
    return name if valid else ""


def _encoded(name: str) -> str:
    try:
        return idna.encode(name, uts46=True, std3_rules=False).decode("ascii").removesuffix(".")
    except (idna.IDNAError, UnicodeError):
        return ""


def unicode_domain(domain: str) -> str:
    """Return the domain as a mail client shows it: A-labels decoded where they decode."""
    return ".".join(_shown(label) for label in domain.lower().split("."))


def _shown(label: str) -> str:
    try:
        return idna.decode(label) if label.startswith("xn--") else label
    except (idna.IDNAError, UnicodeError):
        return label


def domain_of(address: str) -> str:
    """Return the domain of an address in A-labels, "" where there is none."""
    local, at, domain = address.rpartition("@")
    return ascii_domain(domain) if at and local else ""


def is_within(domain: str, parents: tuple[str, ...] | frozenset[str]) -> bool:
    """Whether the domain is one of the parents or below one of them."""
    return any(domain == parent or domain.endswith("." + parent) for parent in parents if parent)


@cache
def _suffixes() -> PublicSuffixList:
    """The public suffix list that comes with its package; reading it takes 50 ms, so once per process."""
    return PublicSuffixList()


def organisational_domain(domain: str) -> str:
    """Return the organisational domain (RFC 7489 section 3.2); a public suffix is its own."""
    name = ascii_domain(domain)
    return _private_suffix(name) if name else ""


@lru_cache(maxsize=_REMEMBERED)
def _private_suffix(name: str) -> str:
    return _suffixes().privatesuffix(name) or name


@lru_cache(maxsize=_REMEMBERED)
def public_suffix(domain: str) -> str:
    """Return the public suffix a domain lies under, "" for no domain."""
    return _suffixes().publicsuffix(domain) or "" if domain else ""
