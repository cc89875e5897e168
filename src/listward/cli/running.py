"""What runs on this machine, as the supervisors say it: who holds the lock, which process runs which policy."""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from listward.runtime.lockfile import holder
from listward.runtime.switch import Phase, Runs

ROLES = ("run", "gateway", "courier", "console")


@dataclass(frozen=True, slots=True)
class Running:
    """One supervisor. `reloads` counts those that have ended, `refused` is why the last one changed nothing.

    `policy` is the hash that processes start with, `approval` what is said of it.
    """

    role: str
    pid: int
    policy: str
    approval: str = ""
    phase: str = Phase.IDLE.value
    reloads: int = 0
    refused: tuple[str, ...] = ()
    refused_at: float = 0.0
    processes: Mapping[str, Runs] = field(default_factory=dict)

    @property
    def stragglers(self) -> tuple[str, ...]:
        """Processes that run another policy than they should."""
        return tuple(name for name, runs in self.processes.items() if runs.label != self.policy)


def lock_path(state: Path, role: str) -> Path:
    """Where a role's supervisor holds its lock."""
    return state / f"{role}.lock"


def write(state: Path, running: Running) -> None:
    """Say how it stands. A full disk is no reason to end."""
    path, fresh = _path(state, running.role), state / f".{running.role}-running.{os.getpid()}"
    with suppress(OSError):
        fresh.write_text(json.dumps(asdict(running)), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(path)


def read(state: Path, role: str) -> Running | None:
    """What the role's supervisor says, None where none runs, or it has not said anything yet. Raises OSError."""
    pid = holder(lock_path(state, role))
    try:
        values = json.loads(_path(state, role).read_text(encoding="utf-8"))
        values["processes"] = {name: Runs(**runs) for name, runs in values["processes"].items()}
        found = Running(**{**values, "refused": tuple(values["refused"])})
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
    return found if pid and found.pid == pid else None


def running_here(state: Path) -> dict[str, int]:
    """The roles whose supervisors run on this machine, with their pids. Raises OSError."""
    pids = {role: holder(lock_path(state, role)) for role in ROLES}
    return {role: pid for role, pid in pids.items() if pid}


def ago(since: float) -> str:
    """How long something has been so."""
    seconds = max(0, int(time.time() - since))
    for size, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} seconds"


def _path(state: Path, role: str) -> Path:
    return state / f"{role}.running.json"
