"""Who may be told: proven authors only, and never a machine, a list or the null sender (RFC 3834 section 2)."""

import re

from listward.config.site import Site
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.spam import is_likely_spam
from listward.queue.cases.transitions import COURIER, OPEN
from listward.wire.addresses import is_safe_address

_MACHINES = re.compile(
    r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|owner-.*|.*-(owner|request|bounces?)|listserv|majordomo)",
    re.IGNORECASE,
)
_BULK = ("list-id", "list-unsubscribe", "list-post", "list-help", "feedback-id", "x-loop")
CERTAIN_SPAM = 0.98
_HEAD_MOST = 262_144


def may_be_told(draft: CaseDraft, body: bytes | None, site: Site) -> bool:
    """Whether a notice may go to the author. `body` is None where the message's text is gone already."""
    if not draft.authenticated:
        return False
    sender = draft.envelope.sender
    return can_be_told(draft.author, sender, draft.proven_member, site) and (body is None or not is_automatic(body))


def can_be_told(author: str, sender: str, proven_member: bool, site: Site) -> bool:
    """Whether a notice may go to a proven author, as far as the addresses tell; `sender` is the envelope's."""
    return bool(author) and _came_from(author, sender, proven_member) and is_person(author, site)


def is_person(address: str, site: Site) -> bool:
    """Whether a person may read this mailbox: not a machine by its name, not a list or an address of our own."""
    if not is_safe_address(address) or _MACHINES.fullmatch(address.rpartition("@")[0]):
        return False
    return not _is_ours(address, site)


def is_overtaken(kind: str, case: Case) -> bool:
    """Whether a hold is told too late: a ruling was faster."""
    return kind == "held" and case.state not in OPEN


def is_silent(kind: str, case: Case) -> bool:
    """Whether nobody is told, whoever wrote: a discard without words, and what is all but certainly a stranger's spam.

    A person discards without words only strangers' likely spam, and mail to an office that is answered by itself.
    """
    if kind == "held":
        return not case.draft.proven_member and case.draft.spam_score >= CERTAIN_SPAM
    return case.ruling is not None and case.ruling.verb == "discard" and not case.ruling.sentence


def is_persons_ruling(case: Case) -> bool:
    """Whether a person decided, over what is not likely spam: a bundle's discards are told to nobody."""
    if case.ruling is None or case.ruling.by in {COURIER, "policy"}:
        return False
    return case.ruling.verb in {"release", "reject"} or not is_likely_spam(case.draft)


def _came_from(author: str, sender: str, proven_member: bool) -> bool:
    """Whether the envelope names a sender, for strangers the author: one user of a domain can write another's From."""
    return bool(sender) and (proven_member or sender.lower() == author.lower())


def _is_ours(address: str, site: Site) -> bool:
    """Whether an address is a list or one of our own: a notice there would come back to us."""
    addresses = site.addresses
    own = {addresses.report, addresses.appeal, addresses.rulings, addresses.notices, site.notices.sender}
    return address.lower() in own or site.list_for(address) is not None


def is_automatic(body: bytes) -> bool:
    """Whether the header says that a machine, a list or a bulk sender wrote the message."""
    message = parse_message(head_of(body))
    submitted = message.first("Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in {"", "no"} or message.first("Precedence").strip().lower() in {"bulk", "list", "junk"}:
        return True
    return _has(message, _BULK) or message.first("Return-Path").replace(" ", "") == "<>"


def _has(message: Message, names: tuple[str, ...]) -> bool:
    return any(message.all(name) for name in names)


def head_of(body: bytes) -> bytes:
    """The header alone, so that a large message costs no more than a small one."""
    head, separator, _ = body[:_HEAD_MOST].partition(b"\r\n\r\n")
    return head + separator
