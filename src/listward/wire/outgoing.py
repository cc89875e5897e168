"""What is sent after DATA: a message with its dots stuffed, and what it needs of a hop."""

from collections.abc import Iterator
from dataclasses import replace

from listward.wire.commands import Needs, needs_of
from listward.wire.dots import END, Seamless, malformed, stuff, stuff_lines, terminated
from listward.wire.payload import Payload, Spooled

BLOCK = 262_144  # octets of a large message that are handed to the transport at a time
AT_ONCE = 1_048_576  # a message up to here is written at once


class Outgoing:
    """One message on its way out. Made once, however many transactions and tries follow.

    `needs` are those of the message, `fault` names what must not leave ("" for nothing). `whole` is a small message as
    it is sent, its final dot included; None for a larger one, which `blocks` reads.
    """

    def __init__(self, message: Payload) -> None:
        sound = message.sound and message.rest is None
        self._head = message.head if sound or message.rest is not None else terminated(message.head)
        self._rest = message.rest
        fault = "" if sound else malformed(self._head)
        self.fault = fault or (message.rest.fault if message.rest is not None else "")
        self.needs = _needs(self._head, message.rest)
        small = message.rest is None and len(self._head) <= AT_ONCE
        self.whole = (self._head if sound and message.smooth else stuff(self._head)) + END if small else None

    def blocks(self) -> Iterator[bytes]:
        """Yield the content, stuffed, without its final dot. Raises OSError where the file cannot be read."""
        lines = Seamless(stuff_lines)
        for start in range(0, len(self._head), BLOCK):
            yield lines.add(self._head[start : start + BLOCK])
        rest = self._rest.blocks(BLOCK) if self._rest is not None else ()
        if self._rest is not None and not self._rest.dotted:
            yield lines.end()
            yield from rest
            return
        for block in rest:
            yield lines.add(block)
        yield lines.end()


def _needs(head: bytes, rest: Spooled | None) -> Needs:
    needs = needs_of(head)
    if rest is None:
        return needs
    return replace(needs, size=needs.size + rest.size, eight_bit=needs.eight_bit or rest.eight_bit)
