"""Deliver one small message through a pool, for tests of the wire."""

from scripted_hop import ScriptedHop

from listward.wire.envelope import Envelope, Recipient
from listward.wire.hop import Hop
from listward.wire.outcome import Delivery, Step
from listward.wire.payload import Payload
from listward.wire.pool import Pool

DATA = b"Subject: x\r\n\r\nHello\r\n"


def letter(*to: str, sender: str = "a@x.test") -> Envelope:
    """An envelope to the addresses, or to one."""
    return Envelope(sender, tuple(Recipient(address) for address in to or ("b@y.test",)))


async def send(
    hop: ScriptedHop,
    *to: str,
    data: bytes = DATA,
    timeout_s: float = 5,
    pool: Pool | None = None,
    to_hop: Hop | None = None,
) -> dict[str, Delivery]:
    """Deliver once, over the pool or a new one; to the hop itself unless `to_hop` names it otherwise."""
    own = pool or Pool("gateway.test")
    try:
        return await own.deliver(to_hop or hop.hop, letter(*to), Payload(data), timeout_s)
    finally:
        if pool is None:
            await own.close()


def is_temporary(delivery: Delivery, step: Step, lost: bool = False) -> bool:
    """Whether the outcome is our own 451 with an enhanced code of its class."""
    reply = delivery.reply
    return (reply.code, reply.enhanced[:2], delivery.step, delivery.lost) == (451, "4.", step, lost)
