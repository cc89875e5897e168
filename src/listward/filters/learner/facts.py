"""Facts beside the words: links that mislead, hidden text, shapes of subject and body. None names a host or a list."""

import re
from collections.abc import Iterator

from listward.filters.message.message import Link, Message
from listward.filters.message.signs import capitals

MAX_LINKS = 60
SHORTENERS = frozenset(
    {
        "bit.ly",
        "tinyurl.com",
        "t.co",
        "goo.gl",
        "ow.ly",
        "is.gd",
        "buff.ly",
        "rebrand.ly",
        "cutt.ly",
        "t.ly",
        "rb.gy",
        "shorturl.at",
        "tiny.cc",
        "s.id",
        "lnkd.in",
    }
)

_HOST = re.compile(r"^\s{0,9}(?:[a-z][a-z0-9+.\-]{1,15}:)?//(?:[^/?#@\s]{0,200}@)?([^/?#:\s]{1,255})", re.IGNORECASE)
_SHOWN = re.compile(r"^\s{0,9}(?:https?://)?((?:[a-z0-9\-]{1,63}\.){1,5}[a-z]{2,20})(?:[/?#:\s]|$)", re.IGNORECASE)
_NUMERIC = re.compile(r"^\d{1,3}(?:\.\d{1,3}){3}$")


def host_of(url: str) -> str:
    """The lower-case host of a URL, "" where it has none."""
    found = _HOST.match(url)
    return found[1].lower() if found else ""


def _related(first: str, second: str) -> bool:
    """Whether two hosts end alike (their last two labels)."""
    return first.split(".")[-2:] == second.split(".")[-2:]


def _link_facts(link: Link) -> Iterator[str]:
    """What one link tells."""
    host = host_of(link.url)
    shown = _SHOWN.match(link.text)
    if host and shown and not _related(host, shown[1].lower()):
        yield "link-mismatch"
    if _NUMERIC.match(host):
        yield "link-numeric"
    if host.startswith("xn--") or ".xn--" in host:
        yield "link-punycode"
    if host in SHORTENERS:
        yield "link-shortener"
    if "@" in link.url and host:
        yield "link-userinfo"
    if "%" in link.url:
        yield "link-escaped"


def _size(number: int, cap: int) -> int:
    """A coarse, logarithmic size."""
    return min(number.bit_length(), cap)


def _share(part: int, whole: int) -> int:
    """A share in tenths."""
    return min(10 * part // (whole + 1), 9)


def _subject_facts(subject: str) -> Iterator[str]:
    """Shapes of the subject."""
    large = capitals(subject)
    if large > 5 and (letters := sum(map(str.isalpha, subject))) > 7 and large * 10 > 7 * letters:
        yield "subject-capitals"
    if "    " in subject:
        yield "subject-gap"
    if subject.endswith(("!", "?")):
        yield "subject-ends" + subject[-1]
    if not subject:
        yield "subject-none"


def _text_facts(text: str) -> Iterator[str]:
    """Shapes of the body's first part."""
    head = text[:5000]
    yield f"length{_size(len(text), 16)}"
    yield f"capitals{_share(2 * capitals(head), len(head))}"
    yield f"exclaims{_size(head.count('!'), 5)}"
    yield f"dollars{_size(head.count('$'), 4)}"
    lower = head.lower() if "://" in head else ""
    yield f"urls{_size(lower.count('http://') + lower.count('https://'), 4)}"
    if head.startswith(">") or "\n>" in head:
        yield "quotes"


def _part_facts(message: Message) -> Iterator[str]:
    """Which kinds of parts there are."""
    kinds = {part.content_type for part in message.parts}
    if "text/html" in kinds:
        yield "html" if "text/plain" in kinds else "html-only"
    if any(kind.startswith("image/") for kind in kinds):
        yield "image"
    if any(part.disposition == "attachment" for part in message.parts):
        yield "attachment"


def _header_facts(message: Message) -> Iterator[str]:
    """Facts of the header that mean the same everywhere; what is merely absent says nothing."""
    if message.first("References") or message.first("In-Reply-To"):
        yield "thread"
    if "=?" in "".join(found.raw.decode("latin-1") for found in message.all("Subject")):
        yield "subject-encoded"
    reply_to, sender = message.first("Reply-To"), message.first("From")
    if reply_to and sender and reply_to.rpartition("@")[2].strip(" >") != sender.rpartition("@")[2].strip(" >"):
        yield "reply-elsewhere"


def facts_of(message: Message, visible: str, hidden: str) -> set[str]:
    """Every fact of one message, as short stable names."""
    links = message.links[:MAX_LINKS]
    facts = {fact for link in links for fact in _link_facts(link)}
    facts.add(f"links{_size(len(links), 5)}")
    if hidden:
        facts.add(f"hidden{_share(len(hidden), len(visible) + len(hidden))}")
    facts.update(_subject_facts(message.subject))
    facts.update(_text_facts(visible))
    facts.update(_part_facts(message))
    facts.update(_header_facts(message))
    return facts
