"""Why a case was held, as its page says it: each sentence once, with the words it rests on and where they stand."""

from collections.abc import Iterable
from dataclasses import dataclass

from listward.queue.cases.case import Reason
from listward.queue.desk.console.marks import TEXT_VIEWS

MOST_QUOTES = 8
_PLACES = {
    "subject": "in the subject",
    "attached_text": "in an attached text",
    "attachment": "attached",
    "hidden": "hidden from readers",
    "hidden_text": "hidden from readers",
    "from": "in the From line",
    "reply-to": "in the Reply-To line",
    "sender": "in the Sender line",
    "header": "in the header",
}


@dataclass(frozen=True, slots=True)
class Quote:
    """Words a reason rests on; `place` says where they stand, "" in the message's own text."""

    words: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """One reason as it is shown: a sentence, its clause, words it rests on, and how many more there are."""

    sentence: str
    clause: str
    quotes: tuple[Quote, ...]
    more: int = 0


def whys(reasons: Iterable[Reason]) -> list[Why]:
    """The reasons, those with the same sentence together."""
    quotes: dict[tuple[str, str], dict[Quote, bool]] = {}
    for reason in reasons:
        kept = quotes.setdefault((reason.sentence, reason.clause), {})
        if reason.quote:
            kept[Quote(reason.quote, _PLACES.get(reason.view, ""))] = reason.view in TEXT_VIEWS
    return [_why(sentence, clause, kept) for (sentence, clause), kept in quotes.items()]


def _why(sentence: str, clause: str, kept: dict[Quote, bool]) -> Why:
    """What is not marked in the text comes first: the page shows it nowhere else."""
    found = sorted(kept, key=kept.__getitem__)
    return Why(sentence, clause, tuple(found[:MOST_QUOTES]), max(0, len(found) - MOST_QUOTES))
