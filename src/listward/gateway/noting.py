"""What is remembered of a message once it is answered: by which paths it came, whose vouch it relied on, what is usual.

Written together about once a second, so that it costs a busy gateway little and no reply waits for it. A crash loses it
without harm: the next message says the same.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from listward.filters.identity.habits import post_of
from listward.filters.identity.origin import OriginKind
from listward.filters.identity.paths import confirmed
from listward.filters.identity.standing import Path, Post, Sighting
from listward.filters.judgement import Judgement, RecipientVerdict
from listward.filters.routing.kinds import Kind
from listward.gateway.course import Fate
from listward.gateway.soon import EVERY_S, Soon
from listward.runtime.metrics import Metrics

_TAKEN = frozenset({Fate.RELAYED, Fate.HELD})
_ACCOUNTS = frozenset({OriginKind.MEMBER, OriginKind.INTERNAL})

Note = Callable[[Iterable[Sighting]], Awaitable[None]]


def sighting_of(judgement: Judgement, sender: str, at: float, fates: Mapping[str, Fate]) -> Sighting | None:
    """Return what one message shows of its author, None where that is nothing. `sender` is the envelope's.

    Of mail that proves nobody only its paths are kept: they tell what many people send by.
    """
    author = judgement.authentication.author
    if not author:
        return None
    taken = [verdict for verdict in judgement.recipients if fates.get(verdict.target.address) in _TAKEN]
    posts = [verdict for verdict in taken if verdict.target.kind is Kind.POST and verdict.origin.kind in _ACCOUNTS]
    out = [verdict for verdict in posts if fates[verdict.target.address] is Fate.RELAYED]
    paths = confirmed(judgement.authentication, sender)
    sighting = Sighting(
        author,
        at,
        paths,
        accepted=bool(taken),
        used=_lists(verdict for verdict in taken if verdict.origin.vouched),
        post=_post(judgement, author, paths, posts, out),
        delivered=_lists(verdict for verdict in out if verdict.origin.first_posts_moderated),
    )
    return sighting if paths or sighting.post is not None or sighting.delivered else None


def _post(
    judgement: Judgement,
    author: str,
    paths: tuple[Path, ...],
    posts: list[RecipientVerdict],
    out: list[RecipientVerdict],
) -> Post | None:
    """A post of somebody in the roster that went out. One that is held counts once a person has released it."""
    if len(out) < len(posts) or not any(verdict.origin.role is not None for verdict in out):
        return None
    return post_of(author, paths, judgement.facts)


def _lists(verdicts: Iterable[RecipientVerdict]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(verdict.target.list for verdict in verdicts if verdict.target.list))


class Noting:
    """Collects sightings and writes them. While the store is away (`note` raises StoreUnavailable) they are lost."""

    def __init__(self, note: Note, metrics: Metrics, every_s: float = EVERY_S) -> None:
        self._metrics = metrics
        self._soon = Soon(note, metrics.standings_errors.labels("write").inc, every_s)

    def add(self, sighting: Sighting) -> None:
        """Take one; never waits, never raises."""
        if sighting.used:
            self._metrics.vouched_messages.inc()
        self._soon.add(sighting)

    async def end(self) -> None:
        """Write what is left, once; the store may be away."""
        await self._soon.end()

    async def write(self) -> None:
        """Write what waits."""
        await self._soon.write()
