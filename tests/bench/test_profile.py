"""Where samples go: to the innermost file of ours, to its part, and in all to what a process used."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bench import proc
from bench.parts.profile import DKIM, PARTS, REST, STORE_SERVER, Moment, by_part, divided, part_of
from bench.sampled import OTHER, Counts, places

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_belongs_to_a_part() -> None:
    """No file of ours is without a part, and the parts' beginnings are files that exist."""
    names = places()
    assert {part_of(name) for name in names} <= {part for part, _ in PARTS}
    assert part_of("filters/identity/dkim.py") == DKIM
    assert part_of("gateway/session/data.py").startswith("session")
    assert part_of(OTHER).startswith("event loop")


def test_a_process_is_divided_by_its_samples() -> None:
    """CPU seconds are the kernel's; samples only share them out. What is not sampled is the store server."""
    before = Moment({1: proc.Process("lw:gateway-0", 0, 1.0)}, {1: {"wire/client.py": 10}})
    after = Moment(
        {
            1: proc.Process("lw:gateway-0", 0, 3.0),
            2: proc.Process("valkey-server", 1, 0.5),
            3: proc.Process("lw:metrics", 1, 0.25),
        },
        {1: {"wire/client.py": 13, "filters/identity/dkim.py": 1}},
    )
    found = divided(before, after)
    assert found == {"wire/client.py": 1.5, "filters/identity/dkim.py": 0.5, STORE_SERVER: 0.5, REST: 0.25}
    assert by_part(found) == {"next hop": 1.5, DKIM: 0.5, STORE_SERVER: 0.5, REST: 0.25}


def test_counts_are_seen_by_others(tmp_path: Path) -> None:
    """A row for each process; who opens the file again sees what is counted."""
    counts = Counts(tmp_path / "counts", ["one", "two"])
    start = counts.row()
    counts.table[start + 1] += 5
    assert Counts(tmp_path / "counts", ["one", "two"]).by_process() == {os.getpid(): {"two": 5}}


CHILD = """
import os, sys
from pathlib import Path
from bench.sampled import Counts, Sampler, places
from listward.wire.dots import malformed

names = places()
sampler = Sampler(Counts(Path(sys.argv[1]), names), names)
os.register_at_fork(after_in_child=sampler.begin)
if os.fork() == 0:
    for _ in range(200):
        malformed(b"a line\\r\\n" * 20_000)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="the sampler needs real-time signals")
def test_a_forked_process_is_sampled(tmp_path: Path) -> None:
    """A child counts by itself; the interpreter's own work is charged to the file that asked for it."""
    path = tmp_path / "counts"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", CHILD, str(path)], check=True, timeout=50, env=environment)
    [counted] = Counts(path, places()).by_process().values()
    assert counted.get("wire/dots.py", 0) > 0.5 * sum(counted.values()) > 0
