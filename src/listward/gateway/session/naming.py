"""XFORWARD and XCLIENT (Postfix's XFORWARD_README and XCLIENT_README): a configured peer names the client."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from listward.gateway.session import replies
from listward.gateway.session.peers import Named
from listward.wire.reply import Reply

if TYPE_CHECKING:
    from listward.gateway.session.conversation import Conversation

XFORWARD_NAMES = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")
XCLIENT_NAMES = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT")
_UNNAMED = frozenset({"", "[UNAVAILABLE]", "[TEMPUNAVAIL]"})
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_PRINTABLE = re.compile(r"[\x20-\x7e]*")


async def xforward(conversation: "Conversation", argument: bytes) -> Reply:
    """Add attributes of the next message's client; they may come in several commands, and end with the message."""
    if conversation.peer is None or conversation.peer.gives != "xforward":
        return replies.NOT_KNOWN
    if not conversation.helo:
        return replies.HELO_FIRST
    if conversation.mail is not None:
        return replies.MAIL_TWICE
    named = _named(conversation.named, argument, XFORWARD_NAMES)
    if named is None:
        return replies.BAD_ARGUMENT
    conversation.named = named
    return replies.OK


async def xclient(conversation: "Conversation", argument: bytes) -> Reply | None:
    """Add attributes of this connection's client, and begin anew with a greeting."""
    if conversation.peer is None or conversation.peer.gives != "xclient":
        return replies.NOT_KNOWN
    if conversation.mail is not None:
        return replies.XCLIENT_IN_MAIL
    named = _named(conversation.named, argument, XCLIENT_NAMES)
    if named is None:
        return replies.BAD_ARGUMENT
    conversation.reset()
    conversation.named = named
    conversation.greet()
    return None


def _named(named: Named, argument: bytes, known: tuple[str, ...]) -> Named | None:
    """Return the client with these attributes, None where one is malformed or not known."""
    words = argument.decode("ascii", "replace").split()
    for word in words:
        name, equals, value = word.partition("=")
        text = _XTEXT.sub(lambda match: chr(int(match[1], 16)), value)  # RFC 3461 section 4
        if name.upper() not in known or not equals or not _PRINTABLE.fullmatch(text):
            return None
        given = "" if text.upper() in _UNNAMED else text
        if name.upper() == "ADDR":
            named = named.with_address(given)
        elif name.upper() == "HELO":
            named = replace(named, helo=given if " " not in given else "")
    return named if words else None
