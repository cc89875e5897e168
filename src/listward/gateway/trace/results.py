"""Authentication-Results (RFC 8601): ours written, those that forge our id taken out (section 5)."""

import re

from listward.filters.identity.origin import Authentication, AuthResult
from listward.gateway.trace import fields
from listward.wire import headers

_PROPERTIES = {"spf": "smtp.mailfrom", "dkim": "header.d", "dmarc": "header.from"}
_TOKEN = re.compile(r"[A-Za-z0-9.@_:/+-]{1,255}")
_WORD = re.compile(r"[a-z0-9-]{1,32}")
_QUOTED_PAIR = re.compile(r"\\(.)")
_NAMES = (b"Authentication-Results", b"Received-SPF")


def results_field(authserv_id: str, authentication: Authentication) -> bytes:
    """Return our field. What DNS or the message said enters only where it is a plain token."""
    parts = [part for result in authentication.results if (part := _result(result))]
    return headers.field("Authentication-Results", "; ".join([authserv_id, *(parts or ["none"])]))


def without_forged(header: bytes, authserv_id: str) -> bytes:
    """Return the header without results that claim to be ours, in whatever spelling; in doubt they go."""
    lower = header.lower()
    if b"authentication-results" in lower:
        header = fields.without(header, _NAMES[0], lambda value: claims(value, authserv_id))
    if b"received-spf" in lower:
        header = fields.without(header, _NAMES[1], lambda value: authserv_id.lower() in value.lower())
    return header


def claims(value: str, authserv_id: str) -> bool:
    """Whether a field's value names our id, or cannot be read and might."""
    head = _head(value)
    if head is None:
        return authserv_id.lower() in value.lower()
    words = head.split()
    return bool(words) and words[0].strip('"').casefold().rstrip(".") == authserv_id.casefold().rstrip(".")


def _head(value: str) -> str | None:
    """Return what stands before the first ";", comments dropped and quotes opened; None where they do not close."""
    out: list[str] = []
    depth, quoted, at = 0, False, 0
    while at < len(value):
        letter = value[at]
        if letter == "\\" and (quoted or depth):
            out.append(value[at + 1 : at + 2] if not depth else "")
            at += 2
            continue
        at += 1
        if letter == '"' and not depth:
            quoted = not quoted
        elif letter == "(" and not quoted:
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
            out.append(" ")
        elif letter == ";" and not depth and not quoted:
            break
        elif not depth:
            out.append(letter)
    return None if depth or quoted else "".join(out)


def _result(result: AuthResult) -> str:
    if not (_WORD.fullmatch(result.method) and _WORD.fullmatch(result.result)):
        return ""
    name = result.property or _PROPERTIES.get(result.method, "")
    text = f"{result.method}={result.result}"
    return f"{text} {name}={result.identity}" if name and _TOKEN.fullmatch(result.identity) else text
