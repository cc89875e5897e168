"""Reading in processes that may be killed: every way a reader can end, and what it costs the mail of others."""

import asyncio
import os
import signal
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from messages import build
from reader_process import BOUNDS, CONTEXT, HOSTILE, MODEL, Readers, job, wait_for

from listward.filters.message.parse import parse_message
from listward.filters.reading import Reading, read
from listward.gateway.reader.client import MOST_LOSSES
from listward.gateway.reader.reads import ReadingTerms, Unread
from listward.wire.payload import Payload, Spooled

PATIENT = ReadingTerms(CONTEXT, MODEL, replace(BOUNDS, wall_s=30.0))


def plain(reading: Reading) -> Reading:
    """A reading without the times it took."""
    return Reading(reading.facts, reading.findings, reading.scores, reading.claims, reading.way, reading.failures)


async def test_a_reader_says_what_this_process_would_say() -> None:
    """Findings, scores, facts and claims are those of reading here, for ordinary and for large messages."""
    with Readers() as readers:
        client = readers.client()
        for raw in (
            build(),
            build(subject="[Intern] x", text="I lost my job, lend me 200 euros.\n"),
            b"",
            b"\xff" * 900,
        ):
            found = await client.read(job(raw))
            assert plain(found) == plain(read(parse_message(raw), 1_795_000_000.0, CONTEXT, MODEL))
            assert found.seconds
        large = build(text="word " * 100_000)
        assert plain(await client.read(job(large))) == plain(
            read(parse_message(large), 1_795_000_000.0, CONTEXT, MODEL)
        )
    assert readers.lost == []


async def test_long_lists_cost_no_message_its_reading() -> None:
    """They are made ready before a message's time begins: else every reader ended over the first one it is given."""
    phrases = tuple(f"é{number} wörd{number} nöch{number} eïns{number}" for number in range(60_000))
    terms = replace(PATIENT, context=replace(CONTEXT, phrases=(("long", phrases),)))
    with Readers() as readers:
        found = await readers.client().read(job(build(text=f"Here is {phrases[-1]}."), terms=terms))
    assert [finding.rule for finding in found.findings if finding.category == "phrase"] == ["phrases-long"]
    assert readers.lost == []


async def test_a_message_in_a_file_is_read_there(tmp_path: Path) -> None:
    """The reader gets the open file, not the octets, and the file stays open here."""
    raw = build(text="word " * 500_000)
    file = tmp_path / "spool"
    file.write_bytes(b"before" + raw[1000:] + b"behind")
    descriptor = os.open(file, os.O_RDONLY)
    payload = Payload(raw[:1000], Spooled(descriptor, 6, len(raw) - 1000))
    with Readers() as readers:
        found = await readers.client().read(job(payload))
        os.pread(descriptor, 1, 0)
    os.close(descriptor)
    assert found.facts.size == len(raw)
    assert found.facts.body_digest == parse_message(raw).body_digest


@pytest.mark.parametrize("how", ["burn", "sleep", "die", "exit"])
async def test_a_reader_that_ends_costs_one_message(how: str) -> None:
    """It is tried in both lanes and then unread; the next message is read by the next reader."""
    with Readers(HOSTILE) as readers:
        client = readers.client()
        with pytest.raises(Unread):
            await client.read(job(build(subject=how), source="198.51.100.1", id="bad"))
        found = await client.read(job(build(subject="Minutes")))
        assert found.facts.subject == "Minutes"
    assert readers.lost == [("bad", "quick"), ("bad", "large")]


async def test_what_eats_memory_fails_alone() -> None:
    """A reader that wants more than it may is a check that failed."""
    with Readers(HOSTILE) as readers:
        found = await readers.client().read(job(build(subject="eat")))
        assert found.failures == ("hostile",)


