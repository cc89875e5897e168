"""Large messages: whole at the next hop and in the hold, in a file on the way, and no burden on the others."""

import asyncio
import time
from pathlib import Path

import pytest
from gateway_fakes import BOARD, NEWS, Rig, message
from scripted_hop import Hang, Say

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action

OUTSIDE = "sub@home.example"


def large(lines: int = 60_000, line: bytes = b"..dots and text that is longer than nothing\r\n") -> bytes:
    """A message of more than 2 MiB with many a dot at the beginning of a line."""
    return message() + line * lines


def is_empty(folder: Path) -> bool:
    """Whether a folder holds no file with a name."""
    return not any(folder.iterdir())


def body(data: bytes) -> bytes:
    """What follows the header."""
    return data.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("egress", [False, True])
async def test_a_large_message_arrives_octet_for_octet(egress: bool, tmp_path: Path) -> None:
    """Below our fields nothing differs; no file is left, and its room is given back."""
    async with Rig() as rig:
        rig.bound(spool=tmp_path)
        data = large()
        code, _ = await rig.send(data, OUTSIDE if egress else NEWS, egress=egress)
        assert code == 250
        (taken,) = rig.out.messages if egress else rig.news.messages
        assert taken.data.endswith(data)
        assert is_empty(tmp_path)
        await rig.until(lambda: rig.bounds.octets == 0)


async def test_a_large_message_comes_by_chunks_too() -> None:
    """BDAT needs no dots; the next hop gets them."""
    async with Rig() as rig:
        data = large(line=b".text that begins with one dot, which nobody has stuffed\r\n")
        client = await rig.connect()
        await client.envelope(NEWS)
        half = len(data) // 2
        for part, last in ((data[:half], b""), (data[half:], b" LAST")):
            client.writer.write(b"BDAT %d%s\r\n" % (len(part), last) + part)
            assert (await client.reply())[0] == 250
        (taken,) = rig.news.messages
        assert taken.data.endswith(data)


async def test_a_large_message_to_two_hops_is_read_twice() -> None:
    """One file, two deliveries side by side."""
    async with Rig() as rig:
        data = large()
        assert (await rig.send(data, BOARD, NEWS))[0] == 250
        assert rig.board.messages[0].data.endswith(data)
        assert rig.news.messages[0].data.endswith(data)


async def test_a_large_message_is_held_whole() -> None:
    """The case has every octet, our fields in front."""
    async with Rig() as rig:
        rig.judge.verdict = Action.HOLD
        data = large()
        assert (await rig.send(data))[0] == 250
        assert rig.cases.bodies[0].endswith(data)
        assert rig.cases.drafts[0].size == len(data)


async def test_a_retry_of_a_large_message_is_known() -> None:
    """The digest of the file is that of the octets: a message that is settled is not posted again."""
    async with Rig() as rig:
        data = large()
        assert [(await rig.send(data, NEWS))[0] for _ in range(2)] == [250, 250]
        assert len(rig.news.messages) == 1
        assert (await rig.send(data + b"more\r\n", NEWS))[0] == 250
        assert len(rig.news.messages) == 2


@pytest.mark.parametrize("octets", [b"\n", b"\r", b"\0", b"\n.\n", b"\r\n.\n"])
async def test_bare_octets_in_a_large_message_are_refused_after_its_end(octets: bytes) -> None:
    """550, nothing goes on, and the session is in step."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        assert (await client.content(large() + b"x" + octets + b"y\r\n"))[0] == 550
        assert (await client.ask("NOOP"))[0] == 250
        assert rig.news.messages == []


async def test_what_is_refused_unread_has_its_line() -> None:
    """Too large as announced or as sent, or malformed: an admin who is asked finds it in the mail log."""
    async with Rig() as rig:
        rig.bound(max_message_bytes=100_000)
        client = await rig.connect()
        await client.ask("EHLO client.example")
        assert (await client.ask("MAIL FROM:<ann@members.example> SIZE=100001"))[0] == 552
        for content in (b"Subject: x\r\n\r\n" + b"y" * 70 + b"\r\n" * 60_000, b"Subject: x\r\n\r\na\0b\r\n"):
            await client.envelope(NEWS)
            await client.content(content)
        lines = [event for event in rig.events() if event["event"] == "refused"]
        assert [(line["enhanced"], len(line["recipients"])) for line in lines] == [
            ("5.3.4", 0),
            ("5.3.4", 1),
            ("5.6.0", 1),
        ]
        assert all(line["sender"] and line["size"] for line in lines)
        assert rig.count("limits_hit_total", limit="message_bytes") == 2


async def test_a_header_that_fills_the_memory_is_refused() -> None:
    """Nobody writes a megabyte of header; below that it is for the filters to say."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        code, text = await client.content(b"X-Filler: " + b"y" * 60 + b"\r\n" + b"X: y\r\n" * 400_000 + b"\r\nbody\r\n")
        assert (code, text.split()[0]) == (552, "5.3.4")
        await client.envelope(NEWS)
        assert (await client.content(b"From: a@b.example\r\n" + b"X: y\r\n" * 100_000 + b"\r\nbody\r\n"))[0] == 250


