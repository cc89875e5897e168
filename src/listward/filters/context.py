"""What a reader may know besides the message: the organisation's words and names, compiled once per configuration."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from listward.config.conditions import Asked
from listward.filters.findings import Finding
from listward.filters.message.message import Message


@dataclass(frozen=True, slots=True)
class Context:
    """Values every reader gets. Addresses and domains are lower case; `payees` are normalised payment identifiers.

    `reporters` are the authserv-ids of peers whose Authentication-Results count, `roles` addresses of ours that nobody
    writes as. `phrases` are the organisation's lists that a rule asks for, `patterns` those of its rules.
    """

    organisation: str
    domains: frozenset[str]
    internal_domains: frozenset[str]
    lists: frozenset[str]
    payees: frozenset[str]
    internal_marks: tuple[str, ...] = ("internal",)
    reporters: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    phrases: tuple[tuple[str, tuple[str, ...]], ...] = ()
    patterns: tuple[Asked, ...] = ()


Reader = Callable[[Message, Context], Iterable[Finding]]
