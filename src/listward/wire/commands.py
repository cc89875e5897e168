"""The MAIL and RCPT lines for one hop, and what has to be refused because the hop cannot carry it.

A message is never changed to fit a hop: where the hop lacks what the message needs, the answer is a clear refusal.
"""

import re
from dataclasses import dataclass, field

from listward.wire.addresses import is_safe_address, is_safe_parameter
from listward.wire.capabilities import Capabilities
from listward.wire.envelope import Envelope, Recipient
from listward.wire.refusals import (
    BAD_ADDRESS,
    BAD_PARAMETER,
    NEEDS_8BITMIME,
    NEEDS_SMTPUTF8,
    TOO_BIG,
)
from listward.wire.reply import Reply

_DSN_MAIL = frozenset({"RET", "ENVID"})  # RFC 3461 section 4
_DSN_RCPT = frozenset({"NOTIFY", "ORCPT"})
# Nearly all addresses; whatever else there is takes the long way.
_ORDINARY = re.compile(
    r"[A-Za-z0-9_+=-]{1,64}(?:\.[A-Za-z0-9_+=-]{1,64}){0,9}@[a-z0-9]{1,60}(?:[.-][a-z0-9]{1,60}){0,9}"
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the content needs of a hop; found once, however many hops and tries follow. `size` is in octets."""

    size: int
    eight_bit: bool
    utf8_header: bool


@dataclass(frozen=True, slots=True)
class Commands:
    """The lines to send, or `refused` for all recipients; `recipients` pairs each line with its address."""

    mail: bytes = b""
    recipients: tuple[tuple[str, bytes], ...] = ()
    refused: Reply | None = None
    refused_recipients: dict[str, Reply] = field(default_factory=dict)


def needs_of(data: bytes) -> Needs:
    """Look the content over. `data` is CRLF text."""
    if data.isascii():
        return Needs(len(data), eight_bit=False, utf8_header=False)
    header_end = data.find(b"\r\n\r\n")
    header = data if header_end < 0 else data[:header_end]
    return Needs(len(data), eight_bit=True, utf8_header=not header.isascii())


def commands_for(envelope: Envelope, needs: Needs, hop: Capabilities) -> Commands:
    """Return what to say to a hop with these capabilities."""
    refused = _refusal(envelope, needs, hop)
    if refused is not None:
        return Commands(refused=refused)
    failed = {recipient.address: reply for recipient in envelope.recipients if (reply := _misfit(recipient, hop))}
    lines = tuple(
        (recipient.address, _rcpt(recipient, hop))
        for recipient in envelope.recipients
        if recipient.address not in failed
    )
    return Commands(_mail(envelope, needs, hop), lines, None, failed)


def _refusal(envelope: Envelope, needs: Needs, hop: Capabilities) -> Reply | None:
    if envelope.sender and not _is_sendable(envelope.sender):
        return BAD_ADDRESS
    if envelope.parameters and not all(is_safe_parameter(parameter) for parameter in envelope.parameters):
        return BAD_PARAMETER
    if 0 < hop.size_limit < needs.size:  # RFC 1870 section 6.1
        return TOO_BIG
    if _sender_needs_utf8(envelope, needs) and not hop.offers("SMTPUTF8"):  # RFC 6531 section 3.5
        return NEEDS_SMTPUTF8
    if needs.eight_bit and not hop.offers("8BITMIME"):  # RFC 6152 section 3
        return NEEDS_8BITMIME
    return None


def _misfit(recipient: Recipient, hop: Capabilities) -> Reply | None:
    if not _is_sendable(recipient.address):
        return BAD_ADDRESS
    if recipient.parameters and not all(is_safe_parameter(parameter) for parameter in recipient.parameters):
        return BAD_PARAMETER
    return None if recipient.address.isascii() or hop.offers("SMTPUTF8") else NEEDS_SMTPUTF8


def _is_sendable(address: str) -> bool:
    return _ORDINARY.fullmatch(address) is not None or is_safe_address(address)


def _declares(envelope: Envelope, keyword: str) -> bool:
    return any(parameter.upper() == keyword for parameter in envelope.parameters)


def _sender_needs_utf8(envelope: Envelope, needs: Needs) -> bool:
    return not envelope.sender.isascii() or (needs.utf8_header and _declares(envelope, "SMTPUTF8"))


def _mail(envelope: Envelope, needs: Needs, hop: Capabilities) -> bytes:
    line = f"MAIL FROM:<{envelope.sender}>"
    if hop.offers("SIZE"):
        line += f" SIZE={needs.size}"
    if hop.offers("8BITMIME") and (needs.eight_bit or _declares(envelope, "BODY=8BITMIME")):
        line += " BODY=8BITMIME"
    international = not all(address.isascii() for address in (envelope.sender, *envelope.addresses))
    if hop.offers("SMTPUTF8") and (international or _declares(envelope, "SMTPUTF8")):
        line += " SMTPUTF8"
    return (line + _dsn(envelope.parameters, _DSN_MAIL, hop)).encode() + b"\r\n"


def _rcpt(recipient: Recipient, hop: Capabilities) -> bytes:
    return f"RCPT TO:<{recipient.address}>{_dsn(recipient.parameters, _DSN_RCPT, hop)}\r\n".encode()


def _dsn(parameters: tuple[str, ...], keywords: frozenset[str], hop: Capabilities) -> str:
    if not parameters or not hop.offers("DSN"):
        return ""
    return "".join(f" {parameter}" for parameter in parameters if parameter.partition("=")[0].upper() in keywords)
