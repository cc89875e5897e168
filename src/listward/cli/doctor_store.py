"""What the running store remembers of an author: who vouched for which way of sending, and whether it is frozen."""

from collections.abc import Iterator
from dataclasses import dataclass

from listward.cli.doctor_words import Line, fine, missing, note
from listward.cli.output import Unreachable
from listward.cli.running_store import running_store
from listward.config.site import Site
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.standing import Method, Path
from listward.filters.probes import ProbeUnavailable
from listward.queue.store.accounts import Vouch
from listward.queue.store.following import Following


@dataclass(frozen=True, slots=True)
class Remembered:
    """The vouches of one author, newest first, whether the account is frozen, and all rosters."""

    vouches: tuple[Vouch, ...]
    frozen: bool
    rosters: SiteRosters


async def remembered(address: str, site: Site) -> Remembered:
    """Ask the running store. Raises Unreachable."""
    rosters = SiteRosters(site)
    async with running_store(site) as store:
        await Following(lambda: rosters, lambda: store.rosters).look()
        try:
            standing = await store.accounts.of(address, ())
        except ProbeUnavailable as error:
            raise Unreachable(f"listward: the store does not answer: {error}") from None
        return Remembered(await store.accounts.vouches(author=address), standing.frozen, rosters)


def store_lines(address: str, known: Remembered) -> Iterator[Line]:
    """What of it matters for mail from the address."""
    if known.frozen:
        yield missing(
            f"The account {address} is frozen: all its mail waits.",
            f"When the account is safe again, run `listward account thaw {address} --reason WHY`.",
        )
    for vouch in known.vouches:
        text = f"{vouch.by} vouched for {_way(vouch.path)} to {vouch.list}"
        if vouch.lapsed:
            yield note(f"{text}. It counts no more: others send by it too.")
        else:
            yield fine(f"{text}, by {vouch.how.value}.")
    if not known.vouches:
        yield note("Nobody has vouched for a way of sending.")


def _way(path: Path) -> str:
    if path.method is Method.DKIM:
        return f"mail signed by {path.domain} with the key {path.selector}"
    return f"mail that the servers of {path.domain} send"
