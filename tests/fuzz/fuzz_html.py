"""A page: read without raising, in text that is no longer than what came, with links that lead somewhere."""

from listward.filters.message import limits
from listward.filters.message.html import read_html

GROW = (
    b"<div>",
    b"<",
    b"<a href=",
    b"<!--",
    b"&amp;",
    b"<p a=b c>",
    b"<font><p>",
    b"</p>",
    b'<p style="a:b;">',
    b"<b ",
)


def one(data: bytes) -> None:
    """Read it."""
    html = data.decode("utf-8", "replace")
    read = read_html(html)
    assert len(read.links) <= limits.LINKS
    assert all(link.url for link in read.links)
    assert len(read.visible) <= 4 * len(html) + 100
