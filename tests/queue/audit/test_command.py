"""`listward audit` and `listward store` as people call them."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from case_samples import body, draft
from redis_server import running_server

from listward.config.load import load
from listward.queue.audit.sealing import Sealer
from listward.queue.store.connect import Store, connect
from listward.queue.store.embedded import EmbeddedServer
from listward.queue.store.names import ListKeys
from listward.queue.store.talk import answers
from listward.runtime.clock import SystemClock
from listward.wire.payload import Payload

SITE = """
[organisation]
name = "Party"
domains = ["party.example"]
[gateway]
listen = ["127.0.0.1:2525"]
[store]
url = "unix://{socket}"
[[list]]
address = "board@party.example"
zone = "members"
next_hop = "smtp://127.0.0.1:2527"
[[group]]
name = "moderators"
members = ["mod@party.example"]
[[queue]]
name = "moderators"
group = "moderators"
"""


def listward(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the command."""
    command = [sys.executable, "-m", "listward", *words, "--config", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A configuration on a running server, with one sealed hold."""
    path = tmp_path_factory.mktemp("configuration")
    with running_server() as server:
        (path / "site.toml").write_text(SITE.format(socket=server.socket))

        async def fill(store: Store) -> None:
            await store.cases.hold(draft(), Payload(body()))
            await Sealer(store.lanes, store.guard, SystemClock()).seal("board@party.example")

        asyncio.run(_with_store(path, fill))
        yield path


async def _with_store(path: Path, work: object) -> None:
    store = connect(load(path).site)
    try:
        await work(store)  # type: ignore[operator]
    finally:
        await store.close()


def test_verify_export_and_tampering(folder: Path, tmp_path: Path) -> None:
    """Whole is 0; the export is noted in the log itself; a changed log is 1 and says what is broken."""
    done = listward(folder, "audit", "verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "board@party.example: whole. 1 entries, sealed up to 1.\n"

    exported = listward(folder, "audit", "export", "--output", str(tmp_path / "log.jsonl"))
    assert exported.stdout == f"wrote 1 entries to {tmp_path / 'log.jsonl'}\n"
    assert json.loads((tmp_path / "log.jsonl").read_text())["verb"] == "hold"

    again = json.loads(listward(folder, "audit", "verify", "--json", "--list", "Board@party.example").stdout)
    assert again["whole"] is True
    assert again["lists"][0]["unsealed"] == 1

    async def tamper(store: Store) -> None:
        await store.lanes.one("any", "XDEL", ListKeys("board@party.example").audit, "1-0")

    asyncio.run(_with_store(folder, tamper))
    broken = listward(folder, "audit", "verify")
    assert broken.returncode == 1
    assert "board@party.example: NOT WHOLE." in broken.stdout
    assert "1 missing: 1" in broken.stdout


def test_without_a_store_it_says_so_in_one_line(tmp_path: Path) -> None:
    """Exit 3, no traceback."""
    (tmp_path / "site.toml").write_text(SITE.format(socket=tmp_path / "none.sock"))
    done = listward(tmp_path, "audit", "verify")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "The store does not answer: the store cannot be reached.\n"


def test_a_faulty_configuration_is_wrong_use(tmp_path: Path) -> None:
    """Exit 2 for both commands, naming the file."""
    for words in (("audit", "verify"), ("store",)):
        done = listward(tmp_path, *words)
        assert done.returncode == 2
        assert "site.toml" in done.stderr
        assert "Traceback" not in done.stderr


def test_an_export_that_cannot_be_written_is_said(folder: Path, tmp_path: Path) -> None:
    """One line with the file's name."""
    done = listward(folder, "audit", "export", "--output", str(tmp_path / "none" / "x"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_store_runs_the_embedded_store_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """SIGTERM ends server and command in order; killed by hand, the command ends with 1 so that it is started anew."""
    short = Path(os.path.realpath("/tmp")) / f"lw-{os.getpid()}"
    (tmp_path / "site.toml").write_text(SITE.format(socket="x").replace('url = "unix://x"', f'path = "{short}"'))
    server = EmbeddedServer(short / "store")
    command = [sys.executable, "-m", "listward", "store", "--config", str(tmp_path)]
    try:
        for ending, code in ((signal.SIGTERM, 0), (signal.SIGKILL, 1)):
            with _manager(short) as manager, subprocess.Popen(command, env=_managed_by(manager)) as running:
                assert manager.recv(64) == b"READY=1"
                assert answers(server.socket)
                if ending is signal.SIGTERM:
                    running.terminate()
                else:
                    os.kill(_child_of(running.pid), signal.SIGKILL)
                assert running.wait(15) == code
            assert not answers(server.socket)
    finally:
        subprocess.run(["rm", "-rf", str(short)], check=True)


def test_store_has_nothing_to_start_where_a_store_is_given(folder: Path) -> None:
    """The answer is no."""
    done = listward(folder, "store")
    assert done.returncode == 1
    assert "nothing to start here" in done.stderr


def _child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


@contextmanager
def _manager(folder: Path) -> Iterator[socket.socket]:
    """A manager of services, which is told when one is ready."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(folder / f"notify-{len(list(folder.iterdir()))}"))
        listening.settimeout(30)
        yield listening


def _managed_by(manager: socket.socket) -> dict[str, str]:
    return {**os.environ, "NOTIFY_SOCKET": manager.getsockname()}
