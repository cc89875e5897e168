"""Tells a person's own appeal for money or goods from dues, strike funds, campaigns and talk about money.

Twenty-odd named signals with their places go into one logistic sum, so that every score can be explained. Each part of
a text is weighed by itself and the strongest counts. What may be somebody else's words is doubtful at most.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp

from listward.filters.content.appeal_evidence import Evidence as Gathered
from listward.filters.content.appeal_evidence import Span, gather, numbers_of
from listward.filters.content.appeal_signals import SIGNALS
from listward.filters.content.appeal_views import View, views
from listward.filters.content.appeal_weights import BIAS, WEIGHTS
from listward.filters.content.appeal_windows import parts
from listward.filters.content.plain import MAX_CHARACTERS, Plain, plain
from listward.filters.context import Context
from listward.filters.findings import Evidence, Finding
from listward.filters.message.message import Message

CATEGORY = "solicitation"
CLEAR = "personal-appeal"
DOUBTFUL = "personal-appeal-doubtful"
UNREAD = "text-unread"
SIZE = "size"
CLEAR_FROM = 0.85
DOUBTFUL_FROM = 0.6
MOST_DOUBTFUL = 0.84
MOST_EVIDENCE = 24
LONGEST_QUOTE = 240

_SAYS = {signal.name: signal.says for signal in SIGNALS if signal.towards > 0}
_PAYMENT = "payment"
_PAYMENT_SAYS = "names an account or page to pay to"


@dataclass(frozen=True, slots=True)
class Appeal:
    """The part of a message that reads most like an appeal. `text` is the view's subject, a line end, then its text.

    `unread` says that the author wrote more than was read.
    """

    view: View
    text: Plain
    gathered: Gathered
    score: float
    unread: bool = False


def read(message: Message, context: Context) -> Appeal:
    """Gather signals and weigh them in every text of the message. Linear in the texts, each cut at MAX_CHARACTERS."""
    seen = list(views(message))
    strongest = max((_read(view, context) for view in seen), key=lambda appeal: appeal.score)
    unread = any(len(view.text) > MAX_CHARACTERS for view in seen)
    return Appeal(strongest.view, strongest.text, strongest.gathered, strongest.score, unread)


def _read(view: View, context: Context) -> Appeal:
    text = plain(f"{view.subject}\n{view.text[:MAX_CHARACTERS]}")
    whole = gather(text, context.payees, context.domains | context.internal_domains)
    weighed = [(weigh(numbers_of(part)), part) for part in parts(whole, text.lower, len(view.subject))]
    score, part = max(weighed, key=lambda one: one[0])
    return Appeal(view, text, part, min(score, MOST_DOUBTFUL) if view.doubtful else score)


def weigh(numbers: dict[str, float]) -> float:
    """The logistic of the weighted sum, in (0, 1)."""
    total = BIAS + sum(WEIGHTS.get(name, 0.0) * number for name, number in numbers.items())
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))


def score(message: Message, context: Context) -> float:
    """How likely the author asks for aid for a person, in [0, 1]."""
    return read(message, context).score


def check(message: Message, context: Context) -> Iterable[Finding]:
    """What `findings_of` says of the message."""
    return findings_of(read(message, context))


def findings_of(appeal: Appeal) -> tuple[Finding, ...]:
    """A finding where the score is at least DOUBTFUL_FROM, with the words of every signal that spoke for it."""
    findings: list[Finding] = []
    if appeal.score >= DOUBTFUL_FROM:
        rule = CLEAR if appeal.score >= CLEAR_FROM else DOUBTFUL
        findings.append(Finding(rule, CATEGORY, round(appeal.score, 4), _reason(appeal), tuple(_evidence(appeal))))
    if appeal.unread:
        findings.append(Finding(UNREAD, SIZE, 0.6, "Only the first part of the text was read for pleas for money."))
    return tuple(findings)


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
    """Every place once, in the subject and in the view."""
    places = {span for name, spans in _speaking(appeal).items() if name != "first-person" for span in spans}
    marked = (_place(appeal, *appeal.text.span(*span)) for span in sorted(places))
    return [place for place in marked if place.text.strip()][:MOST_EVIDENCE]


def _place(appeal: Appeal, start: int, end: int) -> Evidence:
    """A span of the joined text as a span of the view it lies in."""
    end = min(end, start + LONGEST_QUOTE)
    body = len(appeal.view.subject) + 1
    if start < body:
        end = min(end, len(appeal.view.subject))
        return Evidence("subject", start, end, appeal.view.subject[start:end])
    return Evidence(appeal.view.name, start - body, end - body, appeal.text.original[start:end])
