"""Passing a message on in the transaction: one delivery per next hop, all at once, and what each outcome means."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from listward.gateway.course import Course, Fate
from listward.gateway.services import Services
from listward.wire.envelope import Envelope
from listward.wire.hop import Hop
from listward.wire.outcome import Delivery, Step
from listward.wire.payload import Payload
from listward.wire.reply import Reply

# A refusal up to here is the next hop's word on sender or recipient; later ones are its own trouble (RFC 5321 4.2.1).
_BEFORE_CONTENT = frozenset({Step.MAIL, Step.RCPT})


@dataclass(frozen=True, slots=True)
class Passed:
    """What the next hop's answer means for one recipient. `broken`: it took the content and then refused it."""

    fate: Fate
    delivery: Delivery
    broken: bool = False


def judge_delivery(delivery: Delivery) -> Passed:
    """Return what one outcome means. Whatever is not clearly final is temporary."""
    if delivery.delivered:
        return Passed(Fate.RELAYED, delivery)
    if delivery.lost:
        return Passed(Fate.UNKNOWN, delivery)
    if not delivery.reply.permanent or delivery.step is Step.CONNECT:
        return Passed(Fate.DEFERRED, delivery)
    return Passed(Fate.REFUSED, delivery, broken=delivery.step not in _BEFORE_CONTENT)


# For an address that the pool should have answered for and did not: the next hop may have the message.
_NO_ANSWER = Passed(Fate.UNKNOWN, Delivery(Reply(451, "4.3.0", ""), Step.DOT, lost=True))


async def relay(
    services: Services,
    hop_of: Callable[[Course], Hop],
    envelope: Envelope,
    courses: Sequence[Course],
    data: Payload,
    timeout_s: float,
) -> dict[str, Passed]:
    """Deliver to every recipient's next hop side by side; returns what it means for each address."""
    by_hop: dict[Hop, list[str]] = {}
    for course in courses:
        by_hop.setdefault(hop_of(course), []).append(course.address)
    parts = [
        _deliver(services, hop, envelope.only(tuple(addresses)), data, timeout_s) for hop, addresses in by_hop.items()
    ]
    passed = {course.address: _NO_ANSWER for course in courses}
    for deliveries in [await parts[0]] if len(parts) == 1 else await asyncio.gather(*parts):
        passed |= {address: judge_delivery(delivery) for address, delivery in deliveries.items()}
    return passed


async def _deliver(
    services: Services, hop: Hop, envelope: Envelope, data: Payload, timeout_s: float
) -> dict[str, Delivery]:
    start = time.monotonic()
    try:
        deliveries = await services.pool.deliver(hop, envelope, data, timeout_s)
    except Exception as error:  # one hop's trouble must not hide what another has taken
        services.log.event("failed", error=type(error).__name__, hop=hop.name)
        deliveries = dict.fromkeys(envelope.addresses, _NO_ANSWER.delivery)
    services.metrics.next_hop_took.observe("", time.monotonic() - start)
    for delivery in deliveries.values():
        if not delivery.delivered:
            kind = "lost" if delivery.lost else f"{delivery.step.value}-{delivery.reply.code // 100}xx"
            services.metrics.next_hop_errors.labels(delivery.hop or hop.name, kind).inc()
    return deliveries
