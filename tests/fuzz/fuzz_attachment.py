"""A file of any content: looked into within bounds, never raised upon."""

from listward.filters.content import archives, attachments, filetypes
from listward.filters.context import Context
from listward.filters.message.message import Message, Part

CONTEXT = Context("Party", frozenset(), frozenset(), frozenset(), frozenset())
GROW = (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"\0")


def one(data: bytes) -> None:
    """Inspect it under a name that says nothing."""
    part = Part("application/octet-stream", "", "attachment", "a.bin", data, 0, ("a.bin",))
    rules = [found.rule for found in attachments.check(Message(b"", (), 0, (part,)), CONTEXT)]
    assert len(rules) == len(set(rules))
    kind = filetypes.kind(data)
    if kind in {"zip", "gzip", "bzip2", "xz", "zstd", "tar"}:
        budget = archives.Budget()
        assert sum(len(member.content) for member in archives.read(kind, data, budget).members) < 100_000_000
