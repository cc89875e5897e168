"""Ids for messages and transactions: time-ordered, unguessable enough, safe in headers, logs and file names."""

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u


def new_id() -> str:
    """Return 20 characters: 45 bits of milliseconds, then 55 random bits, so that ids sort by time."""
    number = (int(time.time() * 1000) & (1 << 45) - 1) << 55 | secrets.randbits(55)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(95, -1, -5))
