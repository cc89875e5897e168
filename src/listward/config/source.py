"""One TOML file as read: its values, and the line of each key for whoever has to find a fault."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listward.config.faults import ConfigError, Fault
from listward.config.lines import key_lines, line_of
from listward.config.octets import read_octets

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """One TOML file. `octets` is the file as it was read."""

    path: Path
    values: dict[str, Any]
    lines: dict[Key, int]
    octets: bytes = b""

    def fault(self, key: Key, message: str) -> Fault:
        """Name a fault at the place of a key."""
        return Fault(self.path, line_of(self.lines, key), dotted(key), message)


def read_source(path: Path) -> Source:
    """Read a file. Raises ConfigError naming file and line."""
    try:
        octets = read_octets(path)
        text = octets.decode("utf-8")
        return Source(path, tomllib.loads(text), key_lines(text), octets)
    except FileNotFoundError:
        raise _broken(path, 0, "there is no such file; `listward config init DIR` writes one to start from") from None
    except UnicodeDecodeError as error:
        raise _broken(path, 0, f"is not UTF-8 at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax(path, str(error)) from None


def dotted(key: Key) -> str:
    """Write a key as people read it: list[1].zone, counting from 1."""
    text = ""
    for part in key:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _syntax(path: Path, message: str) -> ConfigError:
    """tomllib ends its message with "(at line L, column C)"."""
    reason, _, place = message.rpartition(" (at ")
    words = place.rstrip(")").replace(",", "").split()
    line = int(words[1]) if words[:1] == ["line"] else 0
    reason = (reason or message).replace("Invalid", "invalid", 1)
    hint = "; a table in braces { } stands on one line" if "initial character for a key" in reason else ""
    return _broken(path, line, f"is not TOML: {reason[:1].lower()}{reason[1:]}{hint}")


def _broken(path: Path, line: int, message: str) -> ConfigError:
    return ConfigError((Fault(path, line, "", message),))
