"""Puts our fields in front of a message. What was there stays, octet by octet."""

from dataclasses import dataclass

from listward.filters.identity.origin import Authentication
from listward.gateway.session.door import Arrival
from listward.gateway.trace import fields
from listward.gateway.trace.facts import Facts, read_facts
from listward.gateway.trace.marker import Marker, binding, without_markers
from listward.gateway.trace.received import received_field
from listward.gateway.trace.results import results_field, without_forged
from listward.wire import headers
from listward.wire.payload import Payload


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An incoming message without fields that only we may write. `content` begins with `header`.

    `incoming` is the header as it came, for reading the marks that `header` no longer has. `judged` is the message with
    marks, without forged results: a seal of ours, or of a gateway like ours, covers the mark.
    """

    incoming: bytes
    header: bytes
    content: Payload
    facts: Facts
    judged: Payload


def clean(content: Payload, authserv_id: str, hostname: str) -> Cleaned:
    """Take out forged results and incoming marks (RFC 8601 section 5)."""
    header = _header(content)
    honest = without_forged(header, authserv_id)
    judged = content if honest == header else content.behead(len(header), honest)
    cleaned = without_markers(honest)
    content = judged if cleaned == honest else judged.behead(len(honest), cleaned)
    return Cleaned(header, cleaned, content, read_facts(cleaned, content, hostname), judged)


def plain(content: Payload, hostname: str) -> Cleaned:
    """Return a message as it is, for a listener whose clients may write every field."""
    header = _header(content)
    return Cleaned(header, header, content, read_facts(header, content, hostname), content)


def _header(content: Payload) -> bytes:
    """Return the header, which is in memory whatever the size of the message."""
    return content.head[: fields.header_end(content.head)]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What we sign our fields with."""

    hostname: str
    authserv_id: str
    marker: Marker

    def received(self, arrival: Arrival) -> bytes:
        """Return our Received field alone."""
        return received_field(arrival, self.hostname)

    def trace(
        self,
        arrival: Arrival,
        facts: Facts,
        lists: frozenset[str],
        authentication: Authentication | None = None,
        signed: frozenset[str] = frozenset(),
    ) -> bytes:
        """Return the fields to put in front. `signed` are the field names, in lower case, of any DKIM h=."""
        parts, bound = [received_field(arrival, self.hostname)], ""
        if authentication is not None:
            parts.append(results_field(self.authserv_id, authentication))
            bound = binding(parts[-1], facts.message_id)
        parts.append(self.marker.field(arrival.id, lists, bound))
        # RFC 6409 section 8; a signature over their absence would break (RFC 6376 section 5.4).
        if not facts.has_message_id and "message-id" not in signed:
            parts.append(headers.field("Message-ID", facts.message_id))
        if not facts.has_date and "date" not in signed:
            parts.append(headers.field("Date", headers.date_now(arrival.at)))
        return b"".join(parts)
