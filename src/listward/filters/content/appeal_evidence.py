"""What one text shows of an appeal: signals with their places, payment identifiers, and the numbers drawn from both."""

from dataclasses import dataclass
from math import log2

from listward.filters.content.appeal_signals import occurrences
from listward.filters.content.payments import Payment, is_own, payments
from listward.filters.content.plain import Plain

MOST_SPANS = 12  # places kept of one signal in one text
ASKS = frozenset({"asks-for-money", "any-amount", "asks-for-goods", "own-fundraiser"})
LOOSE_ASKS = ASKS | {"asks-for-oneself", "asks-somebody"}
PUBLIC = frozenset({"collective", "campaigning", "about-appeals", "thanks-given"})
NEEDS = frozenset({"hardship", "needs-money"})

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Places in plain text: per signal, and of payment identifiers of others and of the organisation itself."""

    spans: dict[str, tuple[Span, ...]]
    foreign: tuple[Payment, ...]
    own: tuple[Payment, ...]
    length: int


def gather(text: Plain, payees: frozenset[str], domains: frozenset[str]) -> Evidence:
    """Look for every signal and identifier; linear in the text."""
    spans = {signal.name: places for signal, places in occurrences(text.lower.encode(), MOST_SPANS)}
    found_payments = payments(text)
    own = tuple(one for one in found_payments if is_own(one, payees, domains))
    foreign = tuple(one for one in found_payments if one not in own)
    return Evidence(spans, foreign, own, len(text.lower))


def _payment_numbers(evidence: Evidence) -> dict[str, float]:
    """Who is to be paid."""
    kinds = {"page" if one.page else "card" if one.kind == "card" else "account" for one in evidence.foreign}
    numbers = {f"payment-{kind}": 1.0 for kind in kinds}
    if evidence.own:
        numbers["payment-own"] = 1.0
    return numbers


def numbers_of(evidence: Evidence) -> dict[str, float]:
    """The named numbers that the weights multiply: presence, frequency, and what stands together."""
    spans = evidence.spans
    numbers = dict.fromkeys(spans, 1.0)
    for name in ("hardship", "collective", "campaigning", "business", "technical"):
        if len(spans.get(name, ())) > 1:
            numbers[f"{name}-more"] = log2(len(spans[name]))
    numbers |= _payment_numbers(evidence)
    asks, loosely, needs = (not names.isdisjoint(spans) for names in (ASKS, LOOSE_ASKS, NEEDS))
    personal = asks or needs or "for-a-person" in spans
    if asks and needs:
        numbers["need-and-ask"] = 1.0
    if loosely and needs:
        numbers["need-and-loose-ask"] = 1.0
    if personal and evidence.foreign:
        numbers["personal-and-payment"] = 1.0
    if asks and PUBLIC.isdisjoint(spans):
        numbers["asks-privately"] = 1.0
    if not evidence.foreign and not loosely:
        numbers["no-ask"] = 1.0
        numbers["told-without-asking"] = float(needs)
    numbers["long"] = max(0.0, min(log2((evidence.length + 1) / 1000), 4.0))
    return numbers
