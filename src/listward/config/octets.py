"""Reads one file of a configuration: whole, bounded, and only where it is a file."""

import os
import stat
from pathlib import Path

from listward.config.faults import ConfigError, Fault

MOST_OCTETS = 32 * 1024**2
"""Of one file. Nobody writes more by hand; a link to a device would have no end."""


def read_octets(path: Path) -> bytes:
    """Return what the file holds. Raises ConfigError naming the file, and FileNotFoundError where there is none.

    A pipe would keep whoever reads it waiting for a writer, so nothing but a file is read.
    """
    try:
        octets = _read(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _broken(path, f"cannot be read: {error.strerror}") from None
    if octets is None:
        raise _broken(path, "is not a file")
    if len(octets) > MOST_OCTETS:
        raise _broken(path, f"is larger than {MOST_OCTETS // 1024**2} MiB")
    return octets


def _read(path: Path) -> bytes | None:
    """At most one octet too many; None where it is no file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MOST_OCTETS + 1)


def read_lines(path: Path) -> list[str]:
    """Return the lines of a plain text. Raises ConfigError naming the file."""
    try:
        return read_octets(path).decode("utf-8").splitlines()
    except FileNotFoundError:
        raise _broken(path, "there is no such file") from None
    except UnicodeDecodeError:
        raise _broken(path, "cannot be read as UTF-8 text") from None


def _broken(path: Path, message: str) -> ConfigError:
    return ConfigError((Fault(path, 0, "", message),))
