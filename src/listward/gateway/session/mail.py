"""MAIL and RCPT: the envelope of one transaction, read strictly."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from listward.gateway.session import dsn, replies
from listward.gateway.session.content import Content
from listward.gateway.session.door import Passage
from listward.wire.addresses import AddressError, ParsedPath, after_keyword, parse_path
from listward.wire.envelope import Envelope, Recipient
from listward.wire.reply import Reply

if TYPE_CHECKING:
    from listward.gateway.session.conversation import Conversation

LOCAL_LIMIT = 200  # RFC 5321 section 4.5.3.1.1 asks for 64 at least; VERP and confirmation tokens need more
_BODIES = frozenset({"7BIT", "8BITMIME"})
_MAIL_PARAMETERS = frozenset({"SIZE", "BODY", "SMTPUTF8"})


@dataclass
class Mail:
    """A transaction under way. `chunked` is set by the first BDAT; `failed` is the answer to every later chunk."""

    passage: Passage
    sender: str
    parameters: tuple[str, ...]
    utf8: bool
    recipients: dict[str, Recipient] = field(default_factory=dict)
    content: Content | None = None
    failed: Reply | None = None

    def envelope(self) -> Envelope:
        """Return the envelope as it stands."""
        return Envelope(self.sender, tuple(self.recipients.values()), self.parameters)


def mail(conversation: "Conversation", argument: bytes) -> Reply:
    """MAIL FROM:<path> [parameters] (RFC 5321 section 4.1.1.2)."""
    if not conversation.helo:
        return replies.HELO_FIRST
    if conversation.terms.identities is not None and conversation.identity is None:
        return replies.LOGIN_FIRST if conversation.encrypted else replies.TLS_FIRST
    if conversation.mail is not None:
        return replies.MAIL_TWICE
    try:
        path = parse_path(after_keyword(argument.decode(), "FROM:"), null=True, local_limit=LOCAL_LIMIT)
    except (AddressError, UnicodeDecodeError) as error:
        return _address_fault(error, replies.BAD_SENDER)
    if (fault := _parameter_fault(conversation, path)) is not None:
        return fault
    kept = tuple(parameter.written for parameter in path.parameters if parameter.keyword != "SIZE")
    conversation.begin_mail(Mail(conversation.begin_passage(), path.address, kept, path.has("SMTPUTF8")))
    return replies.SENDER_OK


def rcpt(conversation: "Conversation", argument: bytes) -> Reply:
    """RCPT TO:<path> (RFC 5321 section 4.1.1.3). A repeated recipient is taken once."""
    mail = conversation.mail
    if mail is None:
        return replies.MAIL_FIRST
    if mail.content is not None:
        return replies.CHUNKS_BEGUN
    try:
        text = after_keyword(argument.decode(), "TO:")
        path = parse_path(text, postmaster=True, smtputf8=mail.utf8, local_limit=LOCAL_LIMIT)
    except (AddressError, UnicodeDecodeError) as error:
        return _address_fault(error, replies.BAD_RECIPIENT)
    if (fault := _recipient_fault(conversation, path)) is not None:
        return fault
    # RFC 5321 section 4.5.3.1.10: 452, and the client sends the rest in another transaction.
    if len(mail.recipients) >= conversation.terms.max_recipients and path.address not in mail.recipients:
        conversation.bounds.hit("recipients")
        return replies.TOO_MANY_RECIPIENTS
    if (refusal := mail.passage.recipient(path.address)) is not None:
        return refusal
    written = tuple(parameter.written for parameter in path.parameters)
    mail.recipients.setdefault(path.address, Recipient(path.address, written))
    return replies.RECIPIENT_OK


def _parameter_fault(conversation: "Conversation", path: ParsedPath) -> Reply | None:
    names = {parameter.keyword for parameter in path.parameters}
    known = _MAIL_PARAMETERS | dsn.MAIL if conversation.door.offers_dsn() else _MAIL_PARAMETERS
    if names - known or (names and not conversation.extended):
        return replies.BAD_PARAMETER
    if (path.has("SMTPUTF8") and path.get("SMTPUTF8") is not None) or not dsn.well_formed(path.parameters):
        return replies.BAD_ARGUMENT
    if path.has("BODY") and (path.get("BODY") or "").upper() not in _BODIES:
        return replies.BAD_ARGUMENT
    room = conversation.room()
    if (path.size or 0) > room.message_bytes:  # RFC 1870 section 6.1
        conversation.bounds.hit("message_bytes")
        refusal = replies.too_large(room.message_bytes)
        conversation.begin_passage().turn_away(Envelope(path.address, ()), path.size or 0, refusal)
        return refusal
    return None if conversation.bounds.has_room(path.size or 0, room.inflight_bytes) else replies.NO_ROOM


def _recipient_fault(conversation: "Conversation", path: ParsedPath) -> Reply | None:
    """RCPT has the parameters of DSN alone, and them only where every next hop takes them."""
    if not path.parameters:
        return None
    names = {parameter.keyword for parameter in path.parameters}
    if names - dsn.RCPT or not (conversation.extended and conversation.door.offers_dsn()):
        return replies.BAD_PARAMETER
    return None if dsn.well_formed(path.parameters) else replies.BAD_ARGUMENT


def _address_fault(error: AddressError | UnicodeDecodeError, malformed: Reply) -> Reply:
    if isinstance(error, AddressError) and error.kind == "smtputf8-needed":
        return replies.NEEDS_UTF8
    return malformed
