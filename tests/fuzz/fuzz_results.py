"""Authentication-Results: never raised upon, stripped for good, and ours are printable ASCII whatever we were told."""

import string

from listward.filters.identity.authres import emit, names_us
from listward.filters.identity.authres_syntax import parse
from listward.filters.identity.origin import Authentication, AuthResult
from listward.gateway.trace.results import without_forged

OURS = "mx.party.example"
GROW = (
    b"Authentication-Results: mx.party.example; spf=pass\r\n",
    b"(",
    b"Authentication-Results: (\\",
    b'Authentication-Results: "\\a',
    b"Authentication-Results: a; b=c d.e=f ",
    b"Received-SPF: a\r\n ",
)


def one(data: bytes) -> None:
    """Parse, strip, and write what it says."""
    clean = without_forged(data, OURS)
    assert without_forged(clean, OURS) == clean
    assert set(clean.split(b"\r\n")) <= set(data.split(b"\r\n")) | {b""}
    named = names_us(data, OURS)
    field = parse(data)
    if field is not None:
        assert named or field.authserv_id.lower().rstrip(".") != OURS
        assert all(result.method.isascii() for result in field.results)
    text = data.decode("utf-8", "replace")
    written = emit(Authentication("", (AuthResult("spf", text, text, text, "smtp.mailfrom"),), False), OURS)
    assert set(written) <= set(string.printable) - set("\r\n\t\v\f")
