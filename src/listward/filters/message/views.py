"""The text views of a message: what is seen, what is hidden, where links lead, which parts are files."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from listward.filters.message import limits
from listward.filters.message.charsets import decode, guess, is_odd, known
from listward.filters.message.html import HtmlText, read_html
from listward.filters.message.html_bounds import Budget
from listward.filters.message.normalise import fold
from listward.filters.message.values import Defect, Link, Part

_REST_OF_URL = re.compile(r"[^\s<>\"'\u00a0]{3,2000}")
_ID = re.compile(r"<[^<>\s]{1,990}>")
# Programs that do not know a file's type send it as these; its name says how it opens.
_NAMED_BY_FILE = frozenset(
    {"application/octet-stream", "application/text", "application/html", "application/xhtml+xml"}
)
_TEXT_NAME = re.compile(r"\.(?:txt|text|md|html?|xhtml|rtx|log|asc)[\s.]*\Z", re.IGNORECASE)
_MARKUP = re.compile(rb"<(?:html|body|table|div|p|a|br)[\s/>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a message, with line ends as "\\n"."""

    visible: str
    hidden: str
    links: tuple[Link, ...]
    defects: tuple[Defect, ...] = ()


def message_id(value: str) -> str:
    """The id with its angle brackets; the bare value where it has none."""
    match = _ID.search(value)
    return match.group() if match else value.strip()


def names_message(value: str) -> bool:
    """Whether a field's value holds a message's id."""
    return any("@" in found for found in _ID.findall(value))


def is_attachment(part: Part) -> bool:
    """Whether people get this part as a file."""
    if part.content_type.startswith("multipart/"):
        return False
    return (
        bool(part.names) or part.disposition == "attachment" or not part.content_type.startswith(("text/", "message/"))
    )


def read_texts(parts: Iterable[Part], alternatives: Iterable[Part]) -> Texts:
    """Read all text parts, the usual reading first; what another reader sees besides is added once."""
    reader = _Reader()
    for part in parts:
        if part.content_type.startswith("text/") and part.disposition != "attachment":
            reader.add(part)
    for part in alternatives:
        if part.content_type.startswith("text/") and b"\x00" not in part.content[:1000]:
            reader.add(part)
    return reader.take()


def attached_text(parts: Iterable[Part]) -> str:
    """The text of files that are opened with a click and read like the message itself; the first 64 kB of all."""
    texts: list[str] = []
    room = limits.ATTACHED_BYTES
    budget = Budget()
    for part in parts:
        content = part.content[:room] if _is_attached_text(part) else b""
        text = _unfiled(content, part.charset)
        if text:
            room -= len(content)
            texts.append(
                read_html(text, budget).visible if _is_page(part, content) else text.replace("\r\n", "\n").strip()
            )
    return "\n\n".join(filter(None, texts))


def _is_attached_text(part: Part) -> bool:
    if part.content_type.startswith("text/"):
        return part.disposition == "attachment"
    return part.content_type in _NAMED_BY_FILE and any(_TEXT_NAME.search(str(fold(name))) for name in part.names)


