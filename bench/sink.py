"""A next hop that takes everything as fast as Python can: blocks, not lines. Run: `python -m bench.sink PORT`."""

import asyncio
import signal
import sys

import uvloop

EHLO = b"250-sink.bench.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 SIZE 104857600\r\n"
ANSWERS = {
    b"EHLO": EHLO,
    b"LHLO": EHLO,
    b"HELO": b"250 sink.bench.test\r\n",
    b"MAIL": b"250 2.1.0 ok\r\n",
    b"RCPT": b"250 2.1.5 ok\r\n",
    b"DATA": b"354 go\r\n",
    b"RSET": b"250 2.0.0 ok\r\n",
    b"NOOP": b"250 2.0.0 ok\r\n",
    b"XFOR": b"250 2.0.0 ok\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}


class Sink(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._content = False
        self._seen = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = transport
        transport.write(b"220 sink.bench.test ready\r\n")  # type: ignore[attr-defined]  # a TCP transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole command and every whole content."""
        self._buffer += data
        answers = []
        while (answer := self._next()) is not None:
            answers.append(answer)
        if answers:
            self._transport.write(b"".join(answers))  # type: ignore[attr-defined]  # a TCP transport
        if answers and answers[-1] == ANSWERS[b"QUIT"]:
            self._transport.close()

    def _next(self) -> bytes | None:
        return self._end_of_content() if self._content else self._command()

    def _command(self) -> bytes | None:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return None
        verb = bytes(self._buffer[:4]).upper()
        # CRLF stays in front of the content, so that a dot on its very first line is found alike.
        self._content = verb == b"DATA"
        del self._buffer[: end if self._content else end + 2]
        self._seen = 0
        return ANSWERS.get(verb, b"500 5.5.2 what\r\n")

    def _end_of_content(self) -> bytes | None:
        end = self._buffer.find(b"\r\n.\r\n", max(0, self._seen - 4))
        if end < 0:
            self._seen = len(self._buffer)
            return None
        del self._buffer[: end + 5]
        self._content = False
        return b"250 2.0.0 taken\r\n"


async def main(port: int) -> None:
    """Serve until told to stop."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", port, backlog=1024)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
