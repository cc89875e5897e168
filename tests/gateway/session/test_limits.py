"""Bounds: what one client, all clients and one message may take; each refusal is counted."""

import asyncio

from gateway_fakes import BOARD, NEWS, Rig, message

from listward.filters.judgement import Action


async def test_connections_are_bounded_in_all() -> None:
    """One more than allowed is told 421; a place that becomes free is given again."""
    async with Rig(gateway={"max_clients": 2}) as rig:
        first = await rig.connect()
        await rig.connect()
        third = await rig.connect(greet=False)
        assert (await third.reply())[0] == 421
        assert await third.reply() == (0, "")
        assert rig.count("limits_hit_total", limit="clients") == 1
        assert rig.count("connections") == 2
        await first.close()
        await rig.until(lambda: rig.bounds.connections == 1)
        assert (await (await rig.connect(greet=False)).reply())[0] == 220


async def test_connections_of_one_client_are_bounded() -> None:
    """One address cannot take all places; another one still gets in."""
    async with Rig(gateway={"max_clients_per_address": 1}) as rig:
        await rig.connect()
        second = await rig.connect(greet=False)
        code, text = await second.reply()
        assert (code, text[:5]) == (421, "4.7.0")
        other = await rig.connect(greet=False, source="127.0.0.2")
        assert (await other.reply())[0] == 220
        assert rig.count("limits_hit_total", limit="clients_per_address") == 1


async def test_recipients_are_bounded() -> None:
    """RFC 5321 section 4.5.3.1.10: 452 for one too many; the transaction goes on with those that were taken."""
    async with Rig(gateway={"max_recipients": 1}) as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        assert await client.ask(f"RCPT TO:<{BOARD}>") == (
            452,
            "4.5.3 Enough recipients for one message; send the rest in another one",
        )
        assert (await client.content(message()))[0] == 250
        assert rig.count("limits_hit_total", limit="recipients") == 1


async def test_errors_are_bounded() -> None:
    """Guessing addresses ends with 421."""
    async with Rig(gateway={"max_errors": 3}) as rig:
        client = await rig.connect()
        await client.ask("MAIL FROM:<a@b.example>")
        codes = [(await client.ask(f"RCPT TO:<guess{number}@lists.party.example>"))[0] for number in range(4)]
        assert codes == [550] * 4
        assert (await client.reply())[0] == 421
        assert await client.is_closed()
        assert rig.count("limits_hit_total", limit="errors") == 1


async def test_a_refusal_of_a_message_is_no_error_of_the_client() -> None:
    """Many refused messages on one connection are many answers, not a reason to close it."""
    async with Rig(gateway={"max_errors": 1}) as rig:
        rig.judge.verdict = Action.REJECT
        client = await rig.connect()
        for number in range(4):
            await client.envelope(NEWS)
            assert (await client.content(message(message_id=f"<{number}@x>")))[0] == 550


async def test_commands_are_bounded() -> None:
    """An endless session ends."""
    async with Rig(gateway={"max_commands": 10}) as rig:
        client = await rig.connect()
        codes = [(await client.ask("NOOP"))[0] for _ in range(10)]
        assert codes == [250] * 9 + [421]
        assert rig.count("limits_hit_total", limit="commands") == 1


async def test_a_silent_client_is_told_and_closed() -> None:
    """421 4.4.2 after the idle time-out."""
    async with Rig(gateway={"idle_timeout_s": 0.05}) as rig:
        client = await rig.connect(greet=False)
        await client.reply()
        code, text = await client.reply()
        assert (code, text[:5]) == (421, "4.4.2")
        assert rig.count("limits_hit_total", limit="idle") == 1


async def test_half_a_command_does_not_keep_the_place() -> None:
    """An octet now and then is not a command: the time runs from the last whole one."""
    async with Rig(gateway={"idle_timeout_s": 0.2}) as rig:
        client = await rig.connect(greet=False)
        await client.reply()

        async def drip() -> None:
            while not client.writer.is_closing():
                client.writer.write(b"x")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert (await client.reply())[0] == 421
        dripping.cancel()


async def test_a_slow_loris_in_data_is_closed() -> None:
    """Content that comes too slowly is no mail; nothing is delivered."""
    async with Rig() as rig:
        rig.bound(data_grace_s=0.05, min_data_rate=1_000_000)
        client = await rig.connect()
        await client.envelope(NEWS)
        await client.ask("DATA")
        client.writer.write(b"Subject: x\r\n")
        code, text = await client.reply()
        assert (code, text[:5]) == (421, "4.4.2")
        assert rig.count("limits_hit_total", limit="data_rate") == 1
        assert rig.news.messages == []
        await rig.until(lambda: rig.bounds.octets == 0)


async def test_octets_in_flight_are_bounded() -> None:
    """What does not fit beside others gets 452 after its real end; then there is room again."""
    async with Rig(gateway={"max_message_bytes": 1_000_000, "max_inflight_bytes": 1_048_576}) as rig:
        slow = await rig.connect()
        await slow.envelope(NEWS)
        await slow.ask("DATA")
        slow.writer.write(b"x" * 700_000)
        await rig.until(lambda: rig.bounds.octets == 700_000)
        assert rig.count("inflight_bytes") == 700_000
        code, text = await rig.send(message("y" * 600_000))
        assert (code, text[:5]) == (452, "4.3.1")
        declared = await rig.connect()
        assert (await declared.ask("MAIL FROM:<a@b.example> SIZE=500000"))[0] == 452
        await slow.close()
        await rig.until(lambda: rig.bounds.octets == 0)
        assert (await rig.send(message("y" * 600_000), NEWS))[0] == 250
        assert rig.count("limits_hit_total", limit="inflight_bytes") == 2


async def test_a_message_over_the_limit_is_read_to_its_end() -> None:
    """552 5.3.4, and the commands behind it are commands."""
    async with Rig(gateway={"max_message_bytes": 70_000}) as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        code, text = await client.content(message("x" * 200_000))
        assert (code, text[:5]) == (552, "5.3.4")
        assert (await client.ask("NOOP"))[0] == 250
        assert rig.news.messages == []


async def test_stuffed_dots_are_no_part_of_the_size() -> None:
    """RFC 1870 section 3: a message of dots at the limit is taken."""
    async with Rig(gateway={"max_message_bytes": 70_000}) as rig:
        text = ".\r\n" * 10_000
        data = message(text)
        assert (await rig.send(data[: len(data)], NEWS))[0] == 250
        over = message("x\r\n" * 23_400)
        assert (await rig.send(over, NEWS))[0] == 552


async def test_many_empty_lines_do_not_stop_the_others() -> None:
    """Two megabytes of empty lines pass while a second client is answered."""
    async with Rig() as rig:
        loop = asyncio.get_running_loop()
        heavy = asyncio.create_task(rig.send(message("\r\n" * 1_000_000), NEWS))
        start = loop.time()
        assert (await rig.send(message(message_id="<two@x.example>"), NEWS))[0] == 250
        assert loop.time() - start < 2
        assert (await heavy)[0] == 250
        assert len(rig.news.messages) == 2
