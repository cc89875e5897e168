"""How an author writes, as far as a stolen account may write otherwise: whom to pay, and in which language."""

from dataclasses import dataclass

from listward.filters.content.language import language_of
from listward.filters.content.payments import is_own, payments
from listward.filters.content.plain import Plain, plain
from listward.filters.context import Context
from listward.filters.message.message import Message

MOST_PAYEES = 8


@dataclass(frozen=True, slots=True)
class Manner:
    """Of the author's own words, never of a quotation: payees in normal form, and a code of `LANGUAGES` or "".

    Payees of the organisation itself are left out.
    """

    payees: tuple[str, ...] = ()
    language: str = ""


def manner_of(message: Message, context: Context, known: Plain | None = None) -> Manner:
    """Read it. `known` is the folded own text (its subject in front does no harm), where somebody has it already."""
    own = message.own_text
    text = known if known is not None else plain(own)
    ours = context.domains | context.internal_domains
    foreign = (found.payee for found in payments(text) if not is_own(found, context.payees, ours))
    return Manner(tuple(dict.fromkeys(foreign))[:MOST_PAYEES], language_of(own))
