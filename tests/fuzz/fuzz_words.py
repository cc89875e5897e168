"""Encoded words and MIME parameters (RFC 2047, 2231): no control character comes out, and no reading is lost."""

from listward.filters.message import limits
from listward.filters.message.defects import Defects
from listward.filters.message.parameters import parse_structured, readings
from listward.filters.message.words import value_of

GROW = (b"=?utf-8?q?a?= ", b"=?utf-8?b?", b"=?", b"; name*0*=a", b"; boundary=a", b'; name="', b"; name=a ", b"name(x)")


def one(data: bytes) -> None:
    """Decode it as the value of a field."""
    value = value_of(data)
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in value)
    parsed = parse_structured(data, Defects())
    assert len(parsed.parameters) <= 3 * limits.PARAMETERS
    for name in ("name", "filename", "boundary"):
        for text in parsed.every(name):
            assert text in readings(text)
