"""A secret of this machine in a file: made once, readable by us alone, the same for all workers."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

OCTETS = 32


def load_or_make(path: Path) -> bytes:
    """Return the secret in the file, made first where there is none. Raises OSError and ValueError."""
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        _write(fresh, secrets.token_bytes(OCTETS))
        with suppress(FileExistsError):  # another worker was first: its secret counts
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return _read(path)


def _read(path: Path) -> bytes:
    secret = path.read_bytes()
    if len(secret) != OCTETS:
        raise ValueError(f"{path.name} is damaged: it should hold {OCTETS} octets; delete it and start again")
    return secret


def _write(path: Path, secret: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
