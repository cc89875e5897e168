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
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_SOURCES = frozenset({"", "LOCAL", "REMOTE"})


def xforward(conversation: "Conversation", argument: bytes) -> Reply:
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


def xclient(conversation: "Conversation", argument: bytes) -> Reply | None:
    """Add attributes of this connection's client, and begin anew with a greeting.

    Proxies say it once, and hand on what the client says from there: were its address not fixed then, a stranger could
    take any address by saying XCLIENT as well.
    """
    if conversation.peer is None or conversation.peer.gives != "xclient":
        return replies.NOT_KNOWN
    if conversation.mail is not None:
        return replies.XCLIENT_IN_MAIL
    named = _named(conversation.named, argument, XCLIENT_NAMES)
    if named is None:
        return replies.BAD_ARGUMENT
    if conversation.named.told and named.address != conversation.named.address:
        return replies.NAMED_ALREADY
    conversation.reset()
    conversation.named = named
    if (refusal := conversation.enter(named.address)) is not None:
        return refusal
    conversation.greet()
    return None


def _named(named: Named, argument: bytes, known: tuple[str, ...]) -> Named | None:
    """Return the client with these attributes, None where one is malformed or not known."""
    words = argument.decode("latin-1").split(" ")
    for word in filter(None, words):
        name, equals, value = word.partition("=")
        given = _value(value)
        if name.upper() not in known or not equals or given is None:
            return None
        if name.upper() == "ADDR":
            named = named.with_address(given)
        elif name.upper() == "HELO":
            named = replace(named, helo=given if " " not in given else "")
        elif name.upper() == "SOURCE" and given.upper() not in _SOURCES:
            return None
    return named if any(words) else None


def _value(written: str) -> str | None:
    """Return what the peer says (xtext, RFC 3461 section 4): "" where it does not know, None where it is malformed.

    What is not ASCII counts as not known: a stranger may say EHLO with any octets, and the peer passes them on.
    """
    text = _XTEXT.sub(lambda match: chr(int(match[1], 16)), written)
    if _CONTROL.search(text):
        return None
    return "" if text.upper() in _UNNAMED or not _PRINTABLE.fullmatch(text) else text
