"""Authentication-Results (RFC 8601): read those of trusted peers, recognise forged ones of ours, write our own."""

import re
from collections.abc import Iterable
from email.errors import HeaderParseError
from email.header import decode_header

from listward.filters.identity.authres_syntax import (
    CONTROLS,
    HEAD_OCTETS,
    Malformed,
    Reported,
    first_segment,
    parse,
)
from listward.filters.identity.domains import ascii_domain, domain_of
from listward.filters.identity.origin import Authentication, AuthResult
from listward.filters.message.message import Message

_MOST_LETTERS = 300  # of one word: a domain has 253 (RFC 1035 section 3.1), and a line must not pass 998
_POLICY = re.compile(r"p=(?:none|quarantine|reject)")
_WORD = re.compile(r"""[^\s;=()"<>,]+""")
_MOST_WORDS = 20
MOST_REPORTED = 20
"""So many results of a peer are read, the topmost; each may cost questions to DNS."""
_UNSAFE = re.compile(r"[^A-Za-z0-9 .,:=_@+/-]")


def names_us(raw_value: bytes, authserv_id: str) -> bool:
    """Whether a field's value claims to come from us, in any spelling; in doubt it does.

    Only the first octets are read, so that no stranger's field takes long; whoever hides the name further back is us.
    """
    ours = _comparable(authserv_id)
    text = raw_value[:HEAD_OCTETS].decode("utf-8", "replace")
    cut = len(raw_value) > HEAD_OCTETS
    return any(_claims(reading, ours, cut) for reading in {text, _decoded(text)})


def _claims(text: str, ours: str, cut: bool) -> bool:
    try:
        words, ended = first_segment(text)
    except Malformed:
        # No two readers agree on such a field: if our name is in it anywhere, somebody may see it in front.
        return cut or ours in _comparable(CONTROLS.sub("", text))
    if cut and not ended:
        return True
    tokens = [token.removeprefix('"') for token in words]
    first = _comparable(tokens[0]) if tokens else ""
    joined = _comparable("".join(tokens))
    # "mx.example.com/1" and the like: no name goes on after such a sign.
    stem = re.split(r"[^a-z0-9._-]", first)[0]
    return ours in {first, stem, joined, joined.rstrip("0123456789").rstrip(".")}


def _comparable(name: str) -> str:
    """A name without blanks and case; a domain in A-labels without a final dot."""
    bare = re.sub(r"\s+", "", name).lower()
    return ascii_domain(bare) or bare


def _decoded(text: str) -> str:
    """The text as a reader shows it that decodes encoded words where none are allowed."""
    if "=?" not in text:
        return text
    try:
        parts = decode_header(text)
        return "".join(part if isinstance(part, str) else part.decode(name or "latin-1") for part, name in parts)
    except (HeaderParseError, LookupError, ValueError):
        return text


def forged_trace_field(name: str, raw_value: bytes, authserv_id: str) -> bool:
    """Whether an incoming field must be removed because it speaks in our name (RFC 8601 section 5)."""
    plain = name.strip().lower()
    if plain == "authentication-results":
        return names_us(raw_value, authserv_id)
    if plain != "received-spf":
        return False
    # Received-SPF (RFC 7208 section 9.1) names its writer in receiver=, anywhere; in doubt it is us.
    text = raw_value[:HEAD_OCTETS].decode("utf-8", "replace")
    ours = _comparable(authserv_id)
    return len(raw_value) > HEAD_OCTETS or any(_mentions(reading, ours) for reading in {text, _decoded(text)})


def _mentions(text: str, ours: str) -> bool:
    """Whether a name stands anywhere in a text, also in letters that a reader maps to ours; with many, in doubt."""
    bare = re.sub(r"\s+", "", text)
    other = [word for word in _WORD.findall(f"{text} {bare}") if not word.isascii()]
    return ours in bare.lower() or len(other) > _MOST_WORDS or any(ours in _comparable(word) for word in other)


def peer_results(message: Message, authserv_ids: Iterable[str]) -> tuple[AuthResult, ...]:
    """What a trusted peer found out: SPF and DKIM of its fields, read only above the second Received field.

    The peer must remove what others wrote in its name (RFC 8601 section 5). Of each method the topmost field counts, so
    that a field which it should have removed does not outweigh its own.
    """
    trusted = {_comparable(name) for name in authserv_ids}
    if not trusted:
        return ()
    reports: list[AuthResult] = []
    received = 0
    for field in message.fields:
        name = field.name.strip().lower()
        received += name == "received"
        if received > 1:
            break
        if name == "authentication-results":
            parsed = parse(field.raw)
            if parsed is not None and _comparable(parsed.authserv_id) in trusted:
                told = {report.method for report in reports}  # before: a stranger's field stands below the peer's own
                reports += [each for each in map(_as_result, parsed.results) if each and each.method not in told]
    return tuple(reports[:MOST_REPORTED])


def _as_result(reported: Reported) -> AuthResult | None:
    if reported.method == "spf":
        sender = reported.property("smtp.mailfrom", "smtp.mail")
        identity, where = (sender, "smtp.mailfrom") if sender else (reported.property("smtp.helo"), "smtp.helo")
        return AuthResult("spf", reported.result, domain_of(identity) or ascii_domain(identity), "", where)
    if reported.method == "dkim":
        identity = reported.property("header.d", "header.i")
        domain = ascii_domain(identity.rpartition("@")[2])
        return AuthResult("dkim", reported.result, domain, "", "header.d", ascii_domain(reported.property("header.s")))
    return None


def emit(authentication: Authentication, authserv_id: str) -> str:
    """Return the value of our own field: printable ASCII on one line, whatever the message held."""
    results = [_emitted(result) for result in authentication.results] or ["none"]
    return "; ".join([_safe(authserv_id), *results])


def _emitted(result: AuthResult) -> str:
    words = [f"{_keyword(result.method)}={_keyword(result.result)}"]
    if result.method == "dmarc" and _POLICY.fullmatch(result.detail):
        # As a comment (RFC 8601 section 2.2): RFC 7489 section 11.1 registers no property but header.from.
        words.append(f"({result.detail})")
    elif result.detail:
        words.append(f'reason="{_safe(result.detail)}"')
    if result.identity and result.property:
        words.append(f"{_safe(result.property)}={_value(result.identity)}")
    if result.selector:
        words.append(f"header.s={_value(result.selector)}")
    return " ".join(words)


def _keyword(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "", text[:_MOST_LETTERS]) or "unknown"


def _safe(text: str) -> str:
    return _UNSAFE.sub("?", text[:_MOST_LETTERS])


def _value(text: str) -> str:
    """A token where it is one (RFC 2045 section 5.1), else a quoted string."""
    safe = _safe(text)
    return safe if re.fullmatch(r"[A-Za-z0-9._+-]+", safe) else f'"{safe}"'
