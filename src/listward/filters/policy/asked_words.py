"""Conditions on words, authors, sizes and times as parts of a sentence."""

import re
from collections.abc import Iterable, Iterator

from listward.config.conditions import Conditions, TimeTest, size_words
from listward.config.vocabulary import Vocabulary

_PLAIN = re.compile(r"[\w' -]+(?:\|[\w' -]+)*")


def asked(when: Conditions, words: Vocabulary, *, public: bool) -> Iterator[str]:
    """Yield a part for each. Which words a rule looks for is not for everybody: it would show the way past it."""
    if when.author:
        yield from _authors(when.author, words, public)
    if when.group:
        yield words.say("condition", "group", names=either(when.group, words))
    looked_for = list(_looked_for(when, words))
    if looked_for and public:
        yield words.say("condition", "words")
    else:
        yield from looked_for
    if when.size is not None:
        most = None if when.size.at_most is None else size_words(when.size.at_most)
        least = "" if most and not when.size.at_least else size_words(when.size.at_least)
        yield _bounded("octets", least, most, words)
    if when.count is not None:
        yield _bounded(when.count.name, when.count.at_least or "", when.count.at_most, words)
    if when.time is not None:
        yield _time(when.time, words)


def either(parts: Iterable[str], words: Vocabulary) -> str:
    """Return "a, b or c"."""
    *first, end = parts
    return f"{words.say('frame', 'comma').join(first)}{words.say('frame', 'or')}{end}" if first else end


def _authors(named: Iterable[str], words: Vocabulary, public: bool) -> Iterator[str]:
    """A rule on one person is nobody else's affair: members read domains alone."""
    shown = [
        words.say("condition", "certain_author") if public and not each.startswith("@") else each for each in named
    ]
    people = [each for each in dict.fromkeys(shown) if public and not each.startswith("@")]
    domains = [each for each in shown if each not in people]
    parts = [words.say("condition", "author", names=either(domains, words))] if domains else []
    yield either([*parts, *people], words)


def _looked_for(when: Conditions, words: Vocabulary) -> Iterator[str]:
    for name, looked_for in (
        ("phrases", when.phrases),
        ("subject", _plainly(when.subject)),
        ("text", _plainly(when.text)),
        ("header", when.header_shown),
    ):
        if looked_for:
            quoted = [words.say("frame", "quoted", text=each) for each in looked_for]
            place = "names" if name == "phrases" else "patterns"
            yield words.say("condition", name, **{place: either(quoted, words)})


def _plainly(patterns: Iterable[str]) -> list[str]:
    """Patterns as people read them: plain words that are told apart by bars are several."""
    return [each for pattern in patterns for each in (pattern.split("|") if _PLAIN.fullmatch(pattern) else [pattern])]


def _bounded(name: str, at_least: int | str, at_most: int | str | None, words: Vocabulary) -> str:
    if at_most is None:
        bounds = words.say("condition", "at_least", least=at_least or 0)
    elif not at_least:
        bounds = words.say("condition", "at_most", most=at_most)
    else:
        bounds = words.say("condition", "between", least=at_least, most=at_most)
    return words.say("condition", name, bounds=bounds)


def _time(bound: TimeTest, words: Vocabulary) -> str:
    hours = {"since": bound.since, "until": bound.until} if bound.since != bound.until else {}
    days = {"days": either([words.say("day", day) for day in bound.days], words)} if bound.days else {}
    name = "_".join((*(["days"] if days else []), *(["hours"] if hours else [])))
    return words.say("condition", name, **days, **hours)
