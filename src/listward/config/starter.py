"""Writes a commented configuration to start from."""

import shutil
from pathlib import Path

from listward.config.schema import write_schemas

STARTER = Path(__file__).parent / "starter"


class NotEmpty(Exception):
    """The folder holds something already; nothing was written."""


def write_starter(directory: Path) -> tuple[Path, ...]:
    """Write the starter's files and return their paths. Raises NotEmpty, OSError."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise NotEmpty(f"{directory} is not an empty folder; nothing was written")
    shutil.copytree(STARTER, directory, dirs_exist_ok=True)
    write_schemas(directory / "schema")
    return tuple(sorted(path for path in directory.rglob("*") if path.is_file()))