async def test_others_are_served_while_a_large_message_passes() -> None:
    """Small messages do not wait for the large one (a generous bound: it guards against doing it in one go)."""
    async with Rig() as rig:
        rig.bound(max_message_bytes=60_000_000, max_inflight_bytes=120_000_000)
        sending = asyncio.create_task(rig.send(large(700_000), NEWS))
        waits = []
        while not sending.done():
            start = time.monotonic()
            assert (await rig.send(message(message_id=f"<{len(waits)}@x>"), BOARD))[0] == 250
            waits.append(time.monotonic() - start)
        assert (await sending)[0] == 250
        assert sorted(waits)[len(waits) // 2] < 0.5


async def test_a_hop_that_hangs_after_a_large_message_is_451_in_time() -> None:
    """It may have the message: that is written down, and the retry delivers."""
    async with Rig(gateway={"reply_deadline_s": 2.5}) as rig:
        rig.bound(max_message_bytes=60_000_000, max_inflight_bytes=120_000_000)
        rig.news.on("DOT", Hang(), times=1)
        start = time.monotonic()
        assert (await rig.send(large(), NEWS))[0] == 451
        assert time.monotonic() - start < 6
        assert "unknown" in rig.ledger.outcomes.values()
        assert (await rig.send(large(), NEWS))[0] == 250


# Behind a peer that has said 250 to the outside, a refusal of ours is a bounce to whoever was forged.
AFTER_QUEUE = {"peer": [{"address": "127.0.0.1/32", "after_queue": True}]}


@pytest.mark.parametrize("padding", [0, 60_000])
async def test_bare_octets_behind_a_queue_are_mended_and_judged(padding: int) -> None:
    """What no mail may hold does not go on, and nobody gets a bounce."""
    async with Rig(**AFTER_QUEUE) as rig:
        data = message() + b"one\ntwo\r.\r\n\0.\n.\nthree\r\n" + b"a line of no meaning, many times over\r\n" * padding
        assert (await rig.send(data, NEWS))[0] == 250
        (taken,) = rig.news.messages
        assert body(taken.data).startswith(body(message()) + b"one\r\ntwo .\r\n .\r\n.\r\nthree\r\n")


async def test_mended_mail_of_a_stranger_is_held_where_the_policy_says_so() -> None:
    """Being mended is no way around judgement."""
    async with Rig(**AFTER_QUEUE) as rig:
        rig.judge.verdict, rig.judge.origin = Action.REJECT, OriginKind.UNPROVEN
        assert (await rig.send(message() + b"one\ntwo\r\n"))[0] == 250
        assert rig.cases.bodies[0].endswith(b"one\r\ntwo\r\n")


@pytest.mark.parametrize(("origin", "code"), [(OriginKind.UNPROVEN, 250), (OriginKind.MEMBER, 552)])
async def test_too_large_for_the_hop_behind_a_queue(origin: OriginKind, code: int) -> None:
    """A stranger's is held; a member's own server may tell her, as for any refusal."""
    async with Rig(**AFTER_QUEUE) as rig:
        rig.judge.origin = origin
        rig.news.offers = ("PIPELINING", "8BITMIME", "SIZE 5000")
        await rig.sizes.ask(rig.pool, rig.snapshot.list_hops)
        client = await rig.connect()
        assert "SIZE 52428800" in (await client.ask("EHLO relay.example"))[1]
        await client.envelope(NEWS)
        assert (await client.content(message("x\r\n" * 3000)))[0] == code
        assert len(rig.cases.drafts) == (1 if code == 250 else 0)
        assert rig.news.messages == []


async def test_too_large_for_us_is_refused_to_everybody() -> None:
    """What cannot be taken cannot be held either; the limit stands in EHLO for every peer to go by."""
    async with Rig(**AFTER_QUEUE) as rig:
        rig.bound(max_message_bytes=10_000)
        assert (await rig.send(message("x\r\n" * 6000), NEWS))[0] == 552


async def test_a_refused_large_message_is_held_from_its_file() -> None:
    """The next hop took it and refused it: the case is written from the same file afterwards."""
    async with Rig() as rig:
        rig.news.on("DOT", Say("550 5.2.0 refused"), times=1)
        data = large()
        assert (await rig.send(data, NEWS))[0] == 250
        assert rig.cases.bodies[0].endswith(data)
