"""What a phrase list says and hardly means: a person's name, an end that is past, words that no rule asks for.

`listward config check` says it and goes on.
"""

from collections.abc import Container, Iterator
from datetime import date

from listward.config.faults import Fault
from listward.config.load import Configuration
from listward.config.phrases import PhraseList
from listward.filters.identity.names import NameKey, readings
from listward.filters.policy.asked import phrases_of
from listward.filters.probes import Rosters


def phrase_advice(configuration: Configuration, rosters: Rosters, day: date) -> Iterator[Fault]:
    """Yield each point of every list, by file and line."""
    policy, folder = configuration.policy, configuration.directory / "phrases"
    asked = {name for name, _ in phrases_of(policy)}
    people = [rosters.names(entry.address) for entry in configuration.site.lists]
    for name, phrases in policy.phrases.items():
        path = folder / f"{name}.txt"
        if name not in asked:
            yield Fault(path, 0, "", "no rule asks for this list")
        elif not phrases.counts_on(day):
            yield Fault(path, 0, "expires", f"the list ended on {phrases.expires}: it holds nothing any more")
        for line, phrase in _naming(phrases, people):
            yield Fault(
                path, line, "", f"{phrase!r} names somebody on a roster; talk about people is for people to judge"
            )


def _naming(phrases: PhraseList, people: list[Container[NameKey]]) -> Iterator[tuple[int, str]]:
    """The entries that are a person's name, whole."""
    for line, phrase in zip(phrases.lines, phrases.entries, strict=True):
        if any(key in names for key in readings(phrase) for names in people):
            yield line, phrase
