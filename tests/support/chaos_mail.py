"""The mail of a chaos run, drawn from a seed: what members, strangers and machines write, to one list or several."""

import hashlib
import random
from dataclasses import dataclass

from chaos_history import Sent
from running import APPEAL

MEMBERS, NEWS, FORUM, OPEN = (f"{name}@party.example" for name in ("members", "news", "forum", "open"))
ANN, BEN, STRANGER, MACHINE = (
    "ann@members.example",
    "ben@members.example",
    "eve@elsewhere.example",
    "robot@nowhere.example",
)
BIG_OCTETS = 1_300_000  # above what is kept in memory, so that it goes through the spool
_WORDS = tuple("meeting branch tuesday decided about cake chairs minutes coffee bus tram room time".split())  # noqa: SIM905 - legible
# kind, how often, author, recipients
_KINDS = (
    ("post", 40, ANN, (MEMBERS,)),
    ("two hops", 14, ANN, (MEMBERS, FORUM)),
    ("three lists", 8, ANN, (MEMBERS, NEWS, FORUM)),
    ("plea", 12, BEN, (MEMBERS,)),
    ("plea, two lists", 6, BEN, (NEWS, FORUM)),
    ("stranger", 10, STRANGER, (FORUM,)),
    ("held and relayed", 6, STRANGER, (MEMBERS, OPEN)),
    ("discarded", 3, MACHINE, (MEMBERS,)),
    ("big", 1, ANN, (FORUM,)),
)


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to bring in: its place in the history, its envelope sender and its octets."""

    sent: Sent
    sender: str
    raw: bytes


def draw(random_: random.Random, number: int) -> Mail:
    """Draw one message. The same seed gives the same mail."""
    kind, _, author, recipients = random_.choices(_KINDS, [weight for _, weight, *_ in _KINDS])[0]
    message = f"{number}.{random_.getrandbits(64):016x}@chaos.example"
    header = [
        f"From: {author}",
        f"To: {', '.join(recipients)}",
        f"Subject: {' '.join(random_.choices(_WORDS, k=4))}",
        f"Message-ID: <{message}>",
        "Date: Sat, 21 Nov 2026 10:00:00 +0000",
        *(["Auto-Submitted: auto-replied"] if kind == "discarded" else []),
    ]
    body = _text(random_, kind, number)
    raw = "\r\n".join(header).encode() + b"\r\n\r\n" + body
    return Mail(Sent(message, recipients, hashlib.sha256(body).hexdigest(), kind), author, raw)


def _text(random_: random.Random, kind: str, number: int) -> bytes:
    words = " ".join(random_.choices(_WORDS, k=30))
    lines = [f"Dear all, this is note {number}: {words}.", ".", "..dots as they are", *APPEAL.splitlines()]
    if not kind.startswith("plea"):
        lines = lines[:3]
    text = "".join(f"{line}\r\n" for line in lines).encode()
    return text + (f"{words}\r\n".encode() * (BIG_OCTETS // (len(words) + 2)) if kind == "big" else b"")
