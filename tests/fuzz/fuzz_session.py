"""Whatever a client sends, in whatever pieces: whole replies with their codes, and never a word of the inside."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from fuzzing import cuts
from gateway_fakes import Rig

REPLY = re.compile(rb"(?:[2-5][0-9]{2}-[^\x00-\x1f\x7f]*\r\n)*[2-5][0-9]{2} [^\x00-\x1f\x7f]*\r\n")
INSIDE = re.compile(rb"Traceback|Exception|\.py\b|Error\b|aiosmtpd|Python")


@contextmanager
def opened() -> Iterator[Callable[[bytes], None]]:
    """A gateway worker's server with next hops, all in this process."""
    loop = asyncio.new_event_loop()
    faults: list[str] = []
    loop.set_exception_handler(lambda _, context: faults.append(str(context)))
    rig = Rig()
    loop.run_until_complete(rig.__aenter__())

    def one(data: bytes) -> None:
        """Hold one conversation."""
        said = loop.run_until_complete(asyncio.wait_for(talk(rig.port, data), 20))
        assert said.startswith(b"220 ")
        assert REPLY.sub(b"", said) == b"", said
        assert not INSIDE.search(said)
        assert faults == []

    try:
        yield one
    finally:
        loop.run_until_complete(rig.__aexit__(None, None, None))
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


async def talk(port: int, data: bytes) -> bytes:
    """Send all at once, end the sending side, and read to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = await reader.readline()
    with suppress(ConnectionError):
        for block in cuts(data, 2):
            writer.write(block)
            await writer.drain()
        writer.write_eof()
        said += await reader.read()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return said
