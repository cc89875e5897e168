"""The dialogue: order of commands, syntax, what is announced."""

import re

import pytest
from gateway_fakes import BOARD, NEWS, Rig, message


async def test_ehlo_announces_what_is_there() -> None:
    """No DSN and no BINARYMIME; STARTTLS only with a certificate."""
    async with Rig() as rig:
        client = await rig.connect(greet=False)
        assert await client.reply() == (220, "mx.party.example ESMTP")
        _code, text = await client.ask("EHLO client.example")
        assert text.split("\n") == [
            "mx.party.example",
            "PIPELINING",
            "SIZE 52428800",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "CHUNKING",
        ]


async def test_size_is_the_smallest_of_all_next_hops() -> None:
    """What a next hop would not take is refused at MAIL."""
    async with Rig() as rig:
        rig.news.offers = ("PIPELINING", "SIZE 70000")
        await rig.sizes.ask(rig.pool, rig.snapshot.list_hops)
        client = await rig.connect(greet=False)
        await client.reply()
        assert "SIZE 70000" in (await client.ask("EHLO c.example"))[1].split("\n")
        assert await client.ask("MAIL FROM:<a@b.example> SIZE=70001") == (
            552,
            "5.3.4 Not delivered. This server takes messages of up to 70 kB, and this one is larger",
        )
        assert (await client.ask("MAIL FROM:<a@b.example> SIZE=70000"))[0] == 250


async def test_a_pipelined_transaction_is_answered_in_order() -> None:
    """RFC 2920: replies come in the order of the commands, as one group."""
    async with Rig() as rig:
        client = await rig.connect()
        client.writer.write(
            f"MAIL FROM:<a@b.example>\r\nRCPT TO:<{BOARD}>\r\nRCPT TO:<nobody@x.example>\r\nDATA\r\n".encode()
        )
        codes = [(await client.reply())[0] for _ in range(4)]
        assert codes == [250, 250, 550, 354]
        client.writer.write(message() + b".\r\nMAIL FROM:<>\r\nQUIT\r\n")
        assert [(await client.reply())[0] for _ in range(3)] == [250, 250, 221]
        assert await client.is_closed()


async def test_commands_sent_before_the_end_of_the_stream_are_answered() -> None:
    """A client may close its half after QUIT."""
    async with Rig() as rig:
        client = await rig.connect()
        client.writer.write(b"NOOP\r\nQUIT\r\n")
        client.writer.write_eof()
        assert [(await client.reply())[0] for _ in range(2)] == [250, 221]


@pytest.mark.parametrize(
    ("commands", "code", "enhanced"),
    [
        (["MAIL FROM:<a@b.example>", "MAIL FROM:<a@b.example>"], 503, "5.5.1"),
        ([f"RCPT TO:<{BOARD}>"], 503, "5.5.1"),
        (["DATA"], 503, "5.5.1"),
        (["MAIL FROM:<a@b.example>", "DATA"], 554, "5.5.1"),
        (["MAIL FROM:<a@b.example>", f"RCPT TO:<{BOARD}>", "DATA now"], 501, "5.5.4"),
        (["MAIL FROM:<>", "RCPT TO:<>"], 501, "5.1.3"),
        (["MAIL FROM:<>", "RCPT TO:<nobody@lists.party.example>"], 550, "5.1.1"),
        (["MAIL FROM:<>", "RCPT TO:<someone@elsewhere.example>"], 550, "5.1.1"),
        (["MAIL FROM:<>", f"RCPT TO:<{BOARD}> NOTIFY=NEVER"], 555, "5.5.4"),
        (["MAIL FROM:<a@b.example> RET=HDRS"], 555, "5.5.4"),
        (["MAIL FROM:<a@b.example> BODY=BINARYMIME"], 501, "5.5.4"),
        (["MAIL FROM:<a@b.example> SMTPUTF8=yes"], 501, "5.5.4"),
        (["MAIL FROM:<a@b.example> SIZE=99999999999"], 552, "5.3.4"),
        (["MAIL FROM:<a@b.example> SIZE=\u0661\u0662"], 501, "5.1.7"),
        (["MAIL FROM:<\u00e9@b.example>"], 553, "5.6.7"),
        (['MAIL FROM:<"a\\\tBcc:"@b.example>'], 500, "5.5.2"),
        (["MAIL FROM:a@b.example"], 501, "5.1.7"),
        (["MAIL TO:<a@b.example>"], 501, "5.1.7"),
        (["MAIL"], 501, "5.1.7"),
        (["VRFY board"], 252, "2.1.5"),
        (["EXPN board"], 502, "5.5.1"),
        (["AUTH PLAIN AGEAYg=="], 502, "5.5.1"),
        (["STARTTLS"], 502, "5.5.1"),
        (["XCLIENT ADDR=192.0.2.1"], 500, "5.5.1"),
        (["XFORWARD ADDR=192.0.2.1"], 500, "5.5.1"),
        (["WONDER"], 500, "5.5.1"),
        ([""], 500, "5.5.1"),
        (["NOOP what ever"], 250, "2.0.0"),
        (["HELP"], 214, "2.0.0"),
        (["RSET now"], 501, "5.5.4"),
        (["QUIT now"], 501, "5.5.4"),
        (["EHLO"], 501, "5.5.4"),
        (["HELO two words"], 501, "5.5.4"),
    ],
)
async def test_the_answer_to_each_command(commands: list[str], code: int, enhanced: str) -> None:
    """Every refusal names its class and its enhanced code, and the session goes on."""
    async with Rig() as rig:
        client = await rig.connect()
        replies = [await client.ask(command) for command in commands]
        assert replies[-1][0] == code
        assert replies[-1][1].startswith(enhanced + " ")
        assert (await client.ask("NOOP"))[0] == 250


