"""What is remembered of an author: who vouched for which way of sending, what is usual, whether the account is frozen.

Never content, and never a person's record for rulings: keyed hashes and small counts that lapse.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache


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

    @property
    def name(self) -> str:
        """The path in one word, for keys and lists: "dkim/mail.example/s1"."""
        return f"{self.method.value}/{self.domain}/{self.selector}" if self.selector else f"spf/{self.domain}"


class How(StrEnum):
    """How somebody vouched: the person confirmed by her roster address, or a moderator released."""

    CONFIRMATION = "confirmation"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Voucher:
    """One vouch that stands for an author: for which list and path, since when, and who vouched in what way."""

    id: str
    list: str
    path: Path
    how: How
    on: date


@dataclass(frozen=True, slots=True)
class Habits:
    """What was usual for an author. `posts` counts within `habit_days`, `posts_today` within the last 24 hours.

    `days` is on how many days there was a post. `paths` and `payees` are hashes (`habit_key`) of what was seen before,
    `languages` short codes.
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
    """What stands for one author. `vouchers` are those for the paths that were asked for and are nobody else's.

    `delivered` counts the author's posts that went out, by the list's address; where first posts are moderated.
    """

    vouchers: tuple[Voucher, ...] = ()
    frozen: bool = False
    habits: Habits = NOTHING_USUAL
    delivered: tuple[tuple[str, int], ...] = ()

    def posts_on(self, list_address: str) -> int:
        """How many posts of the author went out to this list."""
        return dict(self.delivered).get(list_address, 0)

    def voucher_for(self, list_address: str, paths: Iterable[Path]) -> Voucher | None:
        """The vouch for one of these paths on this list, None where there is none."""
        wanted = frozenset(paths)
        return next((one for one in self.vouchers if one.list == list_address and one.path in wanted), None)


NO_STANDING = Standing()


@dataclass(frozen=True, slots=True)
class Ways:
    """What one message has for a vouch: the unaligned paths it took, and what stands for its author.

    `standing` is None where the store gave no answer; `undecided`: DNS did not say of a path whether it counts.
    """

    paths: tuple[Path, ...] = ()
    standing: Standing | None = NO_STANDING
    undecided: bool = False


NO_WAYS = Ways()


@dataclass(frozen=True, slots=True)
class Post:
    """One post of an account, to be counted; what is not empty is usual from now on.

    So what a held message shows stays unusual until a person has released it: such a post is only counted.
    `paths` and `payees` are `habit_key`s, `language` is a short code or "".
    """

    paths: tuple[str, ...] = ()
    payees: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is noted of one message once it is settled. `at` is Unix seconds, `paths` are all that were confirmed.

    `accepted`: it was relayed or held. What was refused makes no new memory: it only counts where a path is known.
    `used` are the lists that relied on a vouch. `post` is None where no account is proven that posted. `delivered` are
    the lists that a post went out to, of somebody whose first posts are moderated.
    """

    author: str
    at: float
    paths: tuple[Path, ...] = ()
    accepted: bool = True
    used: tuple[str, ...] = ()
    post: Post | None = None
    delivered: tuple[str, ...] = ()


def habit_key(author: str, kind: str, value: str) -> str:
    """Return the name under which one thing (`kind` "path" or "payee") is remembered of one author.

    Salted with the author: the same account number of two people has two names.
    """
    return _hashed(f"{author.lower()}\0{kind}\0{value}")


@lru_cache(maxsize=4096)
def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
