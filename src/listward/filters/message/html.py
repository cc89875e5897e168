"""HTML to text: what people see and what is hidden from them, apart; and the links."""

import re
from dataclasses import dataclass
from html import unescape
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser

from listward.filters.message import limits
from listward.filters.message.styles import Style, hidden_by, may_hide
from listward.filters.message.values import Link

# Never shown, and their content is not markup.
_SILENT = ["script", "style", "head", "title", "template", "noscript", "iframe", "object", "noembed", "noframes", "svg"]
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark meter nobr output q s samp "  # noqa: SIM905  # fifty names read better as one text
    "small span strike strong sub sup time tt u var wbr".split()
)
_VOID = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"
# Lexbor writes attributes in double quotes, so on its output this is exact.
_ATTRIBUTES = r'[^>"]*+(?:"[^"]*+"[^>"]*+)*+'
_TAG = re.compile(rf"<(/?)([a-z][^\s/>]*){_ATTRIBUTES}>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ANY_TAG = re.compile(rf"</?([a-z!?][^\s/>]*){_ATTRIBUTES}>")
_ANCHOR = re.compile(rf"<a(?=\s)({_ATTRIBUTES})>(.*?)</a>|<(?:area|form)(?=\s)({_ATTRIBUTES})>", re.DOTALL)
_TARGET = re.compile(r'(?:^|\s)(?:href|action)="([^"]*)"')
_SPACES = re.compile(r"[ \t\r\f\v]{2,}+")

_NESTING = re.compile(rf"<(/?)(?!(?:{_VOID}|p|li|tr|td|th|dt|dd|option)[\s/>])[a-z]", re.IGNORECASE)
_STEP = {"": 1, "/": -1}
_FORMATTING = re.compile(r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE)
# Counted out before anything else is: most pages need no more than this.
_NEVER_OPEN = ("<br>", "<BR>", "<br/>", "<br />", "<!")
_ROUGH_TAG = re.compile(r"<[^<>]{0,4000}>")


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The texts of one HTML body. `defect` names why it was not read in full, "" where it was."""

    visible: str
    hidden: str = ""
    links: tuple[Link, ...] = ()
    defect: str = ""


def read_html(html: str) -> HtmlText:
    """Read an HTML body of any size; beyond 1 MiB, or nested too deep, only roughly and with a defect."""
    if len(html) > limits.HTML_BYTES:
        head = read_html(html[: limits.HTML_BYTES])
        rest = _roughly(html[limits.HTML_BYTES : limits.TEXT_BYTES])
        return HtmlText(f"{head.visible}\n{rest}", head.hidden, head.links, head.defect or "html-too-large")
    if _too_deep(html):
        return HtmlText(_roughly(html), defect="html-too-deep")
    return _read(html)


def _too_deep(html: str) -> bool:
    """Whether a tree parser would have to nest deep, or reopen many formatting elements in many blocks."""
    opened = html.count("<") - html.count("</") - sum(map(html.count, _NEVER_OPEN))
    if opened <= limits.HTML_DEPTH and opened * html.count("<") < 400_000:
        return False
    if _climb(_NESTING.findall(html)) > limits.HTML_DEPTH:
        return True
    open_formatting = _climb(_FORMATTING.findall(html))
    return open_formatting > 16 and open_formatting * html.count("<") > 400_000


def _climb(tags: list[str]) -> int:
    """The greatest number of tags open at once (tags closed before any was opened do not count against it)."""
    depths = list(accumulate(map(_STEP.__getitem__, tags), initial=0))
    return max(map(int.__sub__, depths, accumulate(depths, min)))


def _read(html: str) -> HtmlText:
    tree = LexborHTMLParser(html)
    tree.strip_tags(_SILENT, recursive=True)
    markup = tree.html or ""
    if "<!--" in markup:
        markup = _COMMENT.sub("", markup)
    links = _links(markup)
    if may_hide(markup):
        shown, hidden = _divide(markup)
        return HtmlText(_text(shown), _text(hidden), links)
    return HtmlText(_text(markup), links=links)


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
        closing, name = match.groups()
        if closing:
            style = _close(stack, name, style)
        elif not re.fullmatch(_VOID, name):
            stack.append((name, style))
            style = hidden_by(match.group(), style)
            if style.hides and not stack[-1][1].hides:
                hidden.append("<p>")
    shown.append(markup[position:])
    return "".join(shown), "".join(hidden)


def _close(stack: list[tuple[str, Style]], name: str, style: Style) -> Style:
    """The style outside the element that ends here; Lexbor's output closes in order."""
    if stack and stack[-1][0] == name:
        return stack.pop()[1]
    return style


def _text(markup: str) -> str:
    """Join inline elements, break at all others."""
    pieces = _ANY_TAG.split(markup)  # text, tag name, text, tag name, ...
    pieces[1::2] = ["" if name in _INLINE else "\n" for name in pieces[1::2]]
    return _squeeze(unescape("".join(pieces))).replace("\u00a0", " ")


def _squeeze(text: str) -> str:
    """No blank lines, no white space at the ends of lines, single spaces."""
    if "  " in text or "\t" in text:
        text = _SPACES.sub(" ", text)
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


def _links(markup: str) -> tuple[Link, ...]:
    found: list[Link] = []
    for match in _ANCHOR.finditer(markup):
        target = _TARGET.search(match.group(1) or match.group(3) or "")
        if target and len(found) < limits.LINKS:
            found.append(Link(unescape(target.group(1)).strip(), _text(match.group(2) or "")))
    return tuple(found)


def _roughly(html: str) -> str:
    """Text without anything in angle brackets: linear, and what is hidden counts as seen."""
    return _squeeze(unescape(_ROUGH_TAG.sub(" ", html)))