async def test_nothing_before_the_greeting_of_the_client() -> None:
    """RFC 5321 section 4.1.4: MAIL needs EHLO or HELO."""
    async with Rig() as rig:
        client = await rig.connect(greet=False)
        await client.reply()
        assert (await client.ask("MAIL FROM:<a@b.example>"))[0] == 503
        assert (await client.ask("HELO c.example")) == (250, "mx.party.example")
        assert (await client.ask("MAIL FROM:<a@b.example> BODY=8BITMIME"))[0] == 555
        assert (await client.ask("MAIL FROM:<a@b.example>"))[0] == 250


async def test_rset_and_ehlo_drop_the_transaction() -> None:
    """After either a new MAIL is taken."""
    async with Rig() as rig:
        client = await rig.connect()
        for command in ("RSET", "EHLO again.example"):
            await client.envelope(BOARD)
            assert (await client.ask(command))[0] == 250
            assert (await client.ask("DATA"))[0] == 503


async def test_a_command_ended_by_a_bare_line_feed_is_refused() -> None:
    """A bare LF is nobody's line end; the command is not obeyed."""
    async with Rig() as rig:
        client = await rig.connect()
        client.writer.write(b"MAIL FROM:<a@b.example>\n")
        assert (await client.reply())[0] == 500
        assert (await client.ask(f"RCPT TO:<{BOARD}>"))[0] == 503


@pytest.mark.parametrize("line", [b"NO\x00OP", b"NOOP \x07", b"NOOP\rNOOP", b"NOOP \x7f"])
async def test_control_characters_in_a_command_are_refused(line: bytes) -> None:
    """NUL, CR and the rest stand in no command."""
    async with Rig() as rig:
        client = await rig.connect()
        assert (await client.ask(line))[0] == 500


async def test_octets_that_are_no_utf8_are_refused() -> None:
    """A path is ASCII or UTF-8."""
    async with Rig() as rig:
        client = await rig.connect()
        assert (await client.ask(b"MAIL FROM:<\xff\xfe@b.example> SMTPUTF8"))[0] == 501
        assert (await client.ask(b"\xff\xfe"))[0] == 500


async def test_a_long_command_line_is_refused_and_read_to_its_end() -> None:
    """What stands behind the limit is not run as a command."""
    async with Rig() as rig:
        client = await rig.connect()
        assert (await client.ask("NOOP " + "x" * 300_000))[0] == 500
        assert (await client.ask("NOOP"))[0] == 250


@pytest.mark.parametrize("request_line", ["GET / HTTP/1.1", "POST /x HTTP/1.0", "OPTIONS * HTTP/1.1"])
async def test_a_browser_is_closed_at_once(request_line: str) -> None:
    """Mail commands in the body of a POST are never read."""
    async with Rig() as rig:
        client = await rig.connect()
        client.writer.write(f"{request_line}\r\nHost: x\r\n\r\nMAIL FROM:<a@b.example>\r\n".encode())
        assert (await client.reply())[0] == 421
        assert await client.reply() == (0, "")


async def test_a_repeated_recipient_is_taken_once() -> None:
    """The next hop sees each recipient once."""
    async with Rig() as rig:
        assert (await rig.send(message(), NEWS, NEWS))[0] == 250
        assert rig.news.messages[0].recipients == (NEWS,)


async def test_the_envelope_passes_unchanged() -> None:
    """Case of local parts, VERP and parameters arrive as they came."""
    async with Rig() as rig:
        client = await rig.connect()
        sender, recipient = "List-Bounces+Ana=home.example@X.example", "Board-confirm+AbC123@Lists.Party.Example"
        await client.envelope(recipient, sender=sender, parameters=" SIZE=500 BODY=8BITMIME")
        assert (await client.content(message()))[0] == 250
        taken = rig.board.messages[0]
        assert (taken.sender, taken.recipients) == (sender, (recipient,))
        assert "BODY=8BITMIME" in taken.mail


async def test_international_addresses_pass_with_smtputf8() -> None:
    """RFC 6531: the reverse path may be UTF-8, and arrives so."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(NEWS, sender="\u00e1na@home.example", parameters=" SMTPUTF8")
        assert (await client.content(message()))[0] == 250
        assert "SMTPUTF8" in rig.news.messages[0].mail
        assert b" with UTF8SMTP id" in rig.news.messages[0].data


async def test_dots_are_put_on_and_taken_off() -> None:
    """A line of dots arrives as it was written."""
    async with Rig() as rig:
        text = ".\r\n..\r\n...\r\n.a\r\nend\r\n"
        assert (await rig.send(message(text), NEWS))[0] == 250
        assert rig.news.messages[0].data.endswith(b"\r\n\r\n" + text.encode())


async def test_two_messages_on_one_connection_are_two_messages() -> None:
    """Nothing of the first enters the second."""
    async with Rig() as rig:
        client = await rig.connect()
        ids = []
        for number in (1, 2):
            await client.envelope(NEWS)
            code, text = await client.content(message(message_id=f"<{number}@home.example>"))
            assert code == 250
            ids += re.findall(r"Ref (\w{20})$", text)
        assert len(set(ids)) == 2
        assert len(rig.news.messages) == 2


async def test_an_error_in_a_verb_is_451_without_a_word_of_it() -> None:
    """Nothing of the inside leaves, and the session goes on."""
    async with Rig() as rig:
        client = await rig.connect()
        object.__setattr__(rig.snapshot, "directory", None)
        await client.ask("MAIL FROM:<a@b.example>")
        code, text = await client.ask(f"RCPT TO:<{BOARD}>")
        assert code == 451
        assert "NoneType" not in text
        assert (await client.ask("NOOP"))[0] == 250
