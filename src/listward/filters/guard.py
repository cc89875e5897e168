"""Runs readers so that one that breaks is a finding, and never the end of the others; and times each."""

import time
from collections.abc import Callable
from typing import TypeVar

from listward.filters.context import Context, Reader
from listward.filters.findings import Finding
from listward.filters.message.message import Message
from listward.filters.policy.situation import FAILURE

T = TypeVar("T")
RULE = "filter-failed"
MOST_FINDINGS = 50


class Guard:
    """Collects what broke, by the reader's name alone: an exception's text may quote the message."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.seconds: list[tuple[str, float]] = []

    def run(self, name: str, reader: Reader, message: Message, context: Context) -> tuple[Finding, ...]:
        """Return what a reader finds, at most MOST_FINDINGS, or () where it broke."""
        return self.value(name, lambda: tuple(reader(message, context))[:MOST_FINDINGS], ())

    def value(self, name: str, compute: Callable[[], T], default: T) -> T:
        """Return what is computed, the default where that broke."""
        start = time.perf_counter()
        try:
            return compute()
        except Exception:  # whatever a reader does, the message must end as a hold or 451, never as a crash
            self.failures.append(name)
            return default
        finally:
            self.seconds.append((name, time.perf_counter() - start))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding for each reader that broke."""
        return tuple(
            Finding(RULE, FAILURE, 1.0, f"The check {name} could not read this message.") for name in self.failures
        )
