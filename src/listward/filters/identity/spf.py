"""SPF (RFC 7208) by pyspf, without threads: a check that meets an unknown name is asked again once it is known.

pyspf asks DNS through one module-level function. It is replaced once, here, by one that reads the answers of the
evaluation that is running in this context; no two evaluations share anything.
"""

import ipaddress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

import spf

from listward.filters.identity.domains import ascii_domain
from listward.filters.identity.origin import AuthResult
from listward.filters.probes import ProbeUnavailable, Resolver

ROUNDS = 130
"""Names one evaluation can come to: 10 terms, of which mx and ptr name 10 hosts each (RFC 7208 section 4.6.4)."""
RECORD_OCTETS = 4096
"""Longer records are not evaluated: RFC 7208 section 3.4 asks for 512."""

READ_OCTETS = 500_000
"""So many octets of answers are read in all rounds of one evaluation, each answer once a round; honest records come to
some tens of thousands. RFC 7208 section 11.1 asks for a bound on what DNS hands over."""
VALUE_OCTETS = 16
"""What each value counts beyond its own octets: a short address takes as long to read as a longer word."""

REMEMBERED = 1024
"""Evaluations whose outcome is kept, of as many octets of answers as this each."""
REMEMBERED_OCTETS = 2048

_Question = tuple[str, str]
_Answer = tuple[bytes, ...] | None
_Known = tuple[tuple[_Question, _Answer], ...]
_RESULTS = frozenset({"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"})


class _Unknown(Exception):
    """The evaluation needs this answer first."""


@dataclass
class _Answers:
    """What one evaluation knows of DNS so far. `wanted` is the question it stopped at."""

    known: dict[_Question, _Answer]
    wanted: _Question | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """How far what is known leads: to result and detail, or to the question that has to be asked next."""

    outcome: tuple[str, str] | None = None
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


def sender_domain(helo: str, sender: str) -> tuple[str, str]:
    """Which identity SPF is asked about: MAIL FROM, or HELO where the sender is null (RFC 7208 section 2.4).

    Returns where it stands and its domain, "" where that is none.
    """
    identity, domain = ("smtp.mailfrom", sender.rpartition("@")[2]) if sender else ("smtp.helo", helo)
    return identity, ascii_domain(domain)


async def check_sender(address: str | None, helo: str, sender: str, resolver: Resolver) -> AuthResult:
    """Evaluate SPF for the domain that `sender_domain` names.

    `address` is the client's IP address; None, where a peer names no client, gives "none". Never raises: DNS trouble
    is "temperror".
    """
    identity, domain = sender_domain(helo, sender)
    if address is None or not domain or not _is_address(address):
        return AuthResult("spf", "none", domain, property=identity)
    # pyspf splits at the first @, a quoted local part may hold others: what is evaluated must be what is aligned.
    local = sender.rpartition("@")[0].replace("@", "=") or "postmaster"
    result, detail = await _evaluate(_Case(address, helo or "unknown", local, domain), resolver)
    return AuthResult("spf", result, domain, detail, property=identity)


@dataclass(frozen=True, slots=True)
class _Case:
    """What is evaluated."""

    address: str
    helo: str
    local: str
    domain: str


async def _evaluate(case: _Case, resolver: Resolver) -> tuple[str, str]:
    known: dict[_Question, _Answer] = {}
    size = read = 0
    for _ in range(ROUNDS):
        step = _step(case, tuple(known.items()))
        if step.outcome is not None:
            return step.outcome
        if step.wanted is None:
            break
        answer = known[step.wanted] = await _answer(resolver, step.wanted)
        size += sum(len(value) + VALUE_OCTETS for value in answer or ())
        read += size
        if read > READ_OCTETS:
            return "permerror", "the records hold more than is read"
    return "temperror", "the evaluation asks for too many names"


def _step(case: _Case, known: _Known) -> _Step:
    """Go on as far as what is known leads.

    Without macros (RFC 7208 section 7) neither HELO nor the local part counts: client, domain and answers alone decide,
    so that the step is the same each time.
    """
    values = [value for _, answer in known for value in answer or ()]
    if sum(map(len, values)) > REMEMBERED_OCTETS or any(b"%" in value for value in values):
        return _attempt(case, known)
    return _plain_step(case.address, case.domain, known)


@lru_cache(maxsize=REMEMBERED)
def _plain_step(address: str, domain: str, known: _Known) -> _Step:
    return _attempt(_Case(address, "unknown", "postmaster", domain), known)


def _attempt(case: _Case, known: _Known) -> _Step:
    """Run pyspf on what is known."""
    answers = _Answers(dict(known))
    token = _current.set(answers)
    try:
        result, _, _ = spf.query(i=case.address, s=f"{case.local}@{case.domain}", h=case.helo).check()
    except _Unknown:
        return _Step(wanted=answers.wanted)
    except Exception as error:  # a hostile record must end in an answer; pyspf raises what its parsing meets
        return _Step(("permerror", f"the record cannot be read ({type(error).__name__})"))
    finally:
        _current.reset(token)
    return _Step((result, "") if result in _RESULTS else ("permerror", ""))


async def _answer(resolver: Resolver, question: _Question) -> _Answer:
    try:
        return await resolver.query(*question)
    except ProbeUnavailable:
        return None


@lru_cache(maxsize=REMEMBERED)
def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
