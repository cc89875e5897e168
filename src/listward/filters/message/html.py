"""HTML to text: what people see and what is hidden from them, apart; and the links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice, repeat

from selectolax.lexbor import LexborHTMLParser

from listward.filters.message import limits
from listward.filters.message.html_bounds import Budget
from listward.filters.message.styles import Style, may_hide, style_inside
from listward.filters.message.values import Link

# Never shown, and their content is not markup.
_SILENT = ["script", "style", "head", "title", "template", "iframe", "noembed", "noframes"]
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark meter nobr output q s samp "  # noqa: SIM905  # fifty names read better as one text
    "small span strike strong sub sup time tspan tt u var wbr".split()
)
_BREAKS = dict.fromkeys(_INLINE, "")
_VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split()  # noqa: SIM905  # reads better as one text
)
# Lexbor writes attributes in double quotes, so on its output this is exact; a name may hold quotes too.
_ATTRIBUTES = r'(?:\s=?[^\s=>/]*+(?:="[^"]*+")?)*+'
_ATTRIBUTE = re.compile(r'\s(=?[^\s=>/]*+)(?:="([^"]*+)")?')
_TAG = re.compile(rf"<(/?)([a-z][^\s/>]*+)({_ATTRIBUTES})>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"<(style|xml|script)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_ANY_TAG = re.compile(rf"</?([a-z!?][^\s/>]*+){_ATTRIBUTES}>")
_LINKING = re.compile(rf"<(?:(a)|area|form)(?=\s)({_ATTRIBUTES})>")
_REPLACED = re.compile(rf"<(?:img|input|area|option|optgroup)(?=\s)({_ATTRIBUTES})>")
_STANDING_IN = (' alt="', ' value="', ' placeholder="', ' label="')
_LINK_LETTERS = 4000
_ONLY_TARGET = ' href="'
_SPACES = re.compile(r"[ \t\r\f\v]{2,}+")
# A page's own styles may show again what an element's style hides.
_STYLESHEET = re.compile(r"<(?:style|link)[\s/>]", re.IGNORECASE)

_ROUGH_LINK = re.compile(r"""(?:href|action)\s{0,10}=\s{0,10}["']?([^"'\s<>]{1,2000})""", re.IGNORECASE)
_ROUGH_TAG = re.compile(r"<[/!?]?([a-zA-Z0-9]{0,20}+)[^<>]{0,4000}+>")


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The texts of one HTML body. `defect` names why it was not read in full, "" where it was."""

    visible: str
    hidden: str = ""
    links: tuple[Link, ...] = ()
    defect: str = ""


def read_html(html: str, budget: Budget | None = None) -> HtmlText:
    """Read an HTML body of any size; what no tree parser may see only roughly, and with a defect.

    `budget` is that of the message, where it may have more pages than this.
    """
    front, defect = (budget or Budget()).affordable(html)
    read = _read(front) if front else HtmlText("")
    if not defect:
        return read
    rest = html[len(front) : limits.TEXT_BYTES]
    visible = f"{read.visible}\n{_roughly(rest)}".strip("\n")
    return HtmlText(visible, read.hidden, (*read.links, *_rough_links(rest))[: limits.LINKS], defect)


def _read(html: str) -> HtmlText:
    tree = LexborHTMLParser(html)
    tree.strip_tags(_SILENT, recursive=True)
    markup = tree.html or ""
    elsewhere = ""
    if "<!--" in markup:
        elsewhere = _conditional(markup) if "<!--[if" in markup else ""
        markup = _COMMENT.sub("", markup)
    if "<xmp" in markup or "<plaintext" in markup:  # what looks like markup inside these is text
        return HtmlText(_roughly(markup), links=tuple(_rough_links(markup)))
    links = _links(markup)
    visible, hidden = _text(markup), ""
    if may_hide(markup):
        shown, concealed = _divide(markup)
        hidden = _text(concealed)
        if hidden and not _STYLESHEET.search(html):
            visible = _text(shown)
    return HtmlText(f"{visible}\n{elsewhere}" if elsewhere else visible, hidden, links)


def _conditional(markup: str) -> str:
    """What one mail program shows and the others take for a comment."""
    found = (comment.partition("]>")[2] for comment in _COMMENT.findall(markup) if comment.startswith("<!--[if"))
    pieces = (_roughly(_CODE.sub("", content.removesuffix("-->").removesuffix("<!"))) for content in found)
    return "\n".join(filter(None, pieces))


def _divide(markup: str) -> tuple[str, str]:
    """Markup that shows and markup that does not, by the inline styles around it."""
    shown: list[str] = []
    hidden: list[str] = []
    stack: list[tuple[str, Style]] = []
    style = Style()
    position = 0
    for match in _TAG.finditer(markup):
        (hidden if style.hides else shown).append(markup[position : match.end()])
        position = match.end()
        closing, name, attributes = match.groups()
        if closing:
            style = _close(stack, name, style)
        elif name not in _VOID:
            stack.append((name, style))
            style = style_inside(name, _attributes(attributes), style)
            if style.hides and not stack[-1][1].hides:
                hidden.append("<p>")
    shown.append(markup[position:])
    return "".join(shown), "".join(hidden)


def _attributes(text: str) -> dict[str, str]:
    return dict(_ATTRIBUTE.findall(text)) if text else {}


def _close(stack: list[tuple[str, Style]], name: str, style: Style) -> Style:
    """The style outside the element that ends here; what is still open inside it ends too."""
    if any(opened == name for opened, _ in reversed(stack)):
        while True:
            opened, style = stack.pop()
            if opened == name:
                break
    return style


def _text(markup: str) -> str:
    """Join inline elements, break at all others."""
    if "<" not in markup:
        return _squeeze(_plain(markup))
    if any(map(markup.__contains__, _STANDING_IN)):
        markup = _REPLACED.sub(_stand_in, markup)
    pieces = _ANY_TAG.split(markup)  # text, tag name, text, tag name, ...
    pieces[1::2] = map(_BREAKS.get, pieces[1::2], repeat("\n"))
    return _squeeze(_plain("".join(pieces)))


def _stand_in(match: re.Match[str]) -> str:
    """The words that stand for a picture where pictures are off, and those in a form's fields."""
    attributes = _attributes(match.group(1))
    if attributes.get("type", "").lower() == "hidden":
        return match.group()
    words = (attributes.get(name, "").strip() for name in ("alt", "value", "placeholder", "label"))
    return "".join(f" {text} ".replace("<", "&lt;").replace(">", "&gt;") for text in words if text) + match.group()


def _plain(escaped: str) -> str:
    """Undo the four escapes that Lexbor writes (HTML, section 13.3)."""
    if "&" not in escaped:
        return escaped
    text = escaped.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&quot;", '"').replace("&amp;", "&")


def _squeeze(text: str) -> str:
    """No blank lines, no white space at the ends of lines, single spaces."""
    if "  " in text or "\t" in text:
        text = _SPACES.sub(" ", text)
    return "\n".join(filter(None, map(str.strip, text.split("\n")))) if "\n" in text else text.strip()


def _links(markup: str) -> tuple[Link, ...]:
    found: list[Link] = []
    for match in _LINKING.finditer(markup):
        target = _target(match.group(2))
        if not target:
            continue
        end = markup.find("</a>", match.end(), match.end() + _LINK_LETTERS) if match.group(1) else match.end()
        text = markup[match.end() : end if end >= 0 else match.end() + _LINK_LETTERS]
        found.append(Link(_plain(target).strip(), _text(text)))
        if len(found) == limits.LINKS:
            break
    return tuple(found)


def _target(attributes: str) -> str:
    """Where a link leads or a form is sent to."""
    if attributes.startswith(_ONLY_TARGET) and attributes.find('"', len(_ONLY_TARGET)) == len(attributes) - 1:
        return attributes[len(_ONLY_TARGET) : -1]
    named = _attributes(attributes)
    return named.get("href", "") or named.get("action", "")


def _roughly(html: str) -> str:
    """Text without anything in angle brackets: linear, and what is hidden counts as seen."""
    pieces = _ROUGH_TAG.split(html)  # text, tag name ("" for a comment), text, ...
    pieces[1::2] = ["" if not name or name.lower() in _INLINE else "\n" for name in pieces[1::2]]
    return _squeeze(_unescape("".join(pieces)))


def _unescape(text: str) -> str:
    """Undo all escapes, of a text that is hardly anything else only at its front (it has a defect then)."""
    if text.count("&") <= limits.HTML_ENTITIES:
        return unescape(text)
    *front, rest = text.split("&", limits.HTML_ENTITIES)
    return f"{unescape('&'.join(front))}&{rest}"


def _rough_links(html: str) -> Iterator[Link]:
    """The targets of whatever looks like a link."""
    for match in islice(_ROUGH_LINK.finditer(html), limits.LINKS):
        yield Link(unescape(match.group(1)), "")
