"""Payment identifiers in text: bank accounts, cards, coins, payment services, fund-raiser pages.

An identifier is a sign of who should be paid, not of wrong: the organisation's own payees are told apart by a list.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from stdnum import bitcoin, iban, luhn

from listward.filters.content.bech32 import is_segwit_address
from listward.filters.content.payment_services import HANDLES, PAGES
from listward.filters.content.plain import Plain, plain
from listward.filters.message.patterns import PatternSet

MOST = 40  # identifiers read from one text: more is a table, not an appeal
_BANK_CODE = 4  # letters of a bank's code in an IBAN, which some write as they like
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
# What must stand in the text in lower case for one of the shapes above to be there; most mail has none of it.
_SHAPES = {
    "iban": r"(?:^|[^a-z0-9])[a-z]{2}\d{2}(?:[ \-]?[a-z0-9]){11}",
    "card": r"(?:^|[^0-9.,\-])[3-6]\d{3}[ \-]?\d{2,6}[ \-]?\d{2}",
    "base58": r"(?:^|[^a-z0-9])[13][1-9a-z]{25}",
    "segwit": r"(?:^|[^a-z0-9])bc1[a-z0-9]{11}",
    "ethereum": r"(?:^|[^a-z0-9])0x[0-9a-f]{40}",
    "monero": r"(?:^|[^a-z0-9])[48][1-9a-z]{94}",
    "account": r"account (?:n|#)|acct|a/c|sort code|routing|cuenta|clabe|cbu",
}
_KEYWORDS = tuple(
    dict.fromkeys((*(keyword for keyword, *_ in PAGES), *(keyword for many, *_ in HANDLES for keyword in many)))
)
_NAMES = (*_SHAPES, *_KEYWORDS)
_SIGNS = PatternSet((*_SHAPES.values(), *map(re.escape, _KEYWORDS)))
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


Signs = frozenset[str]
Finder = Callable[[Plain, Signs], Iterator[Payment]]


def _compact(text: str) -> str:
    """Without blanks and separators."""
    return _COMPACT.sub("", text)


def _matches(pattern: re.Pattern[str], text: Plain) -> Iterator[re.Match[str]]:
    return islice(pattern.finditer(text.cased), CANDIDATES)


def _one_case(written: str) -> bool:
    """Whether somebody wrote this: many letters in both cases are base64, as in a key or an encrypted message."""
    letters = [letter for letter in written[2:] if letter.isalpha()]
    return len(letters) <= _BANK_CODE or len({letter.isupper() for letter in letters}) == 1


def _ibans(text: Plain, signs: Signs) -> Iterator[Payment]:
    """IBANs by country format and check digits (ISO 13616); words that follow directly are not part of it."""
    for found in _matches(_IBAN, text) if "iban" in signs else ():
        for end in range(found.end(), found.start() + 14, -1):
            candidate = _compact(text.cased[found.start() : end]).upper()
            if (
                text.cased[end - 1].isalnum()
                and iban.is_valid(candidate)
                and _one_case(text.cased[found.start() : end])
            ):
                yield Payment("iban", candidate, found.start(), end)
                break


def _cards(text: Plain, signs: Signs) -> Iterator[Payment]:
    """Payment card numbers by length and Luhn digit."""
    for found in _matches(_CARD, text) if "card" in signs else ():
        digits = _compact(found[0])
        if 13 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn.is_valid(digits):
            yield Payment("card", digits, found.start(), found.end())


def _coins(text: Plain, signs: Signs) -> Iterator[Payment]:
    """Addresses of crypto-currencies; Bitcoin's are checked, others are taken by their shape."""
    for found in _matches(_BASE58, text) if "base58" in signs else ():
        if bitcoin.is_valid(found[0]):
            yield Payment("bitcoin", found[0], found.start(), found.end())
    for found in _matches(_SEGWIT, text) if "segwit" in signs else ():
        if is_segwit_address(found[0]):
            yield Payment("bitcoin", found[0].lower(), found.start(), found.end())
    for kind, pattern in (("ethereum", _ETHER), ("monero", _MONERO)):
        for found in _matches(pattern, text) if kind in signs else ():
            yield Payment(kind, found[0].lower(), found.start(), found.end())


def _accounts(text: Plain, signs: Signs) -> Iterator[Payment]:
    """Account numbers that are called so."""
    for found in _matches(_ACCOUNT, text) if "account" in signs else ():
        yield Payment("bank-account", _compact(found[1]), found.start(1), found.end(1))


def _pages(text: Plain, signs: Signs) -> Iterator[Payment]:
    """Pages of payment and fund-raising services."""
    for keyword, kind, page, pattern in PAGES:
        for found in _matches(pattern, text) if keyword in signs else ():
            yield Payment(kind, f"{kind}:{found[1].rstrip('.').lower()}", found.start(), found.end(), page)


def _handles(text: Plain, signs: Signs) -> Iterator[Payment]:
    """Names, telephone numbers and addresses that are said to belong to a payment service."""
    for keywords, kind, pattern in HANDLES:
        for found in () if signs.isdisjoint(keywords) else _matches(pattern, text):
            handle = found[1].lower().lstrip("@$")
            payee = re.sub(r"[^\d]", "", handle) if re.fullmatch(r"[+\d(][\d \-().]+", handle) else handle.rstrip(".")
            yield Payment(kind, f"{kind}:{payee}", found.start(1), found.end(1))


FINDERS: tuple[Finder, ...] = (_ibans, _coins, _pages, _handles, _accounts, _cards)


def payments(text: Plain) -> tuple[Payment, ...]:
    """Every payment identifier of a text, first come, overlapping ones once, at most MOST."""
    signs = frozenset(map(_NAMES.__getitem__, _SIGNS.found(text.lower.encode())))
    return tuple(sorted(_first(text, signs), key=lambda one: one.start)) if signs else ()


def _first(text: Plain, signs: Signs) -> list[Payment]:
    taken: list[Payment] = []
    for payment in (payment for finder in FINDERS for payment in finder(text, signs)):
        if all(payment.end <= other.start or payment.start >= other.end for other in taken):
            taken.append(payment)
        if len(taken) >= MOST:
            break
    return taken


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


def prepare(payees: frozenset[str]) -> None:
    """Make a list ready to compare with."""
    _payees(payees)


@lru_cache(maxsize=8)
def _payees(written: frozenset[str]) -> frozenset[str]:
    """The normal forms of a whole list; one list serves many messages."""
    return frozenset(payee_of(one) for one in written)


def is_own(payment: Payment, payees: frozenset[str], domains: frozenset[str]) -> bool:
    """Whether the organisation itself would be paid: the payee is listed, or is an address in its domains."""
    known = _payees(payees)
    bare = payment.payee.partition(":")[2] or payment.payee
    return payment.payee in known or bare in known or bare.rpartition("@")[2] in domains
