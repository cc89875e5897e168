"""What one text shows of an appeal: signals with their places, payment identifiers, and the numbers drawn from both."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from math import log2

from listward.filters.content.appeal_signals import SIGNALS, places, present
from listward.filters.content.payments import Payment, is_own, payments
from listward.filters.content.plain import Plain

MOST_SPANS = 2_000  # places kept of one signal in one text
MOST_COUNTED = 12
ASKS = frozenset({"asks-for-money", "any-amount", "asks-for-goods", "own-fundraiser"})
LOOSE_ASKS = ASKS | {"asks-for-oneself", "asks-somebody"}
PUBLIC = frozenset({"collective", "campaigning", "about-appeals", "thanks-given"})
NEEDS = frozenset({"hardship", "needs-money"})
COUNTED = ("hardship", "collective", "campaigning", "business", "technical")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Places in plain text, each in order: per signal, and of payment identifiers of others and of the organisation.

    `apart` says that words for the organisation stand in the text, and away from what this evidence is of.
    """

    spans: dict[str, tuple[Span, ...]]
    foreign: tuple[Payment, ...] = ()
    own: tuple[Payment, ...] = ()
    length: int = 0
    apart: bool = False


def gather(text: Plain, payees: frozenset[str], domains: frozenset[str]) -> Evidence:
    """Look for every signal and identifier; linear in the text. Where nothing speaks for an appeal, none is told."""
    octets = text.lower.encode()
    found_payments = payments(text)
    indexes = present(octets, always=bool(found_payments))
    if not indexes and not found_payments:
        return Evidence({}, length=len(text.lower))
    spans = {SIGNALS[index].name: places(octets, index, MOST_SPANS) for index in indexes}
    own = tuple(one for one in found_payments if is_own(one, payees, domains))
    foreign = tuple(one for one in found_payments if one not in own)
    return Evidence(spans, foreign, own, len(text.lower))


def within(evidence: Evidence, start: int, end: int, head: int = 0, apart: bool = False) -> Evidence:
    """What begins in [start, end), or in the first `head` characters, which belong to every part of a text."""
    spans = {name: kept for name, found in evidence.spans.items() if (kept := _between(found, start, end, head))}
    foreign, own = (
        tuple(one for one in found if one.start < head or start <= one.start < end)
        for found in (evidence.foreign, evidence.own)
    )
    return Evidence(spans, foreign, own, end - start, apart)


def _between(spans: tuple[Span, ...], start: int, end: int, head: int) -> tuple[Span, ...]:
    first, last, leading = (bisect_left(spans, (position,)) for position in (start, end, head))
    return (*spans[: min(leading, first)], *spans[first:last])


def _payment_numbers(evidence: Evidence) -> dict[str, float]:
    """Who is to be paid."""
    kinds = {"page" if one.page else "card" if one.kind == "card" else "account" for one in evidence.foreign}
    numbers = {f"payment-{kind}": 1.0 for kind in kinds}
    if evidence.own:
        numbers["payment-own"] = 1.0
    return numbers


def shows(evidence: Evidence, names: Iterable[str]) -> bool:
    """Whether one of the signals is there."""
    return any(name in evidence.spans for name in names)


def numbers_of(evidence: Evidence) -> dict[str, float]:
    """The named numbers that the weights multiply: presence, frequency, and what stands together."""
    spans = evidence.spans
    numbers = dict.fromkeys(spans, 1.0)
    for name in COUNTED:
        if len(spans.get(name, ())) > 1:
            numbers[f"{name}-more"] = log2(min(len(spans[name]), MOST_COUNTED))
    numbers |= _payment_numbers(evidence)
    asks, loosely, needs = (shows(evidence, names) for names in (ASKS, LOOSE_ASKS, NEEDS))
    together = {
        "need-and-ask": asks and needs,
        "need-and-loose-ask": loosely and needs,
        "personal-and-payment": (asks or needs or "for-a-person" in spans) and bool(evidence.foreign),
        "asks-privately": asks and PUBLIC.isdisjoint(spans),
        "no-ask": not evidence.foreign and not loosely,
        "told-without-asking": not evidence.foreign and not loosely and needs,
        "apart": evidence.apart,
    }
    return numbers | {name: 1.0 for name, holds in together.items() if holds}
