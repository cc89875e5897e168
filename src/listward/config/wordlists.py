"""Plain text lists of the organisation (payees, phrases): one entry a line, `#` begins a comment."""

from pathlib import Path

from listward.config.octets import read_lines


def entry_of(line: str) -> str:
    """Return what a line lists, trimmed and without its remark; "" where it lists nothing."""
    return "" if line.lstrip().startswith("#") else line.split("#", 1)[0].strip()


def read_entries(path: Path) -> tuple[str, ...]:
    """Return the entries of one file, trimmed, without comments and empty lines. Raises ConfigError."""
    return tuple(filter(None, map(entry_of, read_lines(path))))


def read_folder(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the entries of every .txt file of a folder, by file name without its ending; {} where there is none."""
    return {path.stem: read_entries(path) for path in sorted(folder.glob("*.txt"))}
