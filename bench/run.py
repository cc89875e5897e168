"""What every part of the measurements is given, and what it gives back."""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench import systems
from bench.corpus import Author, Template, raw_messages, template
from bench.measure import LOOK_S, Charged, quiet
from bench.rivals.rival import Around
from bench.signing import Key, seal


@dataclass(frozen=True, slots=True)
class Part:
    """One part's result: a heading, Markdown below it, and the figures that targets are set for."""

    title: str
    text: str
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mail:
    """The messages by author: inside the organisation, a member whose domain signs, a stranger."""

    internal: tuple[Template, ...]
    signed: tuple[Template, ...]
    stranger: tuple[Template, ...]


@dataclass
class Patience:
    """Seconds that are left for waiting until the machine is quiet: `each` before one run at most, `left` in all."""

    each: float
    left: float

    def wait(self) -> bool:
        """Wait for a quiet machine; say whether it came."""
        started = time.monotonic()
        try:
            return quiet(min(self.each, self.left))
        finally:
            self.left = max(0.0, self.left - (time.monotonic() - started - LOOK_S))


@dataclass(frozen=True)
class Bench:
    """One run: its temporary folder, what stands around the systems, the options, the mail, how to tell of progress.

    `noisy` collects what was measured while something else kept the machine busy.
    """

    folder: Path
    around: Around
    around_pids: tuple[int, ...]
    options: argparse.Namespace
    mail: Mail
    tell: Callable[[str], None]
    patience: Patience
    noisy: list[str] = field(default_factory=list)

    def settle(self, what: str) -> None:
        """Wait for a quiet machine before `what`; where that does not come in time, note it and go on."""
        if not self.patience.wait():
            self.noisy.append(what)

    def charged(self, *roots: int) -> Charged:
        """Charge these process trees, and sink and name server apart."""
        return Charged(roots, self.around_pids)


def make_mail(seed: int, count: int, key: Key) -> Mail:
    """Make the corpora."""

    def of(domain: str, sign: bool = False) -> tuple[Template, ...]:
        made = raw_messages(seed, count, Author(domain, systems.LIST))
        return tuple(template(sender, raw, seal(raw, domain, key) if sign else None) for sender, raw in made)

    return Mail(of("bench.test"), of("signed.bench.test", sign=True), of("stranger.test"))