async def test_a_long_wait_is_over_when_a_reader_is_killed() -> None:
    """kill -9 ends the wait at once, long before any bound; the message is read in the other lane."""
    with Readers(HOSTILE) as readers:
        client = readers.client()
        await client.read(job(build()))
        asking = asyncio.create_task(client.read(job(build(subject="sleep"), terms=PATIENT)))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        os.kill(readers.pid("lw:reader-0"), signal.SIGKILL)
        while not readers.lost:  # noqa: ASYNC110  # whoever notes the loss knows of no event
            await asyncio.sleep(0.01)
        assert time.monotonic() - began < PATIENT.bounds.wall_s / 2
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert (await client.read(job(build(subject="Minutes"), source="192.0.2.9"))).facts.subject == "Minutes"


async def test_a_stopped_reader_is_replaced() -> None:
    """SIGSTOP is as good as the end: the supervisor kills it, and the next message finds another."""
    with Readers() as readers:
        client = readers.client()
        await client.read(job(build()))
        pid = readers.pid("lw:reader-0")
        os.kill(pid, signal.SIGSTOP)
        await client.read(job(build()))
        wait_for(lambda: readers.pid("lw:reader-0") != pid)


async def test_large_and_hostile_mail_delays_nobody_else() -> None:
    """While one lane burns, ordinary messages are read as ever."""
    with Readers(HOSTILE) as readers:
        client = readers.client()
        large = build(subject="burn", text="word " * 60_000)
        burning = asyncio.create_task(client.read(job(large, source="198.51.100.1")))
        meanwhile = 0
        while not burning.done():
            await client.read(job(build()))
            meanwhile += 1
        assert meanwhile > 3, "in one lane at most one would have been read before"
        with pytest.raises(Unread):
            await burning


async def test_whoever_costs_a_reader_its_life_goes_the_other_way() -> None:
    """After three deaths that client's mail does not come near the ordinary lane; mail without an address does."""
    with Readers(HOSTILE) as readers:
        client = readers.client()
        for source in ("198.51.100.1", ""):
            for _ in range(MOST_LOSSES + 1):
                with pytest.raises(Unread):
                    await client.read(job(build(subject="die"), source=source, id=source or "none"))
    tries = Counter(readers.lost)
    assert tries["198.51.100.1", "quick"] == MOST_LOSSES
    assert tries["198.51.100.1", "large"] == tries["none", "quick"] == tries["none", "large"] == MOST_LOSSES + 1


async def test_many_messages_at_once_are_all_read() -> None:
    """Two workers' clients, thirty messages each, some of them deadly: each gets its own answer."""
    with Readers(HOSTILE, quick=2) as readers:
        clients = [readers.client(), readers.client()]
        subjects = [*(f"Minutes {index}" for index in range(28)), "die", "exit"]
        asked = [client.read(job(build(subject=subject), source=subject)) for client in clients for subject in subjects]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    for subject, answer in zip(subjects * 2, answers, strict=True):
        if subject.startswith("Minutes"):
            assert isinstance(answer, Reading)
            assert answer.facts.subject == subject
        else:
            assert isinstance(answer, Unread)


async def test_ordinary_mail_comes_first() -> None:
    """The reader of large mail leaves the processor to those of ordinary mail."""
    with Readers() as readers:
        client = readers.client()
        await client.read(job(build()))
        await client.read(job(build(text="word " * 60_000)))
        ordinary, large = readers.pid("lw:reader-0"), readers.pid("lw:reader-large")
        assert os.getpriority(os.PRIO_PROCESS, large) > os.getpriority(os.PRIO_PROCESS, ordinary)


async def test_suspicion_reaches_who_waits_already() -> None:
    """Six deadly messages at once, of one client: after three deaths the waiting ones leave the ordinary lane."""
    with Readers(HOSTILE) as readers:
        client = readers.client()
        asked = [client.read(job(build(subject="die"), source="198.51.100.1")) for _ in range(6)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(answer, Unread) for answer in answers)
    lanes = Counter(lane for _, lane in readers.lost)
    assert (lanes["quick"], lanes["large"]) == (MOST_LOSSES, 6)
