"""What the organisation itself looks for: its phrase lists, and the patterns of its rules.

Texts are folded first, so that full-width or look-alike letters, signs that nobody sees and s p a c e d words hide
nothing. Phrases match whole words, whatever stands between them; patterns are RE2's and take time linear in the text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import re2

from listward.config.conditions import Asked, options
from listward.filters.context import Context
from listward.filters.findings import Evidence, Finding
from listward.filters.message.message import Message
from listward.filters.message.normalise import Folded, fold, join_spaced

PHRASE, PATTERN = "phrase", "pattern"
MOST_LETTERS = 200_000
"""Of one text; a longer one has the finding `text-unread`, which a person looks at."""
MOST_EVIDENCE = 5
MOST_FIELDS = 20
# Not what is quoted: whoever quotes abuse to condemn it has not written it.
_TEXTS = ("own_text", "hidden_text", "attached_text")
# A word goes on over the marks of its letters: accents, vowel points, and signs of stress.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1ace\u1dc0-\u1dff"
)
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_PLAIN_WORD = re.compile(r"[a-z0-9]+")  # the same in lower ASCII, in a fraction of the time


class _Step(dict[str, "_Step"]):
    """Phrases by their next word; `lists` are those that have a phrase ending here."""

    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _View:
    """One text of the message, folded; the places in it lead back to the text as it came."""

    name: str
    text: str
    folded: Folded
    joined: Folded

    @property
    def is_changed(self) -> bool:
        """Whether folding altered it: a pattern may name the very letter ("brød") that it took away."""
        return self.joined != self.text

    def evidence(self, start: int, end: int) -> Evidence:
        """The words of [start, end) of the joined text as they stand in the message."""
        begin, stop = self.folded.original(*self.joined.original(start, end))
        return Evidence(self.name, begin, stop, self.text[begin:stop][:200])


def prepare(context: Context) -> None:
    """Make ready what is looked for."""
    _table(context.phrases)
    for asked in context.patterns:
        _compiled(asked.expression)


def check(message: Message, context: Context) -> Iterable[Finding]:
    """Say which phrase lists and patterns the message meets, with the words."""
    view = cache(lambda name: _view(name, getattr(message, name)))  # a text that nobody asks for is not folded
    if context.phrases:
        yield from _phrases([view(name) for name in ("subject", *_TEXTS)], context.phrases)
    for asked in context.patterns:
        if asked.where.startswith("header:"):
            yield from _in_header(message, asked)
        else:
            wanted = ("subject",) if asked.where == "subject" else _TEXTS
            yield from _in_views([view(name) for name in wanted], asked)


def _view(name: str, text: str) -> _View:
    bounded = text[:MOST_LETTERS]
    folded = fold(bounded)
    return _View(name, bounded, folded, join_spaced(folded))


def _keys(text: str) -> list[str]:
    """Each word of a text as it compares: without case and accents."""
    if text.isascii():
        return _PLAIN_WORD.findall(text.lower())
    return [_key(word) for word in _WORD.findall(text)]


@lru_cache(maxsize=8192)
def _key(word: str) -> str:
    small = word.casefold()
    if small.isascii():
        return small
    apart = unicodedata.normalize("NFD", small)
    return "".join(sign for sign in apart if unicodedata.category(sign) not in {"Mn", "Me"})


def phrase_key(phrase: str) -> tuple[str, ...]:
    """Return a phrase's words as they compare."""
    return tuple(_keys(join_spaced(fold(phrase))))


@lru_cache(maxsize=2)  # of one configuration and the next: 20,000 phrases take some 20 MB
def _table(lists: tuple[tuple[str, tuple[str, ...]], ...]) -> _Step:
    """Every phrase by its words: a text goes no further into thousands than it agrees with them."""
    table = _Step()
    for name, phrases in lists:
        for phrase in phrases:
            step = table
            for word in phrase_key(phrase):
                step = step.setdefault(word, _Step())
            if step is not table and name not in step.lists:
                step.lists += (name,)
    return table


def _phrases(views: list[_View], lists: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[Finding]:
    table = _table(lists)
    found: dict[str, list[Evidence]] = {}
    for view in views:
        for name, start, end in _met(view, table):
            kept = found.setdefault(name, [])
            if len(kept) < MOST_EVIDENCE:
                kept.append(view.evidence(start, end))
    for name, places in found.items():
        reason = f"The message has words of the organisation's list “{name}”."
        yield Finding(f"phrases-{name}", PHRASE, 0.9, reason, tuple(places))


def _met(view: _View, table: _Step) -> Iterator[tuple[str, int, int]]:
    """Yield list, start and end of each phrase in the joined text."""
    words: list[tuple[int, int]] = []  # where they stand: most texts meet no phrase, and nobody asks
    keys = _keys(view.joined)
    for at, first in enumerate(keys):
        step, last = table.get(first), at
        while step is not None:
            words = words or ([match.span() for match in _WORD.finditer(view.joined)] if step.lists else [])
            for name in step.lists:
                yield name, words[at][0], words[last][1]
            last += 1
            step = step.get(keys[last]) if last < len(keys) else None


@lru_cache(maxsize=512)
def _compiled(expression: str) -> "re2._Regexp":
    return re2.compile(expression, options())


def _in_views(views: list[_View], asked: Asked) -> Iterator[Finding]:
    pattern = _compiled(asked.expression)
    places = []
    for view in views:
        match = pattern.search(str(view.joined))
        if match is not None:
            places.append(view.evidence(*match.span()))
        elif view.is_changed and (match := pattern.search(view.text)) is not None:
            start, end = match.span()
            places.append(Evidence(view.name, start, end, view.text[start:end][:200]))
    if places:
        where = "subject" if asked.where == "subject" else "text"
        yield Finding(asked.name, PATTERN, 0.5, f"A rule looks for such words in the {where}.", tuple(places))


def _in_header(message: Message, asked: Asked) -> Iterator[Finding]:
    name = asked.where.removeprefix("header:")
    for field in message.all(name)[:MOST_FIELDS]:
        value = field.value[:MOST_LETTERS]
        if not asked.expression or any(_compiled(asked.expression).search(each) for each in {str(fold(value)), value}):
            evidence = Evidence("header", 0, 0, f"{field.name}: {value}"[:200])
            yield Finding(asked.name, PATTERN, 0.5, f"A rule looks for such a field {field.name}.", (evidence,))
            return
