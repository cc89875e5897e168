"""A header with sets of ARC in it: a chain is read or has a flaw, in plain words of ours, and nothing raises."""

from listward.filters.identity.arc_evidence import SETS, read_chain
from listward.filters.identity.source import Source

SEEDS = (
    b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=a.example; s=x; t=1; b=AAAA\r\n"
    b"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=a.example; s=x; h=from:to; bh=AAAA; b=AAAA\r\n"
    b"ARC-Authentication-Results: i=1; mx.a.example; dmarc=pass header.from=b.example\r\n",
    b"ARC-Seal: i=1; cv=fail; b=\r\nARC-Seal: i=2; cv=pass\r\n",
)
GROW = (b"ARC-Seal: i=1\r\n", b"; b =", b" \t", b"i=1;", b"h=a:", b"\r\n ", b"ARC-Authentication-Results: i=1; a=b")


def one(data: bytes) -> None:
    """Read it in front of a small message."""
    chain = read_chain(Source.of(data + b"\r\nFrom: a@b.example\r\n\r\nx\r\n"), 1_800_000_000.0)
    assert len(chain.sets) <= SETS
    assert not (chain.sets and chain.flaw)
    assert chain.flaw.isascii()
    assert len(chain.flaw) < 100
