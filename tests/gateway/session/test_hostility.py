"""Clients that mean no mail: early talkers, browsers, floods, and those that never read our answers."""

import asyncio
import socket
from contextlib import suppress

import pytest
from gateway_fakes import BOARD, NEWS, Client, Rig, message


async def test_who_speaks_before_the_greeting_is_closed() -> None:
    """RFC 5321 section 3.1: the client waits. Nothing of what it said runs."""
    async with Rig(gateway={"greeting_wait_s": 5}) as rig:
        client = await rig.connect(greet=False)
        client.writer.write(f"EHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<{NEWS}>\r\n".encode())
        code, text = await client.reply()
        assert (code, text[:5]) == (421, "4.7.0")
        assert await client.reply() == (0, "")
        assert rig.count("limits_hit_total", limit="early_talkers") == 1


async def test_octets_that_wait_at_the_greeting_are_seen_without_waiting() -> None:
    """The kernel is asked: what came with the connection came too early."""
    async with Rig() as rig:
        raw = socket.create_connection(("127.0.0.1", rig.port))  # the loop cannot accept before this has sent
        raw.sendall(b"EHLO x.example\r\n")
        client = Client(*await asyncio.open_connection(sock=raw))
        rig.clients.append(client)
        assert (await client.reply())[0] == 421


async def test_a_client_that_waits_is_greeted_after_the_wait() -> None:
    """The wait is for those that cannot wait."""
    async with Rig(gateway={"greeting_wait_s": 0.05}) as rig:
        client = await rig.connect()
        assert (await client.ask("NOOP"))[0] == 250


async def test_early_talkers_may_be_allowed() -> None:
    """An organisation with such a device says so."""
    async with Rig(gateway={"early_talkers": "allow"}) as rig:
        client = await rig.connect(greet=False)
        client.writer.write(b"EHLO x.example\r\n")
        assert [(await client.reply())[0] for _ in range(2)] == [220, 250]


@pytest.mark.parametrize("before", [b"", b"EHLO x.example\r\n"])
async def test_http_never_becomes_mail(before: bytes) -> None:
    """A page that posts to us: closed at the request line, also after EHLO."""
    async with Rig(gateway={"early_talkers": "allow"}) as rig:
        client = await rig.connect(greet=False)
        client.writer.write(before + b"POST / HTTP/1.1\r\nHost: x\r\n\r\nMAIL FROM:<a@b.example>\r\n")
        codes = []
        while (code := (await client.reply())[0]) != 0:
            codes.append(code)
        assert codes == ([220, 250, 421] if before else [220, 421])
        assert rig.count("limits_hit_total", limit="http") == 1


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        (b"EHLO caf\xc3\xa9.example", {501}),
        (b"EHLO \xff\xfe", {501}),
        (b"EHLO " + b"x" * 300, {501}),
        (b"MAIL FROM:<a\x00b@c.example>", {500}),
        (b'MAIL FROM:<"a\nBcc: x"@c.example>', {500}),
        (b'MAIL FROM:<"a\rBcc: x"@c.example>', {500}),
        (b'MAIL FROM:<"a\\\nb"@c.example>', {500}),
        (b"MAIL FROM:<a@b.example> SIZE=\xd9\xa1\xd9\xa2", {501, 553}),
        (b"MAIL FROM:<a@b.example> SIZE=-1", {501}),
        (b"MAIL FROM:<a@b.example> SIZE=1e3", {501}),
        (b"MAIL FROM:<" + b"a" * 240 + b"@b.example>", {501}),
        (b"MAIL FROM:<a@" + b"b." * 140 + b"example>", {501}),
        (b"MAIL FROM:<\xc3\xa9@b.example>", {553}),
        (b"MAIL FROM:<a@b.example>x", {501}),
        (b"MAIL FROM:<a@b.example>\tSIZE=1", {500}),
    ],
)
async def test_a_malformed_command_is_refused_and_the_session_goes_on(command: bytes, codes: set[int]) -> None:
    """NUL, quoted line ends, 8-bit names, digits that are not ASCII, paths that are too long."""
    async with Rig() as rig:
        client = await rig.connect()
        client.writer.write(command + b"\r\n")
        assert (await client.reply())[0] in codes
        client.writer.write(b"RCPT TO:<" + NEWS.encode() + b">\r\nNOOP marker\r\n")
        seen = [(await client.reply())[0]]
        while seen[-1] != 250:
            seen.append((await client.reply())[0])
        assert set(seen[:-1]) <= {500, 501, 503}


