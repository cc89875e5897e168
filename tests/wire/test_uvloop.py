"""The same behaviour on uvloop, which the gateway runs on and whose transports differ from asyncio's."""

import asyncio
import ssl
from collections.abc import Coroutine
from typing import Any

import pytest
import trustme
import uvloop
from delivering import is_temporary, send
from scripted_hop import Drop, Inject, Raw, SayThenDrop, ScriptedHop
from sink import sink

from listward.wire.outcome import Step
from listward.wire.pool import Pool


def on_uvloop(work: Coroutine[Any, Any, None]) -> None:
    """Run the work on a loop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def test_mail_goes_through() -> None:
    """Small and large content, over one kept connection."""

    async def work() -> None:
        async with sink() as hop:
            pool = Pool("gateway.test")
            large = b"A: b\r\n\r\n" + (b".x" * 30 + b"\r\n") * 50_000
            for data in (b"A: b\r\n\r\n", large, b"A: b\r\n\r\n"):
                assert (await send(hop, data=data, pool=pool, timeout_s=20))["b@y.test"].delivered
            await pool.close()
            assert [taken.data for taken in hop.messages] == [b"A: b\r\n\r\n", large, b"A: b\r\n\r\n"]
        assert hop.connections == 1

    on_uvloop(work())


@pytest.mark.parametrize(
    ("action", "lost"), [(Drop(), True), (Raw(b"what\r\n"), True), (SayThenDrop("421 bye"), False)]
)
def test_faults_after_the_dot(action: Drop | Raw | SayThenDrop, lost: bool) -> None:
    """A break or garbage after the dot is lost, a refusal is not."""

    async def work() -> None:
        async with sink() as hop:
            hop.on("DOT", action)
            assert is_temporary((await send(hop))["b@y.test"], Step.DOT, lost)

    on_uvloop(work())


@pytest.mark.parametrize("injected", [b"", b"250 ok\r\n" * 6])
def test_tls(injected: bytes) -> None:
    """STARTTLS works, and an injected reply ends the connection."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)

    async def work() -> None:
        async with ScriptedHop(tls=server) as hop:
            if injected:
                hop.on("STARTTLS", Inject(injected))
            pool = Pool("gateway.test", tls=client)
            outcome = await send(hop, pool=pool)
            await pool.close()
            assert outcome["b@y.test"].delivered == (not injected)

    on_uvloop(work())


def test_a_hop_that_is_away() -> None:
    """Nobody listens: 451, no exception."""

    async def work() -> None:
        async with sink() as hop:
            pass
        assert is_temporary((await send(hop))["b@y.test"], Step.CONNECT)

    on_uvloop(work())
