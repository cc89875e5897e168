"""What a message says of itself: who wrote it, to whom, what others found. Plain values, nothing of it proven.

Whoever reads the message makes them; whoever asks DNS and rosters needs no octet of it any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from listward.filters.identity.arc import NO_CHAIN, Chain
from listward.filters.identity.author import from_field_count, sole_author
from listward.filters.identity.authres import peer_results
from listward.filters.identity.evidence import signatures_in
from listward.filters.identity.origin import AuthResult
from listward.filters.identity.signatures import Signature
from listward.filters.identity.source import Source
from listward.filters.message.addresses import parse_addresses
from listward.filters.message.message import Message
from listward.filters.message.values import Mailbox

MOST_SHOWN = 10
_COUNTED = ("from", "reply-to", "subject", "content-type", "to", "cc", "message-id", "date")
SENDING = (
    "Sender",
    "Resent-From",
    "Resent-Sender",
    "On-Behalf-Of",
    "X-Sender",
    "X-Original-From",
    "X-Original-Sender",
    "X-Google-Original-From",
    "Return-Path",
)
ANSWERING = (
    "Reply-To",
    "Mail-Reply-To",
    "Mail-Followup-To",
    "Disposition-Notification-To",
    "Return-Receipt-To",
    "X-Confirm-Reading-To",
    "Errors-To",
)
_SHOWING = (("From", "from_mailboxes"), ("Reply-To", "reply_to_mailboxes"), ("Sender", "sender_mailboxes"))
_ASIDE = tuple(name for name in (*SENDING, *ANSWERING) if name not in dict(_SHOWING))


@dataclass(frozen=True, slots=True)
class Claims:
    """What the header claims. `author` is the one address of the one From field, "" where there is none.

    `from_fields` is how many From fields any reader could see. `shown` are the names and addresses that readers see,
    each with its field; `aside` are those of fields that most programs hide. `values` are all these fields' first
    decoded values. `counts` is how often the fields stand there that a signature must cover. `date` is Unix seconds.
    `reported` is what peers wrote whose word may count.
    """

    author: str = ""
    from_fields: int = 0
    shown: tuple[tuple[str, Mailbox], ...] = ()
    aside: tuple[tuple[str, Mailbox], ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    date: float | None = None
    reported: tuple[AuthResult, ...] = ()
    signatures: tuple[Signature, ...] = ()
    chain: Chain = NO_CHAIN


def claims_of(message: Message, reporters: Iterable[str] = (), signatures: tuple[Signature, ...] = ()) -> Claims:
    """Collect them. `reporters` are the authserv-ids of peers that check for us; see `signatures_of`."""
    return Claims(
        author=sole_author(message),
        from_fields=from_field_count(message),
        shown=tuple((name, mailbox) for name, view in _SHOWING for mailbox in _mailboxes(message, view)[:MOST_SHOWN]),
        aside=tuple((name, mailbox) for name in _ASIDE for mailbox in _aside(message, name))[:MOST_SHOWN],
        values={name: message.first(name) for name in (*dict(_SHOWING), *_ASIDE) if message.all(name)},
        to=tuple(mailbox.address for mailbox in message.to_mailboxes),
        cc=tuple(mailbox.address for mailbox in message.cc_mailboxes),
        counts={name: len(message.all(name)) for name in _COUNTED},
        date=_moment(message.first("Date")),
        reported=peer_results(message, reporters),
        signatures=signatures,
    )


def signatures_of(message: Message, now: float) -> tuple[Signature, ...]:
    """Read the DKIM signatures of a message. `now` is in Unix seconds, for x=."""
    return signatures_in(Source.of(message.raw), now)


def _mailboxes(message: Message, view: str) -> tuple[Mailbox, ...]:
    found: tuple[Mailbox, ...] = getattr(message, view)
    return found


def _aside(message: Message, name: str) -> tuple[Mailbox, ...]:
    """Every address that some reader finds in the first field of that name."""
    return tuple(mailbox for found in message.all(name)[:1] for mailbox in parse_addresses(found.raw).mailboxes)


def _moment(value: str) -> float | None:
    try:
        moment = parsedate_to_datetime(value[:100])
        # "-0000" (RFC 5322 section 3.3) is UTC without a zone.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
