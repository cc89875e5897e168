"""Where state lies: two configurations never share a store."""

import os
from pathlib import Path

from listward.config.find import DEFAULTS, SYSTEM
from listward.config.site import Site


def state_directory(site: Site) -> Path:
    """Return the folder for embedded store, keys and spool.

    It is [store] path, else $STATE_DIRECTORY (set by systemd), else /var/lib/listward for /etc/listward, else
    DIR/var; the shipped defaults, which lie in the program itself, keep theirs in the user's state folder.
    """
    if site.store.path is not None:
        return site.directory / site.store.path
    if given := os.environ.get("STATE_DIRECTORY"):
        return Path(given.split(":")[0])
    if site.directory.resolve() == SYSTEM:
        return Path("/var/lib/listward")
    if site.directory.resolve() == DEFAULTS.resolve():
        home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return Path(home) / "listward"
    return site.directory / "var"