def _unfiled(content: bytes, charset: str) -> str:
    """The text of a file, "" where it is none."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\x00" in content and not (marked or charset.lower().startswith("utf-16")):
        return ""
    return decode(content, "utf-16" if marked else charset)


def _is_page(part: Part, content: bytes) -> bool:
    return part.content_type == "text/html" or _MARKUP.search(content) is not None


def plain_urls(text: str, most: int = limits.LINK_SIGNS) -> Iterator[str]:
    """Web addresses in plain text, without the punctuation behind them; `most` bounds the places looked at."""
    for sign in ("://", "www."):
        at = text.find(sign)
        while at >= 0 and most > 0:
            most -= 1
            scheme = next((name for name in ("https", "http") if text[max(0, at - 5) : at].lower().endswith(name)), "")
            start = at - len(scheme) if sign == "://" else at
            match = _REST_OF_URL.match(text, start)
            alone = scheme if sign == "://" else not text[max(0, at - 3) : at].endswith("://")
            if match and alone:
                yield match.group().rstrip(".,;:!?)]}")
            at = text.find(sign, match.end() if match else at + 3)


class _Reader:
    """Gathers texts within the limit; the same text is taken once."""

    def __init__(self) -> None:
        self._visible: list[str] = []
        self._lines: set[str] = set()
        self._noted = 0
        self._squashed = ""
        self._hidden: list[str] = []
        self._links: dict[str, Link] = {}
        self._defects: dict[str, Defect] = {}
        self._room = limits.TEXT_BYTES
        self._budget = Budget()
        self._link_signs = limits.LINK_SIGNS
        self._searched = 0

    def add(self, part: Part) -> None:
        content = part.content[: self._room]
        if len(content) < len(part.content):
            self._note("text-truncated", f"{len(part.content)} bytes")
        self._room -= len(content)
        text = decode(content, part.charset)
        if part.charset:
            self._note_charset(part.charset, content)
        if part.charset and is_odd(known(part.charset) or "ascii"):
            text = f"{text}\n{guess(content)}"  # what readers without that charset show
        if part.content_type == "text/html" or (part.content_type != "text/plain" and _MARKUP.search(content)):
            self._add_html(read_html(text, self._budget))
        else:
            self._add_plain(text.replace("\r\n", "\n"))

    def _add_plain(self, text: str) -> None:
        self._add_visible(text.strip("\n"))
        for url in plain_urls(text, self._link_signs):
            self._add_link(Link(url, url))
        self._link_signs -= text.count("://") + text.count("www.")

    def _add_html(self, read: HtmlText) -> None:
        if read.defect:
            self._note(read.defect, "")
        self._add_visible(read.visible)
        if read.hidden:
            self._hidden.append(read.hidden)
        for link in read.links:
            self._add_link(link)

    def _add_visible(self, text: str) -> None:
        """Add the lines that no earlier part shows: the two sides of an alternative count once."""
        if self._visible:
            text = self._unshown(text)
        if text.strip():
            self._visible.append(text)
            self._squashed = ""

    def _unshown(self, text: str) -> str:
        lines = text.split("\n")
        bare = list(map(str.strip, lines))
        fresh = set(bare) - self._known_lines()
        if not fresh:
            return ""
        fresh -= {line for line in dict.fromkeys(bare) if line in fresh and self._shows_broken(line)}
        return "\n".join(line for line, stripped in zip(lines, bare, strict=True) if stripped in fresh)

    def _known_lines(self) -> set[str]:
        """The lines of all texts so far, without white space around them."""
        for text in self._visible[self._noted :]:
            self._lines.update(map(str.strip, text.split("\n")))
        self._noted = len(self._visible)
        return self._lines

    def _shows_broken(self, line: str) -> bool:
        """Whether an earlier part shows this line, broken into others."""
        if not self._squashed:
            self._squashed = _squash("".join(self._visible))
        self._searched += len(self._squashed)
        return self._searched <= limits.SEARCHED and _squash(line) in self._squashed

    def _add_link(self, link: Link) -> None:
        if len(self._links) < limits.LINKS and (link.url not in self._links or self._links[link.url].text == link.url):
            self._links[link.url] = link

    def _note_charset(self, charset: str, content: bytes) -> None:
        """A charset nobody knows matters only where the text is not the UTF-8 that everybody guesses."""
        if not known(charset) and not content.isascii() and not _is_utf8(content):
            self._note("unknown-charset", charset)

    def _note(self, name: str, detail: str) -> None:
        self._defects.setdefault(name, Defect(name, detail))

    def take(self) -> Texts:
        return Texts(
            "\n\n".join(self._visible),
            "\n".join(self._hidden),
            tuple(self._links.values()),
            tuple(self._defects.values()),
        )


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _squash(text: str) -> str:
    return "".join(text.split())
