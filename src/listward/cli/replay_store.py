"""What a replay asks the running store for before it begins: rosters that come from Mailman."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from listward.cli.output import Unreachable
from listward.cli.running_store import running_store
from listward.config.paths import state_directory
from listward.config.site import Site
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_handed import HandedSource
from listward.filters.judge import Judge
from listward.queue.store.connect import store_folder
from listward.queue.store.following import Following
from listward.queue.store.keys import NAME
from listward.queue.store.socket_path import socket_path
from listward.queue.store.urls import BadUrl, parse_store_url


def may_be_there(site: Site) -> bool:
    """Whether a store has been used from here: asking for one must not make a key, or wait for nobody."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    folders = [Path(credentials)] if credentials else []
    try:
        if not any((folder / NAME).is_file() for folder in (*folders, state_directory(site))):
            return False
        return parse_store_url(site.store.url).kind != "embedded" or socket_path(store_folder(site)).exists()
    except (BadUrl, OSError):
        return False


def bring_rosters(judges: Sequence[Judge]) -> tuple[str, ...]:
    """Bring rosters that come from Mailman, from the first judge's store; return the lists that have none then."""
    rosters = [judge.probes.rosters for judge in judges if isinstance(judge.probes.rosters, SiteRosters)]
    if not any(_handed(each) for each in rosters):
        return ()
    if may_be_there(judges[0].site):
        with suppress(Unreachable, OSError):  # what is missing then is told
            asyncio.run(_bring(judges[0].site, rosters))
    missing = (name for each in rosters for name, source in _handed(each).items() if not source.mark)
    return tuple(dict.fromkeys(missing))


def roster_marks(judge: Judge) -> dict[str, str]:
    """Which copy of each roster from Mailman a judge goes by."""
    rosters = judge.probes.rosters
    handed = _handed(rosters) if isinstance(rosters, SiteRosters) else {}
    return {name: source.mark for name, source in handed.items()}


def _handed(rosters: SiteRosters) -> dict[str, HandedSource]:
    return {name: source for name, source in rosters if isinstance(source, HandedSource)}


async def _bring(site: Site, rosters: Sequence[SiteRosters]) -> None:
    async with running_store(site) as store:
        for each in rosters:
            await Following(lambda each=each: each, lambda: store.rosters).look()  # type: ignore[misc]  # one of each
