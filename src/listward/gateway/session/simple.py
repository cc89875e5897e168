"""The verbs that change little: RSET, NOOP, QUIT, HELP, VRFY, and those that are not offered."""

from typing import TYPE_CHECKING

from listward.gateway.session import replies
from listward.wire.reply import Reply

if TYPE_CHECKING:
    from listward.gateway.session.conversation import Conversation


def rset(conversation: "Conversation", argument: bytes) -> Reply:
    """RSET (RFC 5321 section 4.1.1.5)."""
    if argument:
        return replies.NO_ARGUMENT
    conversation.drop_mail()
    return replies.OK


def noop(conversation: "Conversation", argument: bytes) -> Reply:
    """NOOP, with or without a string (section 4.1.1.9)."""
    return replies.OK


def quit_(conversation: "Conversation", argument: bytes) -> Reply:
    """QUIT (section 4.1.1.10)."""
    if argument:
        return replies.NO_ARGUMENT
    conversation.closing = True
    return replies.BYE


def help_(conversation: "Conversation", argument: bytes) -> Reply:
    """HELP (section 4.1.1.8)."""
    return replies.HELP


def vrfy(conversation: "Conversation", argument: bytes) -> Reply:
    """VRFY: who is on a list is nobody's business (section 7.3)."""
    return replies.CANNOT_VERIFY if argument else replies.BAD_ARGUMENT


def not_offered(conversation: "Conversation", argument: bytes) -> Reply:
    """EXPN, ETRN."""
    return replies.NOT_OFFERED
