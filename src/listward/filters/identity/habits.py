"""Signs that somebody else writes from an author's account: what is new beside what was usual. Pure.

A sign alone holds nothing: people travel, move to another provider, ask for a collection, answer in another tongue.
What holds is `hijack-signs`, found where two come together, where a flood of posts comes, or where mail of somebody
with an office takes a way it never took. Signs are of proven authors only, and say nothing of anybody without history.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from listward.filters.content.language import LANGUAGES
from listward.filters.content.manner import MOST_PAYEES
from listward.filters.findings import Finding
from listward.filters.identity.origin import Origin, Role
from listward.filters.identity.standing import Habits, Path, Post, habit_key
from listward.filters.judgement import MessageFacts

CATEGORY = "hijack"
HIJACK = "hijack-signs"
RATE, PATH, PAYEE, LANGUAGE = "sudden-rate", "new-path", "new-payee", "new-language"

ENOUGH_POSTS = 5
ENOUGH_DAYS = 2  # what was written on one day is no habit
MANY_POSTS, MANY_TIMES = 8, 4  # so many in 24 hours, and so many times what is usual on a day with posts
STORM_POSTS, STORM_TIMES = 24, 8
WEAK, STRONG = 0.5, 1.0
HOLDS_FROM = 1.0
WITH_AN_OFFICE = frozenset({Role.OFFICER, Role.MODERATOR})

_SAYS = {
    RATE: "Far more messages came from this author within 24 hours than usual.",
    PATH: "The message came by another mail service than the author's messages before.",
    PAYEE: "The text names an account or page to pay to that the author never named before.",
    LANGUAGE: "The text is in another language than the author's messages before.",
    HIJACK: "The message came in another way than usual for its author. Perhaps somebody else writes from the account.",
}


def path_key(author: str, path: Path) -> str:
    """The name under which a path is usual: its domain alone, since keys rotate and services sign in several ways."""
    return habit_key(author, "path", path.domain)


def payee_keys(author: str, payees: Iterable[str]) -> tuple[str, ...]:
    """The names under which payees are usual; as many as are read of one message, whatever the reader says."""
    return tuple(habit_key(author, "payee", payee) for payee in islice(payees, MOST_PAYEES))


def post_of(author: str, paths: Iterable[Path], facts: MessageFacts) -> Post:
    """What a post makes usual for its author, once it has gone to a list."""
    ways = dict.fromkeys(path_key(author, path) for path in paths)
    language = facts.language if facts.language in LANGUAGES else ""
    return Post(tuple(ways), payee_keys(author, facts.payees), language)


def habit_findings(habits: Habits, origin: Origin, paths: Iterable[Path], facts: MessageFacts) -> tuple[Finding, ...]:
    """Return each sign, and `hijack-signs` where they weigh enough for this author's role.

    `paths` are all that passed for this message. Nothing is found of authors who are not proven, or without history.
    """
    if not origin.kind.authenticated or habits.posts < ENOUGH_POSTS or habits.days < ENOUGH_DAYS:
        return ()
    signs = tuple(_signs(habits, origin.address, tuple(paths), facts))
    weight = sum(sign.weight for sign in signs)
    moved_office = origin.role in WITH_AN_OFFICE and any(sign.rule == PATH for sign in signs)
    if weight < HOLDS_FROM and not moved_office:
        return signs
    return (Finding(HIJACK, CATEGORY, STRONG, _SAYS[HIJACK]), *signs)


def _signs(habits: Habits, author: str, paths: tuple[Path, ...], facts: MessageFacts) -> Iterator[Finding]:
    if rate := _rate(habits):
        yield _sign(RATE, rate)
    if habits.paths and paths and habits.paths.isdisjoint(path_key(author, path) for path in paths):
        yield _sign(PATH, WEAK)
    if not habits.payees.issuperset(payee_keys(author, facts.payees)):
        yield _sign(PAYEE, WEAK)
    if habits.languages and facts.language and facts.language not in habits.languages:
        yield _sign(LANGUAGE, WEAK)


def _sign(rule: str, weight: float) -> Finding:
    return Finding(rule, CATEGORY, weight, _SAYS[rule])


def _rate(habits: Habits) -> float:
    """The weight of how many came within 24 hours, this one among them; 0 where that is not far beyond the usual."""
    now = habits.posts_today + 1
    before = max(0, habits.posts - habits.posts_today)
    usual = before / max(1, habits.days - (1 if habits.posts_today else 0))
    if now >= max(STORM_POSTS, STORM_TIMES * usual):
        return STRONG
    return WEAK if now >= max(MANY_POSTS, MANY_TIMES * usual) else 0.0
