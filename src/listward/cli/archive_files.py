"""Which files an archive is made of: folders opened up in name order, one folder's names in memory at a time."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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


def _folder(top: Path) -> Iterator[Path]:
    """A Maildir's messages lie in cur and new, and its folders (Maildir++) are hidden; of any other, what is mail.

    What is open waits in a list: folders may lie as deep in each other as a name is long.
    """
    opened = [iter(_inside(top))]
    while opened:
        path = next(opened[-1], None)
        if path is None:
            opened.pop()
        elif isinstance(path, _Folder):
            opened.append(iter(_inside(path.path)))
        else:
            yield path


@dataclass(frozen=True, slots=True)
class _Folder:
    path: Path


def _inside(folder: Path) -> Iterator[Path | _Folder]:
    entries = _entries(folder)
    if any((folder / name).is_dir() for name in MAILDIR):
        yield from _maildir(folder, entries)
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith(HIDDEN):
                yield _Folder(folder / entry.name)
        elif Path(entry.name).suffix.lower() not in NO_MAIL and _is_message(entry):
            yield folder / entry.name


def _maildir(folder: Path, entries: list[os.DirEntry[str]]) -> Iterator[Path | _Folder]:
    for name in MAILDIR:
        if (folder / name).is_dir():
            yield from (folder / name / one.name for one in _entries(folder / name) if _is_message(one))
    for entry in entries:
        inside = folder / entry.name
        if entry.is_dir(follow_symlinks=False) and any((inside / name).is_dir() for name in MAILDIR):
            yield _Folder(inside)


def _is_message(entry: os.DirEntry[str]) -> bool:
    """A link that leads to itself is no message, and keeps nobody from the others."""
    try:
        return not entry.name.startswith(HIDDEN) and entry.is_file()
    except OSError:
        return False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """The names in a folder, in order. Raises WrongUse where it may not be read."""
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise WrongUse(f"listward: {folder}: cannot be read: {error.strerror}") from None
