"""The end of a worker: what is under way is answered, nobody is cut off."""

import asyncio
import socket

from gateway_fakes import NEWS, Rig, message

from listward.gateway.ingress import Ingress
from listward.gateway.session.conversation import Conversation


async def test_idle_clients_are_told_and_closed() -> None:
    """421, as RFC 5321 section 3.8 asks."""
    async with Rig() as rig:
        client = await rig.connect()
        await rig.server.drain(5)
        code, text = await client.reply()
        assert (code, text[:5]) == (421, "4.3.2")
        assert await client.is_closed()


async def test_a_message_after_its_dot_is_answered() -> None:
    """250 comes although the worker is going down; then the session ends."""
    async with Rig() as rig:
        rig.judge.gate = asyncio.Event()
        client = await rig.connect()
        await client.envelope(NEWS)
        sending = asyncio.create_task(client.content(message()))
        await rig.until(lambda: bool(rig.judge.seen))
        draining = asyncio.create_task(rig.server.drain(5))
        await asyncio.sleep(0.02)
        assert not draining.done()
        rig.judge.gate.set()
        assert (await sending)[0] == 250
        assert (await client.reply())[0] == 421
        await draining
        assert len(rig.news.messages) == 1


async def test_a_client_amid_its_content_may_finish() -> None:
    """What is on its way is taken; no new message begins."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        await client.ask("DATA")
        client.writer.write(message())
        await rig.until(lambda: rig.bounds.octets > 0)
        draining = asyncio.create_task(rig.server.drain(5))
        await asyncio.sleep(0.02)
        client.writer.write(b".\r\nMAIL FROM:<a@b.example>\r\n")
        assert (await client.reply())[0] == 250
        assert (await client.reply())[0] == 421
        await draining


async def test_who_came_in_the_last_moment_is_told_too() -> None:
    """A client that was accepted just before, and whose conversation begins only now, does not hold up the end."""
    async with Rig() as rig:
        busy = await rig.connect()
        await busy.envelope(NEWS)
        await busy.ask("DATA")
        draining = asyncio.create_task(rig.server.drain(30))
        await asyncio.sleep(0)
        door = Ingress(rig.services, lambda: rig.snapshot, rig.sizes)
        late, accepted = socket.socketpair()
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: Conversation(door, rig.bounds, rig.server.works, rig.server.crowd), accepted
        )
        reader, writer = await asyncio.open_connection(sock=late)
        heard = await asyncio.wait_for(reader.read(), 10)
        assert heard.startswith(b"220 ")
        assert b"\r\n421 4.3.2" in heard
        writer.close()
        busy.writer.write(message() + b".\r\n")
        assert (await busy.reply())[0] == 250
        await draining


async def test_draining_ends() -> None:
    """A client that never finishes is closed when the time is over, and new ones are not taken."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        await client.ask("DATA")
        await rig.server.drain(0.05)
        assert await client.is_closed()
        refused = False
        try:
            await asyncio.open_connection("127.0.0.1", rig.port)
        except ConnectionRefusedError:
            refused = True
        assert refused
