"""From a command line to the verb that answers it."""

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from listward.gateway.session import replies
from listward.gateway.session.auth import auth
from listward.gateway.session.bdat import bdat
from listward.gateway.session.data import data
from listward.gateway.session.hello import ehlo, helo
from listward.gateway.session.mail import mail, rcpt
from listward.gateway.session.naming import xclient, xforward
from listward.gateway.session.simple import help_, noop, not_offered, quit_, rset, vrfy
from listward.gateway.session.starttls import starttls
from listward.wire.reply import Reply

if TYPE_CHECKING:
    from listward.gateway.session.conversation import Conversation

Answer = Reply | None | Awaitable[Reply | None]
Verb = Callable[["Conversation", bytes], Answer]

VERBS: dict[bytes, Verb] = {
    b"EHLO": ehlo,
    b"HELO": helo,
    b"MAIL": mail,
    b"RCPT": rcpt,
    b"DATA": data,
    b"BDAT": bdat,
    b"RSET": rset,
    b"NOOP": noop,
    b"QUIT": quit_,
    b"HELP": help_,
    b"VRFY": vrfy,
    b"EXPN": not_offered,
    b"AUTH": auth,
    b"ETRN": not_offered,
    b"STARTTLS": starttls,
    b"XCLIENT": xclient,
    b"XFORWARD": xforward,
}

# A browser, or a page that posts to us, sends mail commands as its body: never let it get that far.
_HTTP = frozenset({b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"DELETE", b"PATCH", b"CONNECT", b"TRACE", b"PRI"})
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


def obey(conversation: "Conversation", line: bytes) -> Answer:
    """Answer one line, LF included; None where the verb has written its own answer.

    Most verbs answer at once; those that wait for somebody give something to await.
    """
    word, _, argument = line[:-2].partition(b" ")
    name = word.upper()
    if name in _HTTP:
        conversation.bounds.hit("http")
        return replies.NOT_HTTP
    # RFC 5321 section 2.3.8: commands end with CRLF; a bare LF here is the smuggler's end of line.
    if not line.endswith(b"\r\n") or _CONTROL.search(line, 0, len(line) - 2):
        return _unread(conversation, line)
    verb = VERBS.get(name)
    return replies.NOT_KNOWN if verb is None else verb(conversation, argument.strip(b" "))


def _unread(conversation: "Conversation", line: bytes) -> Reply:
    """Refuse a line that is no command. Behind a BDAT comes a chunk, which must not be run as commands."""
    if line[:4].upper() == b"BDAT":
        conversation.closing = True
    return replies.BAD_LINE
