"""What a next hop said of one transaction, per recipient, and how far the transaction had come."""

from dataclasses import dataclass, field
from enum import StrEnum

from listward.wire.reply import Reply


class Step(StrEnum):
    """The step of the transaction at which a reply fell."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One recipient's outcome. `lost` means the dot was sent and no usable reply came: the hop may have the message.

    `hop` is the name of the server that was asked last.
    """

    reply: Reply
    step: Step
    lost: bool = False
    hop: str = field(default="", compare=False)

    @property
    def delivered(self) -> bool:
        """The next hop took custody."""
        return self.step is Step.DOT and self.reply.positive and not self.lost
