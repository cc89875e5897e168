"""Where the embedded store listens: in its own folder, or nearby when that path is too long for a socket."""

import hashlib
import os
import stat
from pathlib import Path

LONGEST = 107  # sockaddr_un.sun_path is 108 bytes with its final NUL
RECORD = "socket"  # names the socket's path where it lies elsewhere


class UnsafeFolder(Exception):
    """The folder for the socket belongs to somebody else, or others may enter it."""


def socket_path(directory: Path) -> Path:
    """Return the path clients connect to: the recorded one, else the usual one."""
    try:
        return Path((directory / RECORD).read_text().strip())
    except FileNotFoundError:
        return choose_socket(directory)


def choose_socket(directory: Path) -> Path:
    """Return the path the server shall listen on: at most 107 bytes."""
    usual = directory.absolute() / "redis.sock"
    if len(os.fsencode(usual)) <= LONGEST:
        return usual
    name = hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:16]
    return _short_base() / f"listward-{os.getuid()}-{name}" / "redis.sock"


def prepare_socket(directory: Path) -> Path:
    """Make the socket's folder, private to us, and record the path. Raises UnsafeFolder."""
    path = choose_socket(directory)
    make_private(path.parent)
    record = directory / RECORD
    if path.parent == directory.absolute():
        record.unlink(missing_ok=True)
    else:
        record.write_text(f"{path}\n")
    return path


def make_private(directory: Path) -> None:
    """Make a folder 0700 that is ours and no symbolic link. Raises UnsafeFolder."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise UnsafeFolder(f"{directory} is not a folder of this user")
    if stat.S_IMODE(found.st_mode) != 0o700:
        directory.chmod(0o700)


def _short_base() -> Path:
    """$XDG_RUNTIME_DIR is private to the user; /tmp is not, therefore `make_private` checks the owner."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(given) if given and len(os.fsencode(given)) < 50 else Path("/tmp")  # noqa: S108 - owner is checked
