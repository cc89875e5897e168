"""The author's own text and what is quoted: together all the lines, each in exactly one of the two."""

from collections import Counter

from listward.filters.message.normalise import fold, join_spaced
from listward.filters.message.quoting import divide

GROW = (
    b"> ",
    b"\n> a",
    b"\na wrote:",
    b"\nOn wrote:\n",
    b"a \xcc\x81",
    b"\xe2\x80\x8b",
    b"d o n ",
    b"\nFrom: a\nSent: b",
)


def one(data: bytes) -> None:
    """Divide and fold it."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    own, quoted = divide(text)
    assert not Counter(filter(None, f"{own}\n{quoted}".split("\n"))) - Counter(text.split("\n"))
    assert sum(map(len, text.split("\n"))) == sum(map(len, f"{own}\n{quoted}".split("\n")))
    for folded in (fold(text), join_spaced(text)):
        assert all(
            0 <= folded.original(at, at + 1)[0] <= len(text) for at in range(0, len(folded), 1 + len(folded) // 50)
        )
