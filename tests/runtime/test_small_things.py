"""Ids, mail log, sockets and readiness."""

import io
import json
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.runtime import readiness
from listward.runtime.ids import ALPHABET, new_id
from listward.runtime.maillog import MailLog
from listward.runtime.sockets import CannotListen, bind, split_listen


class FixedClock:
    """A clock that stands."""

    def now(self) -> float:
        return 0.0

    def monotonic(self) -> float:
        return 0.0


def test_ids_are_unique_and_safe_in_headers_and_file_names() -> None:
    """A thousand ids differ, and hold only digits and plain letters."""
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(len(made) == 20 and set(made) <= set(ALPHABET) for made in ids)


def test_ids_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id made a millisecond later sorts later."""
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.000)
    first = new_id()
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.001)
    assert first < new_id()


@settings(max_examples=100, deadline=None)
@given(st.text(), st.text())
def test_a_log_event_is_one_line_of_json(verb: str, text: str) -> None:
    """Whatever the values hold, an event stays one line and reads back."""
    stream = io.StringIO()
    MailLog(b"k", stream, FixedClock()).event(verb, "id", hop=text)
    assert stream.getvalue().count("\n") == 1
    assert json.loads(stream.getvalue())["hop"] == text


class FullDisk(io.StringIO):
    """A stream that cannot be written for a while."""

    full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "no space left on device")
        return super().write(text)


def test_a_log_that_cannot_be_written_costs_no_mail() -> None:
    """Nothing is raised, and the next line says how many are missing."""
    stream = FullDisk()
    log = MailLog(b"k", stream)
    log.event("relayed", "1")
    log.event("relayed", "2")
    stream.full = False
    log.event("relayed", "3")
    log.event("relayed", "4")
    assert [json.loads(line).get("missing") for line in stream.getvalue().splitlines()] == [2, None]


def test_addresses_are_hashed_with_a_key_and_without_case() -> None:
    """The same address gives the same hash for one key, another for another; the empty sender stays empty."""
    log = MailLog(b"one", io.StringIO())
    assert log.hashed("Ann@Party.example") == log.hashed("ann@party.example")
    assert log.hashed("ann@party.example") != MailLog(b"two", io.StringIO()).hashed("ann@party.example")
    assert log.hashed("") == ""


def test_workers_get_sockets_of_their_own_on_one_port() -> None:
    """Port 0 gives one free port for all copies."""
    sockets = bind("127.0.0.1:0", copies=3)
    try:
        assert len({opened.getsockname() for opened in sockets}) == 1
        assert len({opened.fileno() for opened in sockets}) == 3
    finally:
        for opened in sockets:
            opened.close()


def test_a_taken_port_is_named() -> None:
    """The error says which address could not be bound."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CannotListen, match=address):
            bind(address)


def test_a_second_gateway_cannot_share_a_port() -> None:
    """Workers share a port among themselves; another start on it is refused by name."""
    first = bind("127.0.0.1:0", copies=2)
    address = f"127.0.0.1:{first[0].getsockname()[1]}"
    try:
        with pytest.raises(CannotListen, match=f"{address}: another program listens there"):
            bind(address)
    finally:
        for opened in first:
            opened.close()
    for opened in bind(address):
        opened.close()


def test_listen_addresses_are_split() -> None:
    """IPv6 hosts lose their brackets."""
    assert split_listen("[::1]:25") == ("::1", 25)
    assert split_listen("127.0.0.1:2525") == ("127.0.0.1", 2525)


def test_readiness_reaches_the_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state arrives as one datagram; without a manager nothing happens."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    readiness.notify("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        readiness.notify("READY=1")
        assert manager.recv(100) == b"READY=1"
