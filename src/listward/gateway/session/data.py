"""DATA: content up to CRLF.CRLF, read by blocks, then the one answer for all recipients."""

import asyncio
import time
from typing import TYPE_CHECKING

from listward.gateway.session import replies
from listward.gateway.session.content import Content, DotFinder
from listward.gateway.session.door import Arrival
from listward.gateway.session.mail import Mail
from listward.runtime.ids import new_id
from listward.wire.payload import Payload
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
    content = mail.content = new_content(conversation, stuffed=True)
    conversation.watch(content)
    finder, rest = DotFinder(), None
    while rest is None:
        block, rest = finder.split(await conversation.inlet.block())
        content.add(block)
    conversation.inlet.unread(rest)
    conversation.unwatch()
    return await settle(conversation, mail)


def new_content(conversation: "Conversation", stuffed: bool) -> Content:
    """Return what takes in one message of this client.

    A peer that has said 250 to the outside would turn a refusal into a bounce to whoever was forged, so what it sends
    is normalised whatever `line_ends` says: judged and held like any other mail. What is too large stays refused: what
    is larger than we can take cannot be kept either, and the limit stands in our EHLO for the peer to go by.
    """
    mend = conversation.terms.normalise or (conversation.peer is not None and conversation.peer.after_queue)
    return Content(conversation.room(), conversation.bounds, stuffed=stuffed, mend=mend)


async def settle(conversation: "Conversation", mail: Mail) -> Reply:
    """Hand a whole message on and return the answer. The work goes on when the client hangs up meanwhile."""
    content = mail.content
    payload = content.finish() if content is not None else None
    if content is None or payload is None:
        refusal = (content.refusal if content is not None else None) or replies.LATER
        mail.passage.turn_away(mail.envelope(), content.received if content is not None else 0, refusal)
        conversation.drop_mail()
        return refusal
    task = _begin(conversation, mail, content, payload)
    mail.content = None  # its room is given back when the work is done
    await conversation.answer_to(task)
    conversation.drop_mail()
    return task.result() if task.done() and task.exception() is None else replies.LATER


def _begin(conversation: "Conversation", mail: Mail, content: Content, payload: Payload) -> "asyncio.Task[Reply]":
    client, bounds, terms = conversation.client(), conversation.bounds, conversation.terms
    arrival = Arrival(
        id=new_id(),
        client=client,
        envelope=mail.envelope(),
        content=payload,
        protocol=_protocol(conversation, mail),
        at=time.time(),
        dot=time.monotonic(),
        may_hold=lambda: bounds.may_hold(client.address, terms),
    )
    task = asyncio.create_task(mail.passage.take(arrival))
    conversation.works.add(task)
    works = conversation.works

    def done(finished: "asyncio.Task[Reply]") -> None:
        works.discard(finished)
        if not finished.cancelled():
            finished.exception()  # looked at, or asyncio would write its text where a client has gone
        content.close()

    task.add_done_callback(done)
    return task


def _protocol(conversation: "Conversation", mail: Mail) -> str:
    """The "with" word (RFC 3848; RFC 6531 section 4.3): S under TLS, A after AUTH."""
    word = "UTF8SMTP" if mail.utf8 else "ESMTP" if conversation.extended else "SMTP"
    if word == "SMTP" or not conversation.encrypted:
        return word
    return word + ("SA" if conversation.identity is not conversation.certified else "S")


def _out_of_order(mail: Mail | None, argument: bytes) -> Reply | None:
    if argument:
        return replies.NO_ARGUMENT
    if mail is None:
        return replies.MAIL_FIRST
    if mail.content is not None or mail.failed is not None:
        return replies.CHUNKS_BEGUN
    return None if mail.recipients else replies.NO_RECIPIENTS
