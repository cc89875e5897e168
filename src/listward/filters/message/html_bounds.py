"""Which pages a tree parser may see: its cost grows with the square of some counts, so they are bounded before."""

import re
from collections import Counter
from collections.abc import Iterable

from listward.filters.message import limits

_VOID = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"
_NESTING = re.compile(rf"<(/?)(?!(?:{_VOID}|p|li|tr|td|th|dt|dd|option)[\s/>])([a-z][^\s/>]*+)", re.IGNORECASE)
_FORMATTING = re.compile(r"<(/?)(a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE)
# Counted out before anything else is: most pages need no more than this.
_NEVER_OPEN = ("<br>", "<BR>", "<br/>", "<br />", "<!")
# An attribute and a tag as the tokenizer takes them (HTML, sections 13.2.5.32 to 13.2.5.40); every reading goes on.
_ATTRIBUTE = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?)?"""
_START_TAG = re.compile(rf"<([a-zA-Z][^\s/>]*+)((?:[\s/]++(?:{_ATTRIBUTE})?)*+)")
_ATTRIBUTES = re.compile(_ATTRIBUTE)
# Attributes of the second and later ones are merged into the first; options are counted anew for each one.
_COSTLY = frozenset({"html", "body", "option", "optgroup"})


class Budget:
    """What all the pages of one message may cost together: characters and tags for the tree parser."""

    def __init__(self) -> None:
        self._chars, self._tags, self._seen = limits.HTML_BYTES, limits.HTML_TAGS, 0

    def affordable(self, html: str) -> tuple[str, str]:
        """The front of a page that a tree parser may see, and the defect's name where that is not the whole page."""
        self._seen += len(html)
        front = html[: self._chars]
        if front.count("<") > self._tags:
            front = "<".join(front.split("<", self._tags)[:-1])
        defect = _too_deep(front) or (_too_dense(front) if self._seen > limits.HTML_SMALL else "")
        if defect:
            return "", defect
        self._chars -= len(front)
        self._tags -= front.count("<")
        return front, "html-too-large" if len(front) < len(html) else ""


def _too_deep(html: str) -> str:
    """Whether a tree parser would have to nest deep, or reopen many formatting elements in many blocks."""
    tags = html.count("<")
    if tags <= limits.HTML_FEW_TAGS and _few_opened(html, tags):
        return ""
    if _climb(_NESTING.findall(html)) > limits.HTML_DEPTH:
        return "html-too-deep"
    reopened = _climb(_FORMATTING.findall(html)) * tags
    return "html-too-deep" if reopened > limits.HTML_REOPENED else ""


def _few_opened(html: str, tags: int) -> bool:
    """Whether so few tags open anything that they cannot nest deep, whatever closes them."""
    opened = tags - html.count("</")
    for sign in _NEVER_OPEN:
        if opened <= limits.HTML_DEPTH:
            return True
        opened -= html.count(sign)
    return opened <= limits.HTML_DEPTH


def _climb(tags: Iterable[tuple[str, str]]) -> int:
    """The greatest number of tags open at once; an end tag closes one of its name, if there is any."""
    opened: Counter[str] = Counter()
    depth = deepest = 0
    for slash, name in tags:
        key = name.lower()
        if not slash:
            opened[key] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif opened[key]:
            opened[key] -= 1
            depth -= 1
    return deepest


def _too_dense(html: str) -> str:
    """Whether one tag has very many attributes, all tags have very many names of them, or costly tags are many."""
    tags: list[tuple[str, str]] = _START_TAG.findall(html)
    costly = sum(name.lower() in _COSTLY for name, _ in tags)
    if costly > limits.HTML_COSTLY_TAGS or html.count("&") > limits.HTML_ENTITIES:
        return "html-too-dense"
    names: set[str] = set()
    for rest in {rest for _, rest in tags}:
        attributes = _ATTRIBUTES.findall(rest)
        names.update(attribute.partition("=")[0].strip().lower() for attribute in attributes)
        if max(len(attributes), len(names) // 10) > limits.HTML_ATTRIBUTES:
            return "html-too-dense"
    return ""
