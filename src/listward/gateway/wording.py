"""The replies that depend on a message. Plain words, clear alone: they are read inside a provider's bounce."""

from listward.filters.judgement import Action, Judgement, ReplyWords
from listward.gateway.course import Ending
from listward.wire.reply import Reply

_LATER = "Not delivered yet. Nothing is lost; your mail service tries again by itself. Ref {id}"
_MANY = (
    "Not delivered yet. Many messages from your mail service wait for a moderator. It tries again by itself. Ref {id}"
)
_LOOP = "Not delivered. The message has been to this list before, or has travelled in a circle. Ref {id}"
_REFUSED = "Not delivered. The server of this list does not take the message. Ref {id}"
_HELD = "Received. A moderator reads it first. Case {case}"
_TAKEN = "Received. Ref {id}"


def later(message_id: str) -> Reply:
    """Return the answer to whatever was not expected."""
    return _reply(451, "4.3.0", _LATER, message_id)


def many(message_id: str) -> Reply:
    """Return the answer where too much of strangers of one network waits for people."""
    return _reply(451, "4.7.1", _MANY, message_id)


def loop(message_id: str) -> Reply:
    """Return the answer to mail that comes round again (RFC 5321 section 6.3)."""
    return _reply(554, "5.4.6", _LOOP, message_id)


def taken(message_id: str) -> Reply:
    """Return the answer to a message that is settled."""
    return _reply(250, "2.0.0", _TAKEN, message_id)


def said(words: ReplyWords, message_id: str, cases: tuple[str, ...] = ()) -> Reply:
    """Return the reply a verdict asks for."""
    return _reply(words.code, words.enhanced, words.text, message_id, cases)


def ended(ending: Ending, message_id: str, judgement: Judgement | None = None) -> Reply:
    """Return the one reply for all recipients: 250 only when each is settled."""
    if ending.settled:
        return _settled(ending, message_id, judgement)
    if ending.refused:
        enhanced = ending.enhanced if ending.enhanced.startswith("5.") else "5.0.0"
        return _reply(ending.code, enhanced, _REFUSED, message_id)
    enhanced = ending.enhanced if ending.enhanced.startswith("4.") else "4.3.0"
    return _reply(452 if ending.code == 452 else 451, enhanced, _LATER, message_id)


def _settled(ending: Ending, message_id: str, judgement: Judgement | None) -> Reply:
    if not ending.cases:
        return taken(message_id)
    wanted = judgement.reply if judgement is not None and judgement.action is Action.HOLD else None
    if wanted is not None and wanted.code == 250:
        return said(wanted, message_id, ending.cases)
    return _reply(250, "2.0.0", _HELD, message_id, ending.cases)


def _reply(code: int, enhanced: str, text: str, message_id: str, cases: tuple[str, ...] = ()) -> Reply:
    """Fill in what a text may name: never by `format`, which would read braces that people wrote."""
    named = ", ".join(cases[:10]) or message_id
    return Reply(code, enhanced, text.replace("{case}", named).replace("{id}", message_id))
