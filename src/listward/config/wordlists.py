"""Plain text lists of the organisation (payees, phrases): one entry a line, `#` begins a comment."""

from pathlib import Path


def read_entries(path: Path) -> tuple[str, ...]:
    """Return the entries of one file, trimmed, without comments and empty lines."""
    lines = path.read_text(encoding="utf-8").splitlines()
    entries = (line.split("#", 1)[0].strip() if not line.lstrip().startswith("#") else "" for line in lines)
    return tuple(entry for entry in entries if entry)


def read_folder(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the entries of every .txt file of a folder, by file name without its ending; {} where there is none."""
    return {path.stem: read_entries(path) for path in sorted(folder.glob("*.txt"))}
