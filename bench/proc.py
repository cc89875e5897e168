"""CPU time and memory of process trees, read from /proc."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
ROLE_PREFIX = "lw:"  # what Listward's processes call themselves in `ps`


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its name and parent, and the CPU seconds of itself and of its ended children."""

    name: str
    parent: int
    cpu_s: float


def _read(pid: int) -> Process:
    text = Path(f"/proc/{pid}/stat").read_text()
    begin, end = text.index("("), text.rindex(")")
    fields = text[end + 2 :].split()
    return Process(text[begin + 1 : end], int(fields[1]), sum(map(int, fields[11:15])) / TICKS)


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
    return sum(map(own_pss_mb, tree(root)))


def own_pss_mb(pid: int) -> float:
    """Proportional memory of one process in MB, 0 when it has ended."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return 0.0


def pss_by_role(root: int) -> dict[str, float]:
    """Proportional memory in MB by role of Listward: a role's process with all below it, the root as "supervisor"."""
    processes = tree(root)
    found: dict[str, float] = {}
    for pid in processes:
        role = _role(pid, processes)
        found[role] = found.get(role, 0.0) + own_pss_mb(pid)
    return found


def _role(pid: int, processes: dict[int, Process]) -> str:
    while pid in processes:
        name = processes[pid].name
        if name.startswith(ROLE_PREFIX):
            return name.removeprefix(ROLE_PREFIX)
        pid = processes[pid].parent
    return "supervisor"


@contextmanager
def peaks(root: int, every_s: float = 0.1) -> Iterator[dict[str, float]]:
    """While the block runs, keep the highest memory in MB of each role of Listward that is seen."""
    found: dict[str, float] = {}
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            for role, now in pss_by_role(root).items():
                found[role] = max(found.get(role, 0.0), now)
            ended.wait(every_s)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield found
    finally:
        ended.set()
        watching.join()


def busy_s() -> float:
    """CPU seconds that the whole machine has worked."""
    user, nice, system, _idle, _wait, irq, soft, *_ = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + soft) / TICKS


def fsync_ms(folder: Path, octets: int = 4096, count: int = 200) -> list[float]:
    """How long the disk under `folder` takes to keep `octets` more of a file, in ms, `count` times."""
    path, block, found = folder / "fsync.tmp", os.urandom(octets), []
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        for _ in range(count):
            started = time.perf_counter()
            os.write(descriptor, block)
            os.fsync(descriptor)
            found.append((time.perf_counter() - started) * 1000)
    finally:
        os.close(descriptor)
        path.unlink()
    return found
