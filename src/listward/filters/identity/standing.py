"""What is remembered of an author: who vouched for which way of sending, what is usual, whether the account is frozen.

Never content, and never a person's record for rulings: keyed hashes and small counts that lapse.
"""

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """What confirms a path."""

    DKIM = "dkim"
    SPF = "spf"


@dataclass(frozen=True, slots=True)
class Path:
    """A way a sender's mail takes, as DNS and cryptography confirm it: a signing domain and selector, or an envelope
    domain that SPF passes. Never a bare network. Domains are A-labels in lower case; `selector` is "" for SPF."""

    method: Method
    domain: str
    selector: str = ""


@dataclass(frozen=True, slots=True)
class Habits:
    """What was usual for an author. `posts` counts within `habit_days`, `posts_today` within the last 24 hours.

    `paths`, `payees` and `languages` are what was seen before, as keyed hashes or short codes.
    """

    posts: int = 0
    posts_today: int = 0
    days: int = 0
    paths: frozenset[str] = frozenset()
    payees: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()


NOTHING_USUAL = Habits()


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for one author. `vouched` are the lists for which somebody vouched for one of the paths asked."""

    vouched: frozenset[str] = frozenset()
    frozen: bool = False
    habits: Habits = NOTHING_USUAL


NO_STANDING = Standing()
