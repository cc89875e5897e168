"""What a session asks of the listener it belongs to. Ingress and egress each are one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from listward.filters.transaction import Client, Listener
from listward.gateway.session.terms import Terms
from listward.wire.envelope import Envelope
from listward.wire.payload import Payload
from listward.wire.reply import Reply


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message after its final dot. `content` can be read until `take` has ended; `at` is Unix seconds, `dot`
    monotonic seconds at the dot; `protocol` is the "with" word of our Received field (RFC 5321 section 4.4);
    `may_hold` counts one more message of its network that waits for people, and says whether it may."""

    id: str
    client: Client
    envelope: Envelope
    content: Payload
    protocol: str
    at: float
    dot: float
    may_hold: Callable[[], bool] = lambda: True


class Passage(Protocol):
    """One transaction under one configuration, fixed when MAIL came."""

    def recipient(self, address: str) -> Reply | None:
        """Return the refusal of a recipient, None where it is taken."""
        ...

    async def take(self, arrival: Arrival) -> Reply:
        """Settle the message for every recipient and return the one reply. Raises nothing but what means 451."""
        ...

    def turn_away(self, envelope: Envelope, size: int, reply: Reply) -> None:
        """Write down a message that is refused for its size or its octets, before anybody has read it."""
        ...


class Door(Protocol):
    """One listener."""

    @property
    def listener(self) -> Listener:
        """Which one it is."""
        ...

    def terms(self) -> Terms:
        """The terms for a connection that begins now."""
        ...

    def admits(self, address: str | None) -> bool:
        """Whether this client may speak here at all."""
        ...

    def size_limit(self) -> int:
        """The largest message that we and every next hop take, in octets."""
        ...

    def offers_dsn(self) -> bool:
        """Whether every next hop of ours takes the parameters of RFC 3461."""
        ...

    def begin(self) -> Passage:
        """Begin a transaction under the configuration that stands now."""
        ...
