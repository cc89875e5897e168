"""Payment identifiers in text: bank accounts, cards, coins, payment services, fund-raiser pages.

An identifier is a sign of who should be paid, not of wrong: the organisation's own payees are told apart by a list.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import re2
from stdnum import bitcoin, iban, luhn

from listward.filters.content.bech32 import is_segwit_address
from listward.filters.content.payment_services import HANDLES, PAGES
from listward.filters.content.plain import Plain, plain

MOST = 40  # identifiers read from one text: more is a table, not an appeal
CANDIDATES = 200  # strings of one shape that are checked: bounds the work on hostile text

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \-]?[A-Za-z0-9]){11,30}")
_CARD = re.compile(r"(?<![\d.,\-])[3-6]\d{3}(?:[ \-]?\d{2,6}){2,4}(?![\d\-])")
_BASE58 = re.compile(r"(?<![A-Za-z0-9])[13][1-9A-HJ-NP-Za-km-z]{25,34}(?![A-Za-z0-9])")
_SEGWIT = re.compile(r"(?<![A-Za-z0-9])(?:bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71})(?![A-Za-z0-9])")
_ETHER = re.compile(r"(?<![A-Za-z0-9])0[xX][0-9a-fA-F]{40}(?![A-Za-z0-9])")
_MONERO = re.compile(r"(?<![A-Za-z0-9])[48][1-9A-HJ-NP-Za-km-z]{94}(?![A-Za-z0-9])")
_ACCOUNT = re.compile(
    r"\b(?:account (?:number|no\.?|nr\.?|#)|acct\.?(?: no\.?| number)?|a/c(?: no\.?)?|sort code|routing(?: number)?"
    r"|(?:numero|n\.?o?\.?|nro\.?) de cuenta|cuenta (?:corriente|bancaria|de ahorros?|numero|n\.?o?\.?|nro\.?)"
    r"|clabe|cbu|alias cbu)"
    r"[^\d\n]{0,40}(\d[\d \-/.]{4,30}\d)",
    re.IGNORECASE,
)
# One linear pass decides whether any of the shapes above can be there; most mail has none.
_ANY_NUMBER = re2.compile(
    r"(?i)[a-z]{2}\d{2}(?:[ \-]?[a-z0-9]){11}|[3-6]\d{3}[ \-]?\d{2,6}[ \-]?\d{2}|[13][1-9a-z]{25}|bc1[a-z0-9]{11}"
    r"|0x[0-9a-f]{40}|[48][1-9a-z]{94}|acc(?:oun)?t|a/c|sort code|routing|cuenta|clabe|cbu"
)
_ANY_NAME = re2.compile(
    "|".join({re.escape(keyword) for keyword, *_ in PAGES} | {re.escape(one) for many, *_ in HANDLES for one in many})
)
_COMPACT = re.compile(r"[\s\-./]")


@dataclass(frozen=True, slots=True)
class Payment:
    """One identifier at [start, end) of the plain text. `kind` is kebab-case; `payee` is normalised, see `payee_of`.

    `page` tells a public fund-raiser page from a private account or handle.
    """

    kind: str
    payee: str
    start: int
    end: int
    page: bool = False


Finder = Callable[[Plain], Iterator[Payment]]


def _compact(text: str) -> str:
    """Without blanks and separators."""
    return _COMPACT.sub("", text)


def _ibans(text: Plain) -> Iterator[Payment]:
    """IBANs by country format and check digits (ISO 13616); words that follow directly are not part of it."""
    for found in islice(_IBAN.finditer(text.cased), CANDIDATES):
        for end in range(found.end(), found.start() + 14, -1):
            candidate = _compact(text.cased[found.start() : end]).upper()
            if text.cased[end - 1].isalnum() and iban.is_valid(candidate):
                yield Payment("iban", candidate, found.start(), end)
                break


def _cards(text: Plain) -> Iterator[Payment]:
    """Payment card numbers by length and Luhn digit."""
    for found in islice(_CARD.finditer(text.cased), CANDIDATES):
        digits = _compact(found[0])
        if 13 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn.is_valid(digits):
            yield Payment("card", digits, found.start(), found.end())


def _coins(text: Plain) -> Iterator[Payment]:
    """Addresses of crypto-currencies; Bitcoin's are checked, others are taken by their shape."""
    for found in islice(_BASE58.finditer(text.cased), CANDIDATES):
        if bitcoin.is_valid(found[0]):
            yield Payment("bitcoin", found[0], found.start(), found.end())
    for found in islice(_SEGWIT.finditer(text.cased), CANDIDATES):
        if is_segwit_address(found[0]):
            yield Payment("bitcoin", found[0].lower(), found.start(), found.end())
    for kind, pattern in (("ethereum", _ETHER), ("monero", _MONERO)):
        for found in islice(pattern.finditer(text.cased), CANDIDATES):
            yield Payment(kind, found[0].lower(), found.start(), found.end())


