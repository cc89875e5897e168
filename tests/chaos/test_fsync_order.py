"""The order on the disk: what a hold has written is flushed before the 250 of that hold leaves. Seen by strace."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from chaos_parts import ChaosRunning
from dns_server import DnsServer
from messages import build
from running import APPEAL, ZONE, Running
from syscall_trace import Call, parse, traced, why_no_trace

from listward.queue.store.embedded import EmbeddedServer
from listward.queue.store.talk import ask

WHY_NOT = why_no_trace()
pytestmark = [
    pytest.mark.live,
    pytest.mark.xdist_group("live"),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "strace works"),
]
CALLS = "write,writev,sendto,sendmsg,fsync,fdatasync"
HOLDS = 5
BEN, MEMBERS = "ben@members.example", "members@party.example"
_CASE = re.compile(r"250 2\.0\.0 .{0,60}Case (\d+)")
_FLUSHES = frozenset({"fsync", "fdatasync"})


def broken_promises(calls: Sequence[Call]) -> list[str]:
    """Return the cases whose 250 left while something of the store's log was written and not flushed, or unwritten."""
    broken: list[str] = []
    written, dirty = "", False
    for call in calls:
        to_log = ".aof" in call.arguments.partition(",")[0]
        if to_log and call.name in _FLUSHES and call.worked:
            dirty = False
        elif to_log and call.name not in _FLUSHES:
            written, dirty = written + call.arguments, True
        elif (said := _CASE.search(call.arguments)) and (dirty or said[1] not in written):
            broken.append(said[1])
    return broken


def cases_in(calls: Sequence[Call]) -> list[str]:
    """Return the numbers of the cases that were promised."""
    return [said[1] for call in calls if (said := _CASE.search(call.arguments)) and ".aof" not in call.arguments]


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Call], str]:
    """The calls of worker and store during some holds, and what a hold is answered under another fsync policy."""
    folder = tmp_path_factory.mktemp("order")
    with DnsServer(ZONE) as names, _running(folder / "site", names.address) as running:
        (store,) = [*running.children("valkey-server"), *running.children("redis-server")]
        assert hold(running) == 250  # connections are open and functions loaded
        with traced([store, *running.children("lw:gateway-0")], folder / "trace", CALLS) as tracing:
            assert [hold(running) for _ in range(HOLDS)] == [250] * HOLDS
        ask(EmbeddedServer(running.folder / "var" / "store").socket, "CONFIG", "SET", "appendfsync", "everysec")
        return tracing.calls(), str(hold(running))


def _running(folder: Path, names: str) -> ChaosRunning:
    return ChaosRunning(folder, names, "lmtp://127.0.0.1:9", "smtp://127.0.0.1:9", "embedded", workers=1)


def hold(running: Running) -> int:
    """Send a plea, which is held."""
    raw = build(from_=BEN, to=MEMBERS, subject="Help", text=APPEAL, message_id=f"<{uuid4()}@test.example>")
    return running.send(BEN, MEMBERS, raw).code


def test_the_log_is_flushed_before_250_leaves(trace: tuple[list[Call], str]) -> None:
    """Each case is in the store's log, and the log is on the disk, before the worker writes its 250."""
    calls, _ = trace
    assert len(cases_in(calls)) == HOLDS
    assert broken_promises(calls) == []


def test_a_trace_without_the_flush_is_seen(trace: tuple[list[Call], str]) -> None:
    """The same calls without, or with a failed, or with a late fdatasync fail the test above."""
    calls, _ = trace
    without = [call for call in calls if call.name not in _FLUSHES]
    failed = [replace(call, result="-1 EIO") if call.name in _FLUSHES else call for call in calls]
    late = sorted(calls, key=lambda call: call.name in _FLUSHES)
    for doctored in (without, failed, late):
        assert len(broken_promises(doctored)) == HOLDS
    assert len(broken_promises([call for call in calls if ".aof" not in call.arguments])) == HOLDS


def test_another_fsync_policy_takes_no_hold(trace: tuple[list[Call], str]) -> None:
    """With appendfsync everysec there is no 250 whose order could be wrong."""
    assert trace[1] == "451"


def test_interrupted_calls_end_when_they_are_resumed() -> None:
    """A call that another thread interrupts counts at its end."""
    lines = [
        "7 1.0 fdatasync(9</a.aof> <unfinished ...>",
        '8 1.1 write(5<socket>, "250 x", 5) = 5',
        "7 1.2 <... fdatasync resumed>) = 0",
    ]
    assert [(call.name, call.arguments, call.result) for call in parse(lines)] == [
        ("write", '5<socket>, "250 x", 5', "5"),
        ("fdatasync", "9</a.aof>", "0"),
    ]
