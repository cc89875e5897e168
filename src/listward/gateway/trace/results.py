"""Authentication-Results (RFC 8601): ours written, those that forge our id taken out (section 5)."""

from functools import partial

from listward.filters.identity.authres import emit, forged_trace_field
from listward.filters.identity.origin import Authentication
from listward.gateway.trace import fields
from listward.wire import headers

MOST_FIELDS = 50
MOST_OCTETS = 256 * 1024
RESULTS = "Authentication-Results"


def results_field(authserv_id: str, authentication: Authentication) -> bytes:
    """Return our field."""
    return headers.field(RESULTS, emit(authentication, authserv_id))


def without_forged(header: bytes, authserv_id: str) -> bytes:
    """Return the header without results that claim to be ours, in whatever spelling; in doubt they go.

    Nobody needs so many, or so large a header: there all go unread, so that a stranger cannot make us work.
    """
    for name in (RESULTS, "Received-SPF"):
        raw = name.encode()
        if len(header) > MOST_OCTETS or fields.count(header, raw, MOST_FIELDS + 1) > MOST_FIELDS:
            header = fields.without_all(header, raw)
        else:
            header = fields.without(header, raw, partial(forged_trace_field, name, authserv_id=authserv_id))
    return header
