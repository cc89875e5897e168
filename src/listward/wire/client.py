"""Opening a session with a next hop: greeting, EHLO or LHLO, and TLS where the hop's url asks for it."""

import asyncio
import ssl

from listward.wire.capabilities import Capabilities, parse_capabilities
from listward.wire.connection import Broken, Connection, connect
from listward.wire.hop import Hop
from listward.wire.refusals import CANNOT_CONNECT, CLOSING, NO_TLS, NOT_VERIFIED, OUT_OF_STEP, TOO_SLOW, fit
from listward.wire.reply import Reply


def verifying(ca_file: str | None = None) -> ssl.SSLContext:
    """Return the context for next hops: certificate and name verified, TLS 1.2 or later (RFC 8996, RFC 8314 4.1).

    `ca_file` holds the authorities to trust instead of the system's. Raises OSError where it cannot be used.
    """
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def open_session(hop: Hop, hostname: str, timeout_s: float, tls: ssl.SSLContext | None = None) -> Connection:
    """Return a connection ready for MAIL. `tls` is the context for hops that need it. Raises Broken."""
    connection: Connection | None = None
    ready = False
    context = (tls or verifying()) if hop.tls != "never" else None
    try:
        async with asyncio.timeout(timeout_s):
            connection = await connect(hop, context if hop.tls == "wrapped" else None)
            await _greet(connection, hop, hostname, context)
        ready = True
    except TimeoutError as error:
        raise Broken(CANNOT_CONNECT if connection is None else TOO_SLOW) from error
    finally:
        if connection is not None and not ready:
            connection.abort()
    return connection


async def _greet(connection: Connection, hop: Hop, hostname: str, tls: ssl.SSLContext | None) -> None:
    greeting = await connection.reply()
    if greeting.code != 220:
        raise Broken(_unexpected(greeting))
    connection.capabilities = await _hello(connection, hop, hostname)
    if tls is not None and hop.tls != "wrapped":
        await _secure(connection, hop, hostname, tls)


async def _hello(connection: Connection, hop: Hop, hostname: str) -> Capabilities:
    verb = "LHLO" if hop.protocol == "lmtp" else "EHLO"
    reply = await connection.ask(f"{verb} {hostname}\r\n".encode())
    if reply.code == 250:
        return parse_capabilities(reply.text)
    if verb == "EHLO" and reply.code in {500, 502, 504}:  # a server without extensions: RFC 5321 section 3.2
        reply = await connection.ask(f"HELO {hostname}\r\n".encode())
        if reply.code == 250:
            return Capabilities()
    raise Broken(_unexpected(reply))


async def _secure(connection: Connection, hop: Hop, hostname: str, tls: ssl.SSLContext) -> None:
    """STARTTLS (RFC 3207). What was learnt before it is forgotten, and asked for again."""
    if not connection.capabilities.offers("STARTTLS"):
        if hop.tls == "may":
            return
        raise Broken(NO_TLS)
    reply = await connection.ask(b"STARTTLS\r\n")
    if reply.code != 220:
        raise Broken(NO_TLS)
    try:
        await connection.upgrade(tls, hop.host)
    except ssl.SSLCertVerificationError as error:
        raise Broken(NOT_VERIFIED) from error
    except (ssl.SSLError, OSError) as error:
        raise Broken(NO_TLS) from error
    connection.capabilities = await _hello(connection, hop, hostname)


def _unexpected(reply: Reply) -> Reply:
    """A refusal before MAIL is about the connection, not the message: always temporary (RFC 5321 section 4.2.1)."""
    if reply.code == 421:
        return CLOSING
    if reply.temporary:
        return fit(reply)
    return CANNOT_CONNECT if reply.permanent else OUT_OF_STEP
