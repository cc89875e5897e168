"""The PROXY header of versions 1 and 2: an address or nothing, never an exception."""

import asyncio

from aiosmtpd.proxy_protocol import get_proxy

from listward.gateway.session.peers import plain_address


def one(data: bytes) -> None:
    """Read it as the first octets of a connection."""
    asyncio.run(read(data))


async def read(data: bytes) -> None:
    """The way the gateway reads it."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    try:
        found = await get_proxy(reader)
    except EOFError:
        return
    if found and found.src_addr is not None:
        plain_address(str(found.src_addr))
