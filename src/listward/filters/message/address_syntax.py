"""One addr-spec: strict syntax (RFC 5322, 6532; without obsolete forms) and the domain as A-labels."""

import re
from functools import lru_cache

import idna

# RFC 5322, section 3.2.3; RFC 6532 adds any UTF-8, here beyond the C1 controls and the no-break space.
_ATEXT = "0-9A-Za-z!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-"
_DOT_ATOM = re.compile(rf"[{_ATEXT}]++(?:\.[{_ATEXT}]++)*+\Z")
_QUOTED = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*+"\Z')
_LDH_DOMAIN = re.compile(
    r"(?:[0-9A-Za-z](?:[0-9A-Za-z_-]{0,61}[0-9A-Za-z])?\.)*+[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?\Z"
)
_LITERAL = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]\Z|\[IPv6:[0-9A-Fa-f:.]{2,45}\]\Z", re.IGNORECASE)
# What no eye sees: it must not make two addresses of one.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]"
)


@lru_cache(maxsize=4096)
def normal_address(local: str, domain: str) -> str | None:
    """`local@domain` with the domain as lower-case A-labels; None where the syntax is not plain.

    The local part keeps its case. Address literals are kept as they stand.
    """
    # RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.2: octets.
    if len(local.encode("utf-8", "replace")) > 64 or len(domain) > 255 or _INVISIBLE.search(local + domain):
        return None
    if "=?" in local or not (_DOT_ATOM.match(local) or _QUOTED.match(local)):
        return None
    host = normal_domain(domain)
    return f"{local}@{host}" if host else None


@lru_cache(maxsize=4096)
def normal_domain(domain: str) -> str:
    """Lower-case A-labels of a domain, an address literal as it stands, "" where it is neither."""
    if _LITERAL.match(domain):
        return domain
    if domain.isascii():
        return domain.lower() if len(domain) <= 253 and _LDH_DOMAIN.match(domain) else ""
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return ""
