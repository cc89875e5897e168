"""SPF (RFC 7208) by pyspf, without threads: a check that meets an unknown name is asked again once it is known.

pyspf asks DNS through one module-level function. It is replaced once, here, by one that reads the answers of the
evaluation that is running in this context; no two evaluations share anything.
"""

import ipaddress
from contextvars import ContextVar
from dataclasses import dataclass, field

import spf

from listward.filters.identity.domains import ascii_domain
from listward.filters.identity.origin import AuthResult
from listward.filters.probes import ProbeUnavailable, Resolver

ROUNDS = 130
"""Names one evaluation can come to: 10 terms, of which mx and ptr name 10 hosts each (RFC 7208 section 4.6.4)."""
RECORD_OCTETS = 4096
"""Longer records are not evaluated: RFC 7208 section 3.4 asks for 512."""

_Question = tuple[str, str]
_RESULTS = frozenset({"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"})


class _Unknown(Exception):
    """The evaluation needs this answer first."""


@dataclass
class _Answers:
    """What one evaluation knows of DNS so far. `wanted` is the question it stopped at."""

    known: dict[_Question, tuple[bytes, ...] | None] = field(default_factory=dict)
    wanted: _Question | None = None


_current: ContextVar[_Answers] = ContextVar("spf_answers")


def _lookup(name: str, kind: str, _strict: object = True, _timeout: float = 0) -> list[tuple[tuple[str, str], object]]:
    """Answer pyspf from memory; an unknown name stops the evaluation."""
    answers = _current.get()
    question = (name.lower().removesuffix("."), kind)
    if question not in answers.known:
        answers.wanted = question
        raise _Unknown(kind)
    values = answers.known[question]
    if values is None:
        raise spf.TempError("DNS gives no answer")
    if kind == "TXT" and any(len(value) > RECORD_OCTETS and value[:6].lower() == b"v=spf1" for value in values):
        raise spf.PermError("the record is too long")
    return [((name, kind), _as_pyspf(kind, value)) for value in values]


spf.DNSLookup = _lookup


def _as_pyspf(kind: str, value: bytes) -> object:
    if kind == "TXT":
        return (value,)
    text = value.decode("ascii", "replace")
    if kind == "MX":
        preference, _, exchange = text.partition(" ")
        return (int(preference), exchange.removesuffix("."))
    return text


async def check_sender(address: str | None, helo: str, sender: str, resolver: Resolver) -> AuthResult:
    """Evaluate SPF for MAIL FROM, or for HELO where the sender is null (RFC 7208 section 2.4).

    `address` is the client's IP address; None, where a peer names no client, gives "none". Never raises: DNS trouble
    is "temperror".
    """
    identity, domain = ("smtp.mailfrom", sender.rpartition("@")[2]) if sender else ("smtp.helo", helo)
    domain = ascii_domain(domain)
    if address is None or not domain or not _is_address(address):
        return AuthResult("spf", "none", domain, property=identity)
    # pyspf splits at the first @, a quoted local part may hold others: what is evaluated must be what is aligned.
    local = sender.rpartition("@")[0].replace("@", "=") or "postmaster"
    result, detail = await _evaluate(address, helo or "unknown", f"{local}@{domain}", resolver)
    return AuthResult("spf", result, domain, detail, property=identity)


async def _evaluate(address: str, helo: str, sender: str, resolver: Resolver) -> tuple[str, str]:
    answers = _Answers()
    for _ in range(ROUNDS):
        outcome = _attempt(answers, address, helo, sender)
        if outcome is not None:
            return outcome
        if answers.wanted is None:
            break
        answers.known[answers.wanted] = await _answer(resolver, answers.wanted)
    return "temperror", "the evaluation asks for too many names"


def _attempt(answers: _Answers, address: str, helo: str, sender: str) -> tuple[str, str] | None:
    """Run pyspf on what is known; None where it stopped at an unknown name."""
    answers.wanted = None
    token = _current.set(answers)
    try:
        result, _, _ = spf.query(i=address, s=sender, h=helo).check()
    except _Unknown:
        return None
    except Exception as error:  # a hostile record must end in an answer; pyspf raises what its parsing meets
        return "permerror", f"the record cannot be read ({type(error).__name__})"
    finally:
        _current.reset(token)
    return (result, "") if result in _RESULTS else ("permerror", "")


async def _answer(resolver: Resolver, question: _Question) -> tuple[bytes, ...] | None:
    try:
        return await resolver.query(*question)
    except ProbeUnavailable:
        return None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
