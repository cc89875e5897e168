"""Finds the configuration directory: the flag, $LISTWARD_CONFIG, /etc/listward, else the shipped defaults."""

import os
from pathlib import Path

DEFAULTS = Path(__file__).parent / "defaults"
SYSTEM = Path("/etc/listward")


def find_directory(given: Path | None) -> Path:
    """Return the directory to read; a given one is returned as it is, so that a wrong one is named in the error."""
    if given is not None:
        return given
    if named := os.environ.get("LISTWARD_CONFIG"):
        return Path(named)
    return SYSTEM if (SYSTEM / "site.toml").is_file() else DEFAULTS