def _accounts(text: Plain) -> Iterator[Payment]:
    """Account numbers that are called so."""
    for found in islice(_ACCOUNT.finditer(text.cased), CANDIDATES):
        yield Payment("bank-account", _compact(found[1]), found.start(1), found.end(1))


def _pages(text: Plain) -> Iterator[Payment]:
    """Pages of payment and fund-raising services."""
    for keyword, kind, page, pattern in PAGES:
        if keyword not in text.lower:
            continue
        for found in islice(pattern.finditer(text.cased), CANDIDATES):
            yield Payment(kind, f"{kind}:{found[1].rstrip('.').lower()}", found.start(), found.end(), page)


def _handles(text: Plain) -> Iterator[Payment]:
    """Names, telephone numbers and addresses that are said to belong to a payment service."""
    for keywords, kind, pattern in HANDLES:
        if not any(keyword in text.lower for keyword in keywords):
            continue
        for found in islice(pattern.finditer(text.cased), CANDIDATES):
            handle = found[1].lower().lstrip("@$")
            payee = re.sub(r"[^\d]", "", handle) if re.fullmatch(r"[+\d(][\d \-().]+", handle) else handle.rstrip(".")
            yield Payment(kind, f"{kind}:{payee}", found.start(1), found.end(1))


NUMBERS: tuple[Finder, ...] = (_ibans, _coins)
NAMES: tuple[Finder, ...] = (_pages, _handles)
LOOSE: tuple[Finder, ...] = (_accounts, _cards)


def payments(text: Plain) -> tuple[Payment, ...]:
    """Every payment identifier of a text, first come, overlapping ones once, at most MOST."""
    taken: list[Payment] = []
    numbers = _ANY_NUMBER.search(text.cased.encode()) is not None
    names = _ANY_NAME.search(text.lower.encode()) is not None
    for finder in (*(NUMBERS if numbers else ()), *(NAMES if names else ()), *(LOOSE if numbers else ())):
        for payment in finder(text):
            if all(payment.end <= other.start or payment.start >= other.end for other in taken):
                taken.append(payment)
            if len(taken) >= MOST:
                return tuple(sorted(taken, key=lambda one: one.start))
    return tuple(sorted(taken, key=lambda one: one.start))


def payee_of(written: str) -> str:
    """The normal form of an identifier as somebody wrote it in a list of payees.

    A bare name, telephone number or address stays as it is, in lower case without blanks and leading "@" or "$".
    """
    folded = plain(written.strip())
    found = payments(folded)
    if found:
        return found[0].payee
    return _compact_name(folded.lower)


def _compact_name(text: str) -> str:
    """A bare handle: lower case, no blanks, no leading sign."""
    return re.sub(r"\s", "", text).lstrip("@$")


@lru_cache(maxsize=8)
def _payees(written: frozenset[str]) -> frozenset[str]:
    """The normal forms of a whole list; one list serves many messages."""
    return frozenset(payee_of(one) for one in written)


def is_own(payment: Payment, payees: frozenset[str], domains: frozenset[str]) -> bool:
    """Whether the organisation itself would be paid: the payee is listed, or is an address in its domains."""
    known = _payees(payees)
    bare = payment.payee.partition(":")[2] or payment.payee
    return payment.payee in known or bare in known or bare.rpartition("@")[2] in domains
