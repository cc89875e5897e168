"""Conditions on words, authors, sizes and times as parts of a sentence."""

from collections.abc import Iterable, Iterator

from listward.config.conditions import Conditions, TimeTest
from listward.config.vocabulary import Vocabulary


def asked(when: Conditions, words: Vocabulary, *, public: bool) -> Iterator[str]:
    """Yield a part for each. Which words a rule looks for is not for everybody: it would show the way past it."""
    if when.author:
        yield words.say("condition", "author", names=either(when.author, words))
    if when.group:
        yield words.say("condition", "group", names=either(when.group, words))
    looked_for = list(_looked_for(when, words))
    if looked_for and public:
        yield words.say("condition", "words")
    else:
        yield from looked_for
    if when.size is not None:
        yield _bounded("octets", when.size.at_least, when.size.at_most, words)
    if when.count is not None:
        yield _bounded(when.count.name, when.count.at_least, when.count.at_most, words)
    if when.time is not None:
        yield _time(when.time, words)


def either(parts: Iterable[str], words: Vocabulary) -> str:
    """Return "a, b or c"."""
    *first, end = parts
    return f"{words.say('frame', 'comma').join(first)}{words.say('frame', 'or')}{end}" if first else end


def _looked_for(when: Conditions, words: Vocabulary) -> Iterator[str]:
    if when.phrases:
        yield words.say("condition", "phrases", names=either(map(_quoted, when.phrases), words))
    if when.subject:
        yield words.say("condition", "subject", patterns=either(map(_quoted, when.subject), words))
    if when.text:
        yield words.say("condition", "text", patterns=either(map(_quoted, when.text), words))
    if when.header:
        fields = (f"{test.name}: {each}".rstrip(": ") for test in when.header for each in test.matches or ("",))
        yield words.say("condition", "header", patterns=either(map(_quoted, fields), words))


def _quoted(text: str) -> str:
    return f"“{text}”"


def _bounded(name: str, at_least: int, at_most: int | None, words: Vocabulary) -> str:
    if at_most is None:
        bounds = words.say("condition", "at_least", least=at_least)
    elif at_least == 0:
        bounds = words.say("condition", "at_most", most=at_most)
    else:
        bounds = words.say("condition", "between", least=at_least, most=at_most)
    return words.say("condition", name, bounds=bounds)


def _time(bound: TimeTest, words: Vocabulary) -> str:
    hours = {"since": bound.since, "until": bound.until} if bound.since != bound.until else {}
    days = {"days": either([words.say("day", day) for day in bound.days], words)} if bound.days else {}
    name = "_".join((*(["days"] if days else []), *(["hours"] if hours else [])))
    return words.say("condition", name, **days, **hours)
