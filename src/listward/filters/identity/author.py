"""The author of a message: the one address of its one From field, or nobody (RFC 5322 section 3.6.2)."""

import re

from listward.filters.identity.domains import domain_of
from listward.filters.message.message import Message

ADDRESS_OCTETS = 254
_FROM_FIELD = re.compile(
    rb"(?i)(?:\A(?:\xef\xbb\xbf)?|[\r\n])\x00?from[\x00\x0b\x0c\xa0 \t]*(?:\r?\n[ \t]+)*[\x00\x0b\x0c\xa0 \t]*:"
)
"""Spellings that some reader takes for From: blanks, controls or folds before the colon, a line after a bare CR."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"\x00-\x1f\x7f\u212a]+@[^\s@]+")
"""Without the sign for kelvin: it alone becomes a letter of ASCII in lower case, and so another person's address."""


def sole_author(message: Message) -> str:
    """Return the author's address in lower case with an A-label domain, "" unless From is one field with one address.

    Sender, Resent-From and Reply-To never name an author.
    """
    written = message.all("From")
    if from_field_count(message) != 1 or len(written) != 1 or _CONTROLS.search(written[0].raw):
        return ""
    mailboxes = message.from_mailboxes
    return plain_address(mailboxes[0].address) if len(mailboxes) == 1 else ""


def from_field_count(message: Message) -> int:
    """How many From fields any reader could see."""
    end = message.raw.find(b"\r\n\r\n")
    return len(_FROM_FIELD.findall(message.raw if end < 0 else message.raw[:end]))


def plain_address(address: str) -> str:
    """Return an address as rosters compare it, "" where it is none: lower case as a whole, an A-label domain."""
    if len(address) > ADDRESS_OCTETS or not _ADDRESS.fullmatch(address):
        return ""
    domain = domain_of(address)
    return f"{address.rpartition('@')[0].lower()}@{domain}" if domain else ""
