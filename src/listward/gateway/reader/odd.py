"""Signs that a message is dear to read, counted on its raw octets: it goes by the lane for large ones.

Nothing is refused here, and ordinary mail has none of them; the bounds are far above what people's programs write.
"""

HEADER_OCTETS = 65_536
MOST = (
    (b"\n--", 400),  # delimiter lines: parts upon parts
    (b"=?", 2000),  # encoded words
    (b"\n\n", 20_000),
    (b"<", 20_000),  # tags of a page
    (b"&", 20_000),  # character references
    (b";", 20_000),  # parameters
    (b"(", 20_000),
    (b"@", 10_000),  # addresses
)


def is_odd(head: bytes) -> bool:
    """Whether an ordinary message's size hides extraordinary work."""
    end = head.find(b"\r\n\r\n")
    return not 0 <= end <= HEADER_OCTETS or any(head.count(sign) > most for sign, most in MOST)
