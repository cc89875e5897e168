"""AUTH (RFC 4954) with PLAIN (RFC 4616) and LOGIN: only on the submission listener, only under TLS."""

import binascii
from typing import TYPE_CHECKING

from listward.gateway.session import replies
from listward.gateway.session.identities import Identities
from listward.gateway.session.inlet import LineTooLong
from listward.wire.reply import Reply

if TYPE_CHECKING:
    from listward.gateway.session.conversation import Conversation

_LINE_LIMIT = 12_288  # RFC 4954 section 4
_ASK = Reply(334, "", "")
_ASK_NAME = Reply(334, "", "VXNlcm5hbWU6")  # "Username:" and "Password:", as clients of LOGIN expect them
_ASK_PASSWORD = Reply(334, "", "UGFzc3dvcmQ6")


class _Ended(Exception):
    """The exchange ends with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


async def auth(conversation: "Conversation", argument: bytes) -> Reply:
    """AUTH mechanism [initial-response]."""
    identities = conversation.terms.identities
    refusal = _out_of_order(conversation)
    if identities is None or refusal is not None:
        return refusal or replies.NOT_OFFERED
    mechanism, _, initial = argument.partition(b" ")
    exchange = {b"PLAIN": _plain, b"LOGIN": _login}.get(mechanism.upper())
    if exchange is None:
        return replies.NOT_THIS_WAY
    if not conversation.bounds.may_log_in(conversation.address or "", conversation.terms.max_wrong_logins):
        return replies.LOGIN_LATER
    try:
        name, password = await exchange(conversation, initial.strip(b" "))
    except _Ended as ended:
        return ended.reply
    return await _checked(conversation, identities, name, password)


async def _checked(conversation: "Conversation", identities: Identities, name: str, password: str) -> Reply:
    """One text for a name that nobody has and for a wrong password."""
    conversation.identity = await identities.by_password(name.lower(), password)
    if conversation.identity is not None:
        conversation.bounds.logged_in(True)
        return replies.LOGGED_IN
    conversation.bounds.logged_in(False)
    conversation.bounds.wrong_login(conversation.address or "")
    return replies.NO_LOGIN


async def _plain(conversation: "Conversation", initial: bytes) -> tuple[str, str]:
    said = _decoded(initial or await _answer(conversation, _ASK))
    acting, _, rest = said.partition("\0")
    name, separator, password = rest.partition("\0")
    if not separator or not name or acting not in {"", name}:
        raise _Ended(replies.BAD_LOGIN)
    return name, password


async def _login(conversation: "Conversation", initial: bytes) -> tuple[str, str]:
    name = _decoded(initial or await _answer(conversation, _ASK_NAME))
    return name, _decoded(await _answer(conversation, _ASK_PASSWORD))


async def _answer(conversation: "Conversation", question: Reply) -> bytes:
    conversation.write(question)
    try:
        line = await conversation.next_line(_LINE_LIMIT)
    except LineTooLong:
        raise _Ended(replies.LOGIN_TOO_LONG) from None
    if line == b"*\r\n":
        raise _Ended(replies.LOGIN_ABORTED)
    if not line.endswith(b"\r\n"):
        raise _Ended(replies.BAD_LINE)
    return line[:-2]


def _decoded(text: bytes) -> str:
    """Return the text behind base64; "=" is the empty one (RFC 4954 section 4)."""
    try:
        return "" if text == b"=" else binascii.a2b_base64(text, strict_mode=True).decode()
    except ValueError:
        raise _Ended(replies.BAD_LOGIN) from None


def _out_of_order(conversation: "Conversation") -> Reply | None:
    if conversation.terms.identities is None:
        return replies.NOT_OFFERED
    if not conversation.encrypted:
        return replies.TLS_FIRST
    if not conversation.helo:
        return replies.HELO_FIRST
    if conversation.identity is not None:
        return replies.LOGGED_IN_ALREADY
    return replies.MAIL_TWICE if conversation.mail is not None else None
