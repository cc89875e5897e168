"""EHLO and HELO: who the client says it is, and what we offer."""

import re
from typing import TYPE_CHECKING

from listward.gateway.session import replies
from listward.gateway.session.naming import XCLIENT_NAMES, XFORWARD_NAMES
from listward.wire.reply import Reply

if TYPE_CHECKING:
    from listward.gateway.session.conversation import Conversation

_HELO = re.compile(rb"[\x21-\x7e]{1,255}")


def ehlo(conversation: "Conversation", argument: bytes) -> Reply:
    """EHLO (RFC 5321 section 4.1.1.1). The answer carries no enhanced code (RFC 2034 section 4)."""
    if not _HELO.fullmatch(argument):
        return replies.BAD_HELO
    _greeted(conversation, argument, extended=True)
    return Reply(250, "", "\n".join([conversation.terms.hostname, *_offers(conversation)]))


def helo(conversation: "Conversation", argument: bytes) -> Reply:
    """HELO, for old clients."""
    if not _HELO.fullmatch(argument):
        return replies.BAD_HELO
    _greeted(conversation, argument, extended=False)
    return Reply(250, "", conversation.terms.hostname)


def _greeted(conversation: "Conversation", name: bytes, extended: bool) -> None:
    if conversation.mail is not None:  # section 4.1.4: as if RSET had come
        conversation.drop_mail()
    conversation.helo, conversation.extended = name.decode("ascii"), extended


def _offers(conversation: "Conversation") -> list[str]:
    """CHUNKING comes without BINARYMIME: what we take must be lines (RFC 3030 section 3)."""
    offers = ["PIPELINING", f"SIZE {conversation.room().message_bytes}", "8BITMIME", "SMTPUTF8"]
    offers += ["ENHANCEDSTATUSCODES", "CHUNKING"]
    if conversation.door.offers_dsn():
        offers.append("DSN")
    if conversation.terms.tls is not None and not conversation.encrypted:
        offers.append("STARTTLS")
    if _may_log_in(conversation):
        offers.append("AUTH PLAIN LOGIN")
    gives = conversation.peer.gives if conversation.peer is not None else "nothing"
    if gives == "xforward":
        offers.append(f"XFORWARD {' '.join(XFORWARD_NAMES)}")
    if gives == "xclient":
        offers.append(f"XCLIENT {' '.join(XCLIENT_NAMES)}")
    return offers


def _may_log_in(conversation: "Conversation") -> bool:
    """RFC 4954 section 4: AUTH is offered where it can be used, which is under TLS alone."""
    identities = conversation.terms.identities
    wanted = identities is not None and identities.take_passwords
    return wanted and conversation.encrypted and conversation.identity is None
