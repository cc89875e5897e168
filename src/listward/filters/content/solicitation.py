"""Tells a person's own appeal for money or goods from dues, strike funds, campaigns and talk about money.

Twenty-odd named signals with their places go into one logistic sum, so that every score can be explained.
Only what the author wrote counts: quoted text, and the subject of a thread another began, speak for others.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp

from listward.filters.content.appeal_evidence import Evidence as Gathered
from listward.filters.content.appeal_evidence import Span, gather, numbers_of
from listward.filters.content.appeal_signals import SIGNALS
from listward.filters.content.appeal_weights import BIAS, WEIGHTS
from listward.filters.content.plain import MAX_CHARACTERS, Plain, plain
from listward.filters.context import Context
from listward.filters.findings import Evidence, Finding
from listward.filters.message.message import Message

CATEGORY = "solicitation"
CLEAR = "personal-appeal"
DOUBTFUL = "personal-appeal-doubtful"
CLEAR_FROM = 0.85
DOUBTFUL_FROM = 0.6
MOST_EVIDENCE = 24
LONGEST_QUOTE = 240

_REPLY = re.compile(r"^\s{0,9}(?:\[[^\[\]]{1,40}\]\s{0,9})?(?:re|fwd?|aw|wg|sv|rv|rm|tr)\s{0,3}:", re.IGNORECASE)
_SAYS = {signal.name: signal.says for signal in SIGNALS if signal.towards > 0}
_PAYMENT = "payment"
_PAYMENT_SAYS = "names an account or page to pay to"


@dataclass(frozen=True, slots=True)
class Appeal:
    """One message read for an appeal. The text is `subject`, a line end, then the own text of the body."""

    subject: str
    text: Plain
    gathered: Gathered
    score: float


def _subject(message: Message) -> str:
    """The subject where this author chose it."""
    answered = message.first("In-Reply-To") or message.first("References") or _REPLY.match(message.subject)
    return "" if answered else message.subject[:998]


def read(message: Message, context: Context) -> Appeal:
    """Gather signals and weigh them. Linear in the author's text, of which MAX_CHARACTERS are read."""
    subject = _subject(message)
    text = plain(f"{subject}\n{message.own_text[:MAX_CHARACTERS]}")
    gathered = gather(text, context.payees, context.domains | context.internal_domains)
    return Appeal(subject, text, gathered, weigh(numbers_of(gathered)))


def weigh(numbers: dict[str, float]) -> float:
    """The logistic of the weighted sum, in (0, 1)."""
    total = BIAS + sum(WEIGHTS.get(name, 0.0) * number for name, number in numbers.items())
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))


def score(message: Message, context: Context) -> float:
    """How likely the author asks for aid for a person, in [0, 1]."""
    return read(message, context).score


def check(message: Message, context: Context) -> Iterable[Finding]:
    """A finding where the score is at least DOUBTFUL_FROM, with the words of every signal that spoke for it."""
    appeal = read(message, context)
    if appeal.score < DOUBTFUL_FROM:
        return ()
    rule = CLEAR if appeal.score >= CLEAR_FROM else DOUBTFUL
    return (Finding(rule, CATEGORY, round(appeal.score, 4), _reason(appeal), tuple(_evidence(appeal))),)


def _speaking(appeal: Appeal) -> dict[str, tuple[Span, ...]]:
    """The places of each signal that speaks for an appeal, payment identifiers first, then by weight."""
    spans = {name: appeal.gathered.spans[name] for name in _SAYS if name in appeal.gathered.spans}
    payments = tuple((one.start, one.end) for one in appeal.gathered.foreign)
    ordered = dict(sorted(spans.items(), key=lambda item: -WEIGHTS.get(item[0], 0.0)))
    return {_PAYMENT: payments, **ordered} if payments else ordered


def _reason(appeal: Appeal) -> str:
    """One plain sentence of the two strongest signals."""
    names = [name for name in _speaking(appeal) if name != "first-person"][:2]
    said = [_PAYMENT_SAYS if name == _PAYMENT else _SAYS[name] for name in names]
    return f"The text {' and '.join(said)}." if said else "The text reads like a request for personal aid."


def _evidence(appeal: Appeal) -> list[Evidence]:
    """Every place once, in the views `subject` and `own_text`."""
    places = {span for name, spans in _speaking(appeal).items() if name != "first-person" for span in spans}
    marked = (_place(appeal, *appeal.text.span(*span)) for span in sorted(places))
    return [place for place in marked if place.text.strip()][:MOST_EVIDENCE]


def _place(appeal: Appeal, start: int, end: int) -> Evidence:
    """A span of the joined text as a span of the view it lies in."""
    end = min(end, start + LONGEST_QUOTE)
    body = len(appeal.subject) + 1
    if start < body:
        end = min(end, len(appeal.subject))
        return Evidence("subject", start, end, appeal.subject[start:end])
    return Evidence("own_text", start - body, end - body, appeal.text.original[start:end])
