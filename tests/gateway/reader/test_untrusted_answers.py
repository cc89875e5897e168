"""What a reader says is not trusted: anything but one whole reading loses it the message."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import msgspec
import pytest
from messages import build
from reader_process import CONTEXT, MODEL, job

from listward.filters.findings import Evidence, Finding, Scores
from listward.filters.identity.arc import ArcSet, Chain
from listward.filters.identity.origin import AuthResult
from listward.filters.identity.signatures import Signature
from listward.filters.message.parse import parse_message
from listward.filters.reading import Reading, read
from listward.gateway.reader.client import ReaderProcesses
from listward.gateway.reader.lane import Lane, Lanes, NoRoom
from listward.gateway.reader.reads import Unread
from listward.gateway.reader.wire import MOST_ANSWER, Garbled, Setup, decode_from_worker, decode_reading, encode_reading

READING = read(parse_message(build()), 0.0, CONTEXT, MODEL)
GOOD = encode_reading(READING)
NAN, INFINITY = float("nan"), float("inf")


def _changed(**changes: object) -> bytes:
    return encode_reading(replace(READING, **changes))


def _claiming(**changes: object) -> bytes:
    return _changed(claims=replace(READING.claims, **changes))


BAD: dict[str, bytes] = {
    "nothing": b"",
    "cut length": GOOD[:2],
    "cut answer": GOOD[:-3],
    "no msgpack": b"\0\0\0\4\xc1\xc1\xc1\xc1",
    "another value": b"\0\0\0\1\xc0",
    "another type": (lambda content: len(content).to_bytes(4, "big") + content)(msgspec.msgpack.encode({"facts": 1})),
    "too large": (MOST_ANSWER + 1).to_bytes(4, "big") + b"\x90",
    "two answers": GOOD + GOOD,
    "an answer and more": GOOD + b"x",
    "no number": _changed(scores=Scores(spam=NAN)),
    "too high": _changed(scores=Scores(solicitation=1.5)),
    "too low": _changed(findings=(Finding("mail-loop", "loop", -0.1, "c"),)),
    "endless": _changed(seconds=(("dkim", INFINITY),)),
    "a text as a fact": _changed(findings=(Finding("personal-appeal", "routing", 0.5, "c"),)),
    "a phrase as a fact": _changed(findings=(Finding("phrases-own", "malware", 0.5, "c"),)),
    "a fact as a phrase": _changed(findings=(Finding("mail-loop", "phrase", 0.5, "c"),)),
    "a name of its own": _changed(findings=(Finding("a", "loop", 0.5, "c"),)),
    "more findings than are made": _changed(findings=(Finding("mail-loop", "loop", 0.5, "c"),) * 5000),
    "more signatures than are read": _claiming(signatures=(Signature(),) * 6),
    "more sets than are read": _claiming(chain=Chain((ArcSet(Signature(), Signature()),) * 21)),
    "more results than are read": _claiming(reported=(AuthResult("dkim", "pass"),) * 21),
}


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    made = Lanes.create()
    before = set(threading.enumerate())
    yield made
    for lane in (made.quick, made.large):
        lane.giving.close()  # whoever waits at the other end goes home
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    for lane in (made.quick, made.large):
        lane.taking.close()


def _answering(lanes: Lanes, answers: Callable[[], bytes]) -> None:
    """Readers, a lane each, that hear one request out, answer with these octets, and hang up."""

    def serve(lane: Lane) -> None:
        while (taken := lane.take()) is not None:
            with taken.connection as connection:
                connection.settimeout(5)
                heard = bytearray()
                while not _is_asked(heard):
                    heard += connection.recv(65_536)
                connection.sendall(answers())
                connection.shutdown(socket.SHUT_WR)

    for lane in (lanes.quick, lanes.large):
        threading.Thread(target=serve, args=(lane,), daemon=True).start()


def _is_asked(heard: bytearray) -> bool:
    """Whether a request has come, behind its setup."""
    while len(heard) >= 4 and len(heard) >= 4 + int.from_bytes(heard[:4], "big"):
        length = int.from_bytes(heard[:4], "big")
        content = bytes(heard[4 : 4 + length])
        del heard[: 4 + length]
        if not isinstance(decode_from_worker(content), Setup):
            return True
    return False


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_reading_is_no_answer(name: str, lanes: Lanes) -> None:
    """Garbled, cut, oversize or doubled: the message is unread, after both lanes have said so."""
    lost: list[str] = []
    client = ReaderProcesses(lanes.quick.give, lanes.large.give, lambda id, lane: lost.append(lane))
    _answering(lanes, lambda: BAD[name])
    with pytest.raises(Unread):
        await asyncio.wait_for(client.read(job(build())), 10)
    assert lost == ["quick", "large"]
    client.close()


async def test_a_whole_reading_is_taken(lanes: Lanes) -> None:
    """The same readers are believed when they speak well, so it is the answer that made the difference."""
    client = ReaderProcesses(lanes.quick.give, lanes.large.give)
    _answering(lanes, lambda: GOOD)
    assert await client.read(job(build())) == READING
    client.close()


def test_nothing_of_a_reading_is_lost_on_the_way() -> None:
    """Evidence, signatures and all; text that UTF-8 cannot hold comes with question marks."""
    odd = replace(READING, findings=(Finding("mail-loop", "loop", 0.5, "c", (Evidence("body", 0, 1, "\ud800"),)),))
    came = decode_reading(encode_reading(odd)[4:])
    assert came.findings[0].evidence[0].text == "?"
    assert replace(came, findings=()) == replace(READING, findings=())


def test_a_worker_that_makes_no_sense_is_not_heard() -> None:
    """The reader checks what it hears as well."""
    for content in (b"", b"\xc0", msgspec.msgpack.encode((None, None)), msgspec.msgpack.encode({"a": 1})):
        with pytest.raises(Garbled):
            decode_from_worker(content)


async def test_a_full_lane_is_no_reader(lanes: Lanes) -> None:
    """When nobody takes connections, there is an end to how many wait; then a message is unread at once."""
    waiting = []
    with suppress(NoRoom):
        for _ in range(10_000):
            waiting.append(lanes.quick.give())
    with pytest.raises(NoRoom):
        lanes.quick.give()
    client = ReaderProcesses(lanes.quick.give, lanes.quick.give)
    with pytest.raises(Unread):
        await client.read(job(build()))
    for one in waiting:
        one.close()


def test_readings_are_plain() -> None:
    """No octet of the message travels back but what the words of findings and claims need."""
    raw = build(text="a long text of some kind\n" * 20_000)
    assert len(encode_reading(read(parse_message(raw), 0.0, CONTEXT, MODEL))) < 10_000
    assert isinstance(READING, Reading)
