"""DATA: content up to CRLF.CRLF, read by blocks, then the one answer for all recipients."""

import asyncio
import time
from typing import TYPE_CHECKING

from listward.gateway.session import replies
from listward.gateway.session.content import Content, DotFinder
from listward.gateway.session.door import Arrival
from listward.gateway.session.mail import Mail
from listward.runtime.ids import new_id
from listward.wire import dots
from listward.wire.reply import Reply

if TYPE_CHECKING:
    from listward.gateway.session.conversation import Conversation


async def data(conversation: "Conversation", argument: bytes) -> Reply:
    """DATA (RFC 5321 section 4.1.1.4). A refused message is read to its real end before the answer."""
    mail = conversation.mail
    if (fault := _out_of_order(mail, argument)) is not None or mail is None:
        return fault or replies.MAIL_FIRST
    conversation.write(replies.GO_AHEAD)
    await conversation.flush()
    content = mail.content = Content(conversation.room(), conversation.bounds)
    conversation.watch(content)
    finder, rest = DotFinder(), None
    while rest is None:
        block, rest = finder.split(await conversation.inlet.block())
        content.add(block)
    conversation.inlet.unread(rest)
    conversation.unwatch()
    return await settle(conversation, mail, stuffed=True)


async def settle(conversation: "Conversation", mail: Mail, stuffed: bool) -> Reply:
    """Hand a whole message on and return the answer. The work goes on when the client hangs up meanwhile."""
    content = mail.content
    if content is None:
        return replies.LATER  # pragma: no cover - both callers have filled it
    octets = content.finish(DotFinder.SURPLUS if stuffed else 0)
    refusal = content.refusal
    if refusal is None and content.has_bare_octets and not conversation.terms.normalise:
        refusal = replies.BARE_OCTETS
    if refusal is None:
        octets = _plain(octets, stuffed, conversation.terms.normalise and content.has_bare_octets)
        refusal = replies.TOO_LARGE if len(octets) > conversation.room().message_bytes else None
    if refusal is not None:
        conversation.drop_mail()
        return refusal
    task = _begin(conversation, mail, content, octets)
    mail.content = None  # its room is given back when the work is done
    # `wait` leaves the task alone when this connection is cancelled.
    await asyncio.wait({task}, timeout=conversation.terms.reply_deadline_s)
    conversation.drop_mail()
    return task.result() if task.done() and task.exception() is None else replies.LATER


def _begin(conversation: "Conversation", mail: Mail, content: Content, octets: bytes) -> "asyncio.Task[Reply]":
    arrival = Arrival(
        id=new_id(),
        client=conversation.client(),
        envelope=mail.envelope(),
        content=octets,
        protocol=_protocol(conversation, mail),
        at=time.time(),
        dot=time.monotonic(),
    )
    task = asyncio.create_task(mail.passage.take(arrival))
    conversation.works.add(task)
    works = conversation.works

    def done(finished: "asyncio.Task[Reply]") -> None:
        works.discard(finished)
        content.close()

    task.add_done_callback(done)
    return task


def _plain(octets: bytes, stuffed: bool, normalise: bool) -> bytes:
    plain = dots.unstuff(octets) if stuffed else octets
    return dots.terminated(dots.normalise(plain) if normalise else plain)


def _protocol(conversation: "Conversation", mail: Mail) -> str:
    """The "with" word (RFC 3848; RFC 6531 section 4.3)."""
    word = "UTF8SMTP" if mail.utf8 else "ESMTP" if conversation.extended else "SMTP"
    return word + "S" if conversation.encrypted and word != "SMTP" else word


def _out_of_order(mail: Mail | None, argument: bytes) -> Reply | None:
    if argument:
        return replies.NO_ARGUMENT
    if mail is None:
        return replies.MAIL_FIRST
    if mail.content is not None or mail.failed is not None:
        return replies.CHUNKS_BEGUN
    return None if mail.recipients else replies.NO_RECIPIENTS
