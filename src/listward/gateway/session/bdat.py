"""BDAT (RFC 3030): content by counted chunks. A chunk is always read to its length, whatever the answer."""

import re
from typing import TYPE_CHECKING

from listward.gateway.session import replies
from listward.gateway.session.content import Content
from listward.gateway.session.data import new_content, settle
from listward.gateway.session.mail import Mail
from listward.wire.reply import Reply

if TYPE_CHECKING:
    from listward.gateway.session.conversation import Conversation

_ARGUMENT = re.compile(rb"([0-9]{1,18})( +LAST)?", re.IGNORECASE)


async def bdat(conversation: "Conversation", argument: bytes) -> Reply:
    """BDAT size [LAST]."""
    parsed = _ARGUMENT.fullmatch(argument)
    if parsed is None:
        # Without its size nobody knows where the chunk ends: reading on would run content as commands.
        conversation.closing = True
        return replies.BAD_CHUNK
    mail, size, last = conversation.mail, int(parsed[1]), parsed[2] is not None
    refusal = _out_of_order(mail)
    if mail is None or refusal is not None:
        await _read(conversation, Content(conversation.room(), conversation.bounds), size, keep=False)
        return _refused(conversation, mail, refusal or replies.MAIL_FIRST, last)
    content = mail.content = mail.content or new_content(conversation, stuffed=False)
    await _read(conversation, content, size, keep=True)
    if content.refusal is not None:
        mail.passage.turn_away(mail.envelope(), content.received, content.refusal)
        return _refused(conversation, mail, content.refusal, last)
    if not last:
        return Reply(250, "2.0.0", f"{size} octets received")
    return await settle(conversation, mail)


async def _read(conversation: "Conversation", content: Content, size: int, keep: bool) -> None:
    conversation.watch(content)
    while size > 0:
        block = await conversation.inlet.block(min(size, 262_144))
        size -= len(block)
        if keep:
            content.add(block)
        else:
            content.received += len(block)
    conversation.unwatch()


def _refused(conversation: "Conversation", mail: Mail | None, refusal: Reply, last: bool) -> Reply:
    """Remember a refusal for the chunks that follow (RFC 3030 section 2); the last one ends the transaction."""
    if mail is not None:
        mail.failed = refusal
    if last:
        conversation.drop_mail()
    return refusal


def _out_of_order(mail: Mail | None) -> Reply | None:
    if mail is None:
        return replies.MAIL_FIRST
    return mail.failed or (None if mail.recipients else replies.NO_RECIPIENTS)
