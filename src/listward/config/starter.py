"""Writes a commented configuration to start from."""

import shutil
from pathlib import Path

from listward.config.schema import write_schemas

STARTER = Path(__file__).parent / "starter"
EXAMPLES = Path(__file__).parent / "examples"


class NotEmpty(Exception):
    """The folder holds something already; nothing was written."""


def example_names() -> tuple[str, ...]:
    """The organisations that ship as examples, each with its own short policy and messages to test it by."""
    return tuple(sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()))


def write_starter(directory: Path, example: str = "") -> tuple[Path, ...]:
    """Write the starter's files, or those of an example, and return their paths. Raises NotEmpty, OSError."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise NotEmpty(f"{directory} is not an empty folder; nothing was written")
    shutil.copytree(EXAMPLES / example if example else STARTER, directory, dirs_exist_ok=True)
    write_schemas(directory / "schema")
    return tuple(sorted(path for path in directory.rglob("*") if path.is_file()))
