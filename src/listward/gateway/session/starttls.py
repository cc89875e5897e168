"""STARTTLS (RFC 3207)."""

from typing import TYPE_CHECKING

from listward.gateway.session import replies
from listward.wire.reply import Reply

if TYPE_CHECKING:
    from listward.gateway.session.conversation import Conversation


async def starttls(conversation: "Conversation", argument: bytes) -> Reply | None:
    """Change to TLS. Who sent octets ahead wants them taken for encrypted ones, and is closed (section 6)."""
    if conversation.terms.tls is None:
        return replies.TLS_NOT_HERE
    if conversation.encrypted:
        return replies.TLS_ON
    if argument:
        return replies.NO_ARGUMENT
    if conversation.inlet.pending or conversation.has_early_octets():
        conversation.bounds.hit("early_talkers")
        return replies.AHEAD_OF_TLS
    conversation.write(replies.READY_FOR_TLS)
    await conversation.flush()
    if conversation.has_unread:  # between the look and the handshake nothing may be read in the clear
        conversation.bounds.hit("early_talkers")
        conversation.hang_up()
        return None
    if not await conversation.begin_tls():
        conversation.closing = True
        return None
    conversation.reset()
    return None
