"""System calls of running processes, by strace: what was written, flushed and connected to, in the order it ended.

with traced(pids, folder / "trace", "write,fdatasync") as trace: ...
calls = trace.calls()
"""

import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STARTED = re.compile(r"^(\d+) +(\d+\.\d+) (\w+)\((.*)$")
_RESUMED = re.compile(r"^(\d+) +(\d+\.\d+) <\.\.\. (\w+) resumed>(.*)$")
_UNFINISHED = " <unfinished ...>"


@dataclass(frozen=True, slots=True)
class Call:
    """One call that has ended: who made it, its name, its arguments as strace shows them, and its result."""

    pid: int
    name: str
    arguments: str
    result: str

    @property
    def worked(self) -> bool:
        """Whether it returned no error."""
        return not self.result.startswith(("-1", "?"))


def parse(lines: Iterable[str]) -> list[Call]:
    """Return the calls in the order in which they ended."""
    calls: list[Call] = []
    begun: dict[tuple[int, str], str] = {}
    for line in lines:
        if started := _STARTED.match(line):
            pid, name, rest = int(started[1]), started[3], started[4]
            if rest.rstrip().endswith(_UNFINISHED.strip()):
                begun[pid, name] = rest.rstrip().removesuffix(_UNFINISHED.strip()).rstrip()
            else:
                calls.append(_call(pid, name, rest))
        elif resumed := _RESUMED.match(line):
            pid, name = int(resumed[1]), resumed[3]
            calls.append(_call(pid, name, begun.pop((pid, name), "") + resumed[4]))
    return calls


def _call(pid: int, name: str, rest: str) -> Call:
    arguments, _, result = rest.rstrip().rpartition(" = ")
    return Call(pid, name, arguments.rstrip().removesuffix(")"), result)


@dataclass
class Trace:
    """A running strace."""

    path: Path

    def calls(self) -> list[Call]:
        """What ended so far."""
        with self.path.open(encoding="utf-8", errors="replace") as lines:
            return parse(lines)


@contextmanager
def traced(pids: Sequence[int], path: Path, names: str) -> Iterator[Trace]:
    """Trace these processes and all their threads and children while the block runs."""
    who = [word for pid in pids for word in ("-p", str(pid))]
    command = ["strace", "-f", "-ttt", "-y", "-s", "65536", "-e", f"trace={names}", "-o", str(path), *who]
    with tempfile.TemporaryFile() as said:
        tracer = subprocess.Popen(command, stderr=said)
        try:
            _wait_until_attached(tracer, said.fileno(), len(pids))
            yield Trace(path)
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(10)


def _wait_until_attached(tracer: "subprocess.Popen[bytes]", said: int, count: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and tracer.poll() is None:
        if Path(f"/proc/self/fd/{said}").read_bytes().count(b" attached") >= count:
            return
        time.sleep(0.02)
    raise RuntimeError("strace did not attach: " + Path(f"/proc/self/fd/{said}").read_text(errors="replace"))


def why_no_trace() -> str:
    """Why no process can be traced here, "" where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    with tempfile.TemporaryDirectory() as folder:
        command = ["strace", "-o", f"{folder}/trace", "true"]
        return "" if subprocess.run(command, capture_output=True).returncode == 0 else "ptrace is not allowed here"
