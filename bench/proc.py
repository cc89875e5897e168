"""CPU time and memory of process trees, read from /proc."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its parent, and the CPU seconds of itself and of its ended children."""

    parent: int
    cpu_s: float


def _read(pid: int) -> Process:
    text = Path(f"/proc/{pid}/stat").read_text()
    fields = text[text.rindex(")") + 2 :].split()
    return Process(int(fields[1]), sum(map(int, fields[11:15])) / TICKS)


def tree(root: int) -> dict[int, Process]:
    """Return the process and all below it."""
    everything: dict[int, Process] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, ValueError):
                everything[int(folder.name)] = _read(int(folder.name))
    found, todo = {}, [root]
    while todo:
        pid = todo.pop()
        if pid in everything and pid not in found:
            found[pid] = everything[pid]
            todo += [child for child, process in everything.items() if process.parent == pid]
    return found


def cpu_s(root: int) -> float:
    """CPU seconds of the tree so far."""
    return sum(process.cpu_s for process in tree(root).values())


def pss_mb(root: int) -> float:
    """Proportional memory of the tree in MB: shared pages are divided among those that share them."""
    total = 0
    for pid in tree(root):
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def busy_s() -> float:
    """CPU seconds that the whole machine has worked."""
    user, nice, system, _idle, _wait, irq, soft, *_ = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + soft) / TICKS
