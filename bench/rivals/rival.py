"""What every rival has in common."""

import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Around:
    """What every system is given: the ports of the sink and of a name server."""

    sink: int
    dns: int


@dataclass(frozen=True, slots=True)
class Relay:
    """A rival that listens. `roots` are its processes' roots; `settled` says that nothing waits in its queue."""

    port: int
    roots: tuple[int, ...]
    settled: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Rival:
    """One rival: its name in the tables, the program and package it needs, and how it is started."""

    name: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]
    start: Callable[[Path, Around], AbstractContextManager[Relay]]

    def missing(self) -> str | None:
        """Why it cannot be measured here, or None."""
        absent = [
            package
            for program, package in zip(self.programs, self.packages, strict=True)
            if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None
        ]
        if absent:
            return f"not installed: apt install {' '.join(absent)}"
        return None if os.geteuid() == 0 else "it starts as root only"
