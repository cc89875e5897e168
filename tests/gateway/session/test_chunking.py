"""BDAT (RFC 3030)."""

import pytest
from gateway_fakes import BOARD, NEWS, Rig, message


async def test_a_message_in_chunks_arrives_whole() -> None:
    """Chunks may be cut anywhere; dots at line starts are no end."""
    async with Rig() as rig:
        data = message(".\r\n..dots\r\nMAIL FROM:<x@y.example>\r\n")
        client = await rig.connect()
        await client.envelope(NEWS)
        for part in (data[:7], b"", data[7:40]):
            client.writer.write(f"BDAT {len(part)}\r\n".encode() + part)
            assert (await client.reply())[0] == 250
        client.writer.write(f"BDAT {len(data) - 40} LAST\r\n".encode() + data[40:])
        assert (await client.reply())[0] == 250
        assert rig.news.messages[0].data.endswith(data)


async def test_chunks_may_be_pipelined() -> None:
    """Commands and chunks in one write are answered one by one."""
    async with Rig() as rig:
        data = message()
        client = await rig.connect()
        client.writer.write(
            f"MAIL FROM:<a@b.example>\r\nRCPT TO:<{NEWS}>\r\nBDAT 10\r\n".encode()
            + data[:10]
            + f"BDAT {len(data) - 10} LAST\r\n".encode()
            + data[10:]
            + b"QUIT\r\n"
        )
        assert [(await client.reply())[0] for _ in range(5)] == [250, 250, 250, 250, 221]
        assert rig.news.messages[0].data.endswith(data)


async def test_a_chunk_without_recipients_is_read_and_refused() -> None:
    """What lies in a refused chunk is never run as a command."""
    async with Rig() as rig:
        client = await rig.connect()
        smuggled = f"MAIL FROM:<a@b.example>\r\nRCPT TO:<{BOARD}>\r\n".encode()
        client.writer.write(f"BDAT {len(smuggled)} LAST\r\n".encode() + smuggled)
        assert (await client.reply())[0] == 503
        assert (await client.ask("DATA"))[0] == 503
        await client.ask("MAIL FROM:<a@b.example>")
        client.writer.write(b"BDAT 6\r\nQUIT\r\n")
        assert (await client.reply())[0] == 554
        assert (await client.ask("NOOP"))[0] == 250


async def test_a_failed_chunk_fails_those_that_follow() -> None:
    """After a refusal every further chunk is read and refused, until the last one or RSET."""
    async with Rig() as rig:
        rig.bound(max_message_bytes=2000)
        client = await rig.connect()
        await client.envelope(NEWS)
        client.writer.write(b"BDAT 9000\r\n" + b"x" * 9000)
        assert (await client.reply())[0] == 552
        client.writer.write(b"BDAT 6\r\nQUIT\r\n")
        assert (await client.reply())[0] == 552
        client.writer.write(b"BDAT 6 LAST\r\nQUIT\r\n")
        assert (await client.reply())[0] == 552
        assert await client.envelope(NEWS) == (250, "2.1.5 OK")
        assert rig.news.messages == []


@pytest.mark.parametrize("argument", ["", " x", " -1", " 5 FIRST", " 5LAST", " 99999999999999999999"])
async def test_a_chunk_of_unknown_size_ends_the_session(argument: str) -> None:
    """Nobody knows where it ends: reading on would run content as commands."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        client.writer.write(f"BDAT{argument}\r\n".encode() + b"QUIT\r\n")
        assert (await client.reply())[0] == 501
        assert await client.reply() == (0, "")


@pytest.mark.parametrize("line", [b"BDAT 6\n", b"bdat\t6 LAST\r\n", b"BDAT 6\r\r\n", b"BDAT 6\x00\r\n"])
async def test_a_chunk_behind_a_line_that_is_no_command_is_not_obeyed(line: bytes) -> None:
    """The session ends, as where the size cannot be read."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        client.writer.write(line + b"QUIT\r\n")
        assert (await client.reply())[0] == 500
        assert await client.reply() == (0, "")


async def test_chunks_and_data_do_not_mix() -> None:
    """DATA and RCPT after BDAT are out of order."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        client.writer.write(b"BDAT 3\r\nabc")
        assert (await client.reply())[0] == 250
        assert (await client.ask("DATA"))[0] == 503
        assert (await client.ask(f"RCPT TO:<{BOARD}>"))[0] == 503
        client.writer.write(b"BDAT 0 LAST\r\n")
        assert (await client.reply())[0] == 250
        assert rig.news.messages[0].data.endswith(b"\r\n\r\nabc\r\n") or rig.news.messages[0].data.endswith(b"abc\r\n")


async def test_chunks_that_are_refused_are_told_in_one_line() -> None:
    """However many follow the one that was too much."""
    async with Rig() as rig:
        rig.bound(max_message_bytes=100_000)
        client = await rig.connect()
        await client.envelope(NEWS)
        for last in ("", "", " LAST"):
            client.writer.write(f"BDAT 120000{last}\r\n".encode() + b"x" * 120_000)
            assert (await client.reply())[0] == 552
        refused = [event for event in rig.events() if event["event"] == "refused"]
        assert [(event["code"], event["enhanced"]) for event in refused] == [(552, "5.3.4")]


async def test_bare_octets_in_chunks_are_refused() -> None:
    """A counted chunk has no end to smuggle, and its bare LF would be one further on."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        data = message("a\n.\nb\r\n")
        client.writer.write(f"BDAT {len(data)} LAST\r\n".encode() + data)
        assert (await client.reply())[0] == 550
        assert rig.news.messages == []