@pytest.mark.parametrize("size", [b"\xd9\xa1", b"-1", b"+5", b"5 LAST LAST", b"0x10", b"", b"9" * 30])
async def test_a_chunk_without_a_plain_size_ends_the_session(size: bytes) -> None:
    """Where it ends nobody knows: reading on would run content as commands."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        client.writer.write(b"BDAT " + size + b"\r\nMAIL FROM:<>\r\n")
        assert (await client.reply())[0] == 501
        assert await client.is_closed()
        assert rig.news.messages == []


@pytest.mark.parametrize("command", ["RCPT TO:<>", "RCPT TO:< >", "RCPT TO:<\u00e9@lists.party.example>", "RCPT TO:"])
async def test_a_recipient_that_is_none_is_refused(command: str) -> None:
    """The null path is a sender only; 8-bit paths need SMTPUTF8."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.ask("MAIL FROM:<>")
        assert (await client.ask(command))[0] in {501, 553}
        assert (await client.ask("DATA"))[0] == 554


async def test_lines_that_end_with_a_line_feed_alone_run_nothing() -> None:
    """The smuggler's line end: each is refused, none obeyed."""
    async with Rig() as rig:
        client = await rig.connect()
        client.writer.write(f"MAIL FROM:<a@b.example>\nRCPT TO:<{BOARD}>\nDATA\n".encode())
        assert [(await client.reply())[0] for _ in range(3)] == [500] * 3
        assert (await client.ask("DATA"))[0] == 503


async def test_twenty_megabytes_without_a_line_end_cost_nothing() -> None:
    """They are read and dropped; one refusal answers them."""
    async with Rig() as rig:
        client = await rig.connect()
        block = b"x" * 1_000_000
        for _ in range(20):
            client.writer.write(block)
            await client.writer.drain()
            assert len(rig.server.crowd) == 1
            conversation = next(iter(rig.server.crowd))
            assert conversation._ahead + len(conversation.inlet._ahead) < 2_000_000
        client.writer.write(b"\r\n")
        assert (await client.reply())[0] == 500
        assert rig.count("limits_hit_total", limit="command_line") == 1
        assert (await client.ask("NOOP"))[0] == 250


@pytest.mark.parametrize("command", ["RSET", "NOOP", "EHLO again.example", "VRFY x"])
async def test_thousands_of_empty_commands_end_with_421(command: str) -> None:
    """A session has so many commands and no more, however fast they come."""
    async with Rig(gateway={"max_commands": 500}) as rig:
        client = await rig.connect()
        client.writer.write(f"{command}\r\n".encode() * 3000)
        codes = [(await client.reply())[0]]
        while codes[-1] not in {0, 421}:
            codes.append((await client.reply())[0])
        assert codes[-1] in {0, 421}
        assert len(codes) <= 500
        assert rig.count("limits_hit_total", limit="commands") == 1


async def test_others_are_answered_during_a_flood() -> None:
    """Whoever asks amid a block of pipelined commands is answered long before its end."""
    async with Rig(gateway={"max_commands": 1_000_000}) as rig:
        flood, polite = await rig.connect(), await rig.connect()
        many = 60_000
        flood.writer.write(b"NOOP\r\n" * many)
        reading = asyncio.create_task(flood.reader.readexactly(len(b"250 2.0.0 OK\r\n") * many))
        before = [conversation._commands for conversation in rig.server.crowd]
        answered_at = []
        for _ in range(20):
            assert (await polite.ask("NOOP"))[0] == 250
            answered_at.append(max(conversation._commands for conversation in rig.server.crowd))
        assert max(before) < 10
        assert answered_at[-1] < many // 2
        await asyncio.wait_for(reading, 30)


@pytest.mark.parametrize("command", [b"RCPT TO:<x@x.x>\r\n", b"EHLO x\r\n"])
async def test_a_client_that_never_reads_stops_us_from_answering(command: bytes) -> None:
    """Our output waits at its bound, what it goes on sending stays in the network, and in the end it is cut off."""
    async with Rig(gateway={"max_commands": 10_000_000, "max_errors": 10_000_000, "idle_timeout_s": 1.5}) as rig:
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect(("127.0.0.1", rig.port))
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_recv(raw, 100)
        await loop.sock_sendall(raw, b"EHLO x.example\r\nMAIL FROM:<>\r\n")
        block = command * 2000  # short commands with longer answers
        sent = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                while sent < 100_000_000:
                    await loop.sock_sendall(raw, block)
                    sent += len(block)
        conversation = next(iter(rig.server.crowd))
        assert conversation.transport is not None
        assert conversation.transport.get_write_buffer_size() < 200_000
        assert conversation._ahead < 2_000_000
        assert sent < 50_000_000
        await rig.until(lambda: not rig.server.crowd)
        assert rig.bounds.connections == 0
        raw.close()


async def test_a_flood_of_recipients_is_answered_one_by_one() -> None:
    """As many as are allowed are taken, every other one hears 452, and the message goes to those that were taken."""
    async with Rig(gateway={"max_recipients": 2}) as rig:
        client = await rig.connect()
        many = "".join(f"RCPT TO:<news-confirm+{number}@lists.party.example>\r\n" for number in range(1200))
        client.writer.write(f"MAIL FROM:<a@b.example>\r\n{many}".encode())
        codes = [(await client.reply())[0] for _ in range(1201)]
        assert (codes.count(250), codes.count(452)) == (3, 1198)
        assert (await client.content(message()))[0] == 250
