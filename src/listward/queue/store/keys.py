"""The keys that stored text is encrypted with: a systemd credential, else a 0600 file made at the first start."""

import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "store-key"
OLD_NAME = "store-key-old"  # one earlier key a line, the oldest first, for what was written before a change of keys
KEY_BYTES = 32


class BadKey(Exception):
    """The key file cannot be used; the text says what it must hold."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys by id, the oldest first; new text is written with `current`."""

    current: bytes
    keys: Mapping[bytes, bytes]

    @property
    def oldest(self) -> bytes:
        """The key that a change of keys leaves as it is."""
        return next(iter(self.keys.values()), self.current)


def key_id(key: bytes) -> bytes:
    """Return the four bytes that stand in front of what the key encrypted."""
    return hashlib.sha256(b"listward key id" + key).digest()[:4]


def load_keys(state_directory: Path) -> KeyRing:
    """Read the keys; make one at the first start. Raises BadKey, OSError."""
    folder = Path(given) if (given := os.environ.get("CREDENTIALS_DIRECTORY")) else None
    if folder is None or not (folder / NAME).is_file():
        folder = state_directory
        _make_once(folder / NAME)
    current = _parse((folder / NAME).read_bytes(), folder / NAME)
    old = folder / OLD_NAME
    earlier = [_parse(line, old) for line in old.read_bytes().split()] if old.is_file() else []
    return KeyRing(current, {key_id(key): key for key in (*earlier, current)})


def _make_once(path: Path) -> None:
    """Write a fresh key unless there is one. The link makes the whole file appear at once, for one of many starters."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{NAME}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(KEY_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # a key lost by a power cut would lose every held message with it
    finally:
        os.close(folder)


def _link(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first; its key is the key


def _parse(text: bytes, path: Path) -> bytes:
    """A key is 64 hex digits, or 32 raw bytes as some credential stores hand them over."""
    if len(text) == KEY_BYTES:
        return text
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except (UnicodeDecodeError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise BadKey(f"{path.name} must hold a key of 64 hex digits or 32 bytes")
    return key
