"""DMARC (RFC 7489 or RFC 9989): does what SPF and DKIM prove speak for the From domain, and what if not."""

from collections.abc import Sequence
from dataclasses import dataclass

from listward.filters.identity.dmarc_records import Disposition, Record
from listward.filters.identity.dmarc_standards import Found, Standard, related_by_list
from listward.filters.identity.domains import ascii_domain
from listward.filters.identity.origin import AuthResult
from listward.filters.probes import ProbeUnavailable

_WEAKER: dict[Disposition, Disposition] = {"reject": "quarantine", "quarantine": "none", "none": "none"}
_PROVING = frozenset({"spf", "dkim"})
_NO_RECORD = Record()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`results` are those given, marked where they speak for the author, and DMARC's own as the last.

    `aligned`, `policy` and `undecided` are those of Authentication.
    """

    results: tuple[AuthResult, ...]
    aligned: bool
    policy: str
    undecided: bool


def aligned(author: str, authenticated: str, *, strict: bool) -> bool:
    """Whether an authenticated domain speaks for the author's by the public suffix list (RFC 7489 section 3.1)."""
    one, other = ascii_domain(author), ascii_domain(authenticated)
    if not one or not other:
        return False
    return one == other or (not strict and related_by_list(one, other))


async def evaluate(
    domain: str, results: Sequence[AuthResult], found: Found | ProbeUnavailable | None, standard: Standard
) -> Evaluation:
    """Evaluate a From domain whose record (its absence, or the trouble in its place) is known. Never raises.

    DNS trouble is never a pass. Without the record only what is the very same domain counts: that is aligned under any.
    """
    record = found.record if isinstance(found, Found) else _NO_RECORD
    asked = None if isinstance(found, ProbeUnavailable) else standard
    speaking = [item.result == "pass" and await _speaks(domain, item, record, asked) for item in results]
    marked = tuple(_marked(item, said is True) for item, said in zip(results, speaking, strict=True))
    proven = any(item.aligned for item in marked)
    if isinstance(found, ProbeUnavailable):
        result = AuthResult("dmarc", "temperror", domain, "the record cannot be fetched now", "header.from")
        return Evaluation((*marked, result), proven, "", not proven)
    # DNS trouble matters only where the missing answer could have been an aligned pass.
    open_question = not proven and (None in speaking or await _might_speak(domain, results, record, standard))
    policy = await _policy(domain, found, standard, proven=proven) if found else ""
    word = "pass" if proven else "temperror" if open_question or policy is None else "fail"
    result = AuthResult("dmarc", word if found else "none", domain, f"p={policy}" if policy else "", "header.from")
    return Evaluation((*marked, result), proven, policy or "", not proven and (open_question or policy is None))


def _marked(item: AuthResult, aligned: bool) -> AuthResult:
    """The result with this mark, whatever it came with; most have the right one."""
    if item.aligned is aligned:
        return item
    # dataclasses.replace takes four times as long, for every message.
    return AuthResult(
        item.method,
        item.result,
        item.identity,
        item.detail,
        item.property,
        item.selector,
        item.fields,
        item.signed_at,
        aligned,
    )


async def _speaks(domain: str, item: AuthResult, record: Record, standard: Standard | None) -> bool | None:
    """Whether what a method looked at is aligned with the author's domain; None where DNS gives no answer.

    Without a standard only the very same domain is.
    """
    if item.method not in _PROVING or not item.identity:
        return False
    if item.identity == domain:
        return True
    if standard is None or (record.strict_spf if item.method == "spf" else record.strict_dkim):
        return False
    try:
        return await standard.related(domain, item.identity)
    except ProbeUnavailable:
        return None


async def _might_speak(domain: str, results: Sequence[AuthResult], record: Record, standard: Standard) -> bool:
    """Whether one of the methods that DNS trouble stopped could have proven the author."""
    stopped = (item for item in results if item.result == "temperror")
    return any([await _speaks(domain, item, record, standard) is not False for item in stopped])


async def _policy(domain: str, found: Found, standard: Standard, *, proven: bool) -> Disposition | None:
    """The disposition that applies, weakened where the record says so; None where DNS trouble leaves it open."""
    record = found.record
    policy = record.subdomains if found.inherited else record.policy
    if found.inherited and record.nonexistent != record.subdomains and not proven:
        try:
            policy = record.subdomains if await standard.exists(domain) else record.nonexistent
        except ProbeUnavailable:
            return None
    return _WEAKER[policy] if found.weakened else policy
