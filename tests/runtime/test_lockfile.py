"""The kernel names who holds a lock, and forgets it with the process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from listward.runtime.lockfile import AlreadyHeld, hold, holder, signal_holder

PROGRAM = """
import os, signal, sys
from pathlib import Path
from listward.runtime.lockfile import hold
hold(Path(sys.argv[1]))
child = os.fork()
if not child:
    signal.pause()
signal.signal(signal.SIGHUP, lambda *_: print("heard", flush=True))
print(child, flush=True)
while True:
    signal.pause()
"""


def test_a_lock_belongs_to_one_process_alone(tmp_path: Path) -> None:
    """Its children do not inherit it; when it is killed the lock is free, whatever the file says."""
    path = tmp_path / "lock"
    assert holder(path) == 0
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert holder(path) == process.pid
        with pytest.raises(AlreadyHeld, match=str(process.pid)):
            hold(path)
        assert signal_holder(path, signal.SIGHUP) == process.pid
        assert process.stdout.readline() == "heard\n"
        process.kill()
        process.wait()
        assert path.read_text() == f"{process.pid}\n"
        assert holder(path) == 0
        assert signal_holder(path, signal.SIGHUP) == 0
        os.kill(child, signal.SIGKILL)


def test_a_file_that_names_a_stranger_is_no_lock(tmp_path: Path) -> None:
    """A pid that stands in the file and holds nothing is never signalled."""
    path = tmp_path / "lock"
    path.write_text(f"{os.getpid()}\n")
    assert signal_holder(path, signal.SIGTERM) == 0
