"""The hashes of the chain."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from listward.queue.audit.chain import Link, Seal, encode, head_over, link_head, read_link, read_seal

ENTRIES = st.lists(st.binary(max_size=40), max_size=6)


def numbered(texts: list[bytes], first: int = 1) -> list[tuple[int, bytes]]:
    """Entries from a number on."""
    return list(enumerate(texts, first))


def test_the_head_is_sha256_over_previous_and_entries() -> None:
    """As documented, so that an auditor can recompute it with other tools."""
    right = hashlib.sha256(b"listward seal\0abc\0" + b"7:3:one" + b"8:0:").hexdigest()
    assert head_over("abc", [(7, b"one"), (8, b"")]) == right


@given(ENTRIES, ENTRIES)
def test_different_entries_have_different_heads(one: list[bytes], two: list[bytes]) -> None:
    """Nothing can be shifted from one entry to the next."""
    assert (head_over("", numbered(one)) == head_over("", numbered(two))) == (one == two)


def test_the_head_depends_on_number_and_previous() -> None:
    """The same text elsewhere in the log is another entry."""
    heads = {head_over("", [(1, b"x")]), head_over("", [(2, b"x")]), head_over("a", [(1, b"x")])}
    assert len(heads) == 3


def test_links_depend_on_everything_they_name() -> None:
    """List, entry, seal and the link before."""
    heads = {link_head("", "a", 1, "s"), link_head("p", "a", 1, "s"), link_head("", "b", 1, "s")}
    assert len(heads | {link_head("", "a", 2, "s"), link_head("", "a", 1, "t")}) == 5


def test_seals_and_links_are_read_back() -> None:
    """As they were written."""
    seal, link = Seal(1, 2, "", "h", 5.0), Link("a@x", 2, "h", "", "l", 5.0)
    assert (read_seal(encode(seal)), read_link(encode(link))) == (seal, link)
