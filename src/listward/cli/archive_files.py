"""Which files an archive is made of: folders opened up in name order, one folder's names in memory at a time."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from listward.cli.output import WrongUse

MAILDIR = ("cur", "new")
HIDDEN = "."
# What lies beside mail in a folder; named by itself, such a file is read all the same.
NO_MAIL = frozenset({".md", ".json", ".toml", ".yml", ".yaml", ".csv", ".html", ".py", ".sh"})


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files to read. Raises WrongUse for a path that is not there."""
    for path in paths:
        if path.is_dir():
            yield from _folder(path)
        elif path.is_file():
            yield path
        else:
            raise WrongUse(f"listward: {path}: there is no such file or folder")


def _folder(folder: Path) -> Iterator[Path]:
    """A Maildir's messages lie in cur and new, and its folders (Maildir++) are hidden; of any other, what is mail."""
    entries = _entries(folder)
    if any(entry.name in MAILDIR and entry.is_dir() for entry in entries):
        yield from _maildir(folder, entries)
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith(HIDDEN):
                yield from _folder(folder / entry.name)
        elif not entry.name.startswith(HIDDEN) and Path(entry.name).suffix.lower() not in NO_MAIL and entry.is_file():
            yield folder / entry.name


def _maildir(folder: Path, entries: list[os.DirEntry[str]]) -> Iterator[Path]:
    for name in MAILDIR:
        if (folder / name).is_dir():
            yield from (folder / name / one.name for one in _entries(folder / name) if _is_message(one))
    for entry in entries:
        inside = folder / entry.name
        if entry.is_dir(follow_symlinks=False) and any((inside / name).is_dir() for name in MAILDIR):
            yield from _folder(inside)


def _is_message(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(HIDDEN) and entry.is_file()


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """The names in a folder, in order. Raises WrongUse where it may not be read."""
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise WrongUse(f"listward: {folder}: cannot be read: {error.strerror}") from None
