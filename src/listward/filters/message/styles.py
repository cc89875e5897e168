"""Which inline styles hide text from people. In doubt nothing is hidden: what may be shown must be read as shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

import re2

from listward.filters.message import limits

# Only a sign that something may be hidden: what it means is found by reading the declarations.
_INVISIBLE = re2.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0|opacity\s*:\s*0"
)
_STYLE = re.compile(r' style="([^"]*)"')
_COLOR = re.compile(r"(?<![-\w])color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"(?<![-\w])background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_FONT_COLOR = re.compile(r' color="([^"]*)"')
_BGCOLOR = re.compile(r' bgcolor="([^"]*)"')
_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})\Z")
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)\Z")
_NAMED = {
    "white": "ffffff",
    "black": "000000",
    "red": "ff0000",
    "yellow": "ffff00",
    "blue": "0000ff",
    "green": "008000",
}
_WHITE = " \t\r\n\f"
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_STRING = re.compile(r"""'[^'\\\n]*'|"[^"\\\n]*\"""")
_BRACKETS = re.compile(r"\([^()]*\)")
_IMPORTANT = re.compile(r"[ \t\r\n\f]*![ \t\r\n\f]*important\Z")
_NOTHING = re.compile(r"0+(?:\.0+)?|\.0+")
_NO_SIZE = re.compile(r"(?:0+(?:\.0+)?|\.0+)(?:px|pt|em|rem|ex|%|in|cm|mm)?")
_NOT_SHOWN = re.compile(r"hidden|collapse")
_NONE = re.compile(r"none")
# Longer ones, and those that need more of the grammar than is read here, hide nothing.
_STYLE_LETTERS = 4000

Declared = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Style:
    """What an element inherits: how it is hidden, and colours as six hex digits ("" where not known).

    What is `gone` takes all inside along; what is `unseen` or `tiny` may hold what is seen.
    """

    gone: bool = False
    unseen: bool = False
    tiny: bool = False
    color: str = ""
    background: str = ""

    @property
    def hides(self) -> bool:
        """Whether text right here cannot be seen."""
        return self.gone or self.unseen or self.tiny or bool(self.color and self.color == self.background)


def may_hide(markup: str) -> bool:
    """Whether anything in Lexbor's markup can be hidden by the rules below; few different styles make this cheap."""
    styles = set(_STYLE.findall(markup))
    if len(styles) > limits.STYLES:
        return False
    if " hidden" in markup or _INVISIBLE.search(
        ";".join([css[:_STYLE_LETTERS] for css in styles]).encode("utf-8", "replace")
    ):
        return True
    grounds = {_first(_BACKGROUND, css) for css in styles if "ackground" in css or "ACKGROUND" in css}
    grounds.update(_BGCOLOR.findall(markup) if ' bgcolor="' in markup else ())
    if not grounds:
        return False
    colors = {_first(_COLOR, css) for css in styles}
    colors.update(_FONT_COLOR.findall(markup) if ' color="' in markup else ())
    return bool(
        {normal_color(color.lower()) for color in colors} & {normal_color(ground.lower()) for ground in grounds} - {""}
    )


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match.group(1).strip().lower() if match else ""


def style_inside(name: str, attributes: Mapping[str, str], outer: Style) -> Style:
    """The style inside an element with this name and these attributes (values with entities, as Lexbor writes them)."""
    if outer.gone:
        return outer
    if name == "table" and not attributes:
        # Pages without a document type start tables with the page's own colour and size.
        return Style(unseen=outer.unseen, background=outer.background)
    if not attributes:
        return outer
    css = declarations(attributes.get("style", ""))
    inherited = Style() if name == "table" else outer
    return Style(
        gone=_is_gone(css, "hidden" in attributes),
        unseen=_says(css, "visibility", _NOT_SHOWN, outer.unseen),
        tiny=_says(css, "font-size", _NO_SIZE, inherited.tiny),
        color=_colour(css.get("color", ()), attributes.get("color", "") if name == "font" else "", inherited.color),
        background=_background(css, attributes, outer.background),
    )


def _is_gone(css: Declared, attribute: bool) -> bool:
    if "all" in css:
        return False
    return _says(css, "display", _NONE, attribute) or _says(css, "opacity", _NOTHING, inherited=False)


def _says(css: Declared, name: str, hiding: re.Pattern[str], inherited: bool) -> bool:
    """Whether every declaration of the property hides; readers differ on which of several counts."""
    values = css.get(name)
    return inherited if values is None else all(hiding.fullmatch(value) for value in values)


def _colour(values: tuple[str, ...], attribute: str, inherited: str) -> str:
    """The one colour that is declared, "" where several are or one is no plain colour."""
    named = values or ((attribute.lower(),) if attribute else ())
    if not named:
        return inherited
    colors = {normal_color(value) for value in named}
    return colors.pop() if len(colors) == 1 else ""


def _background(css: Declared, attributes: Mapping[str, str], inherited: str) -> str:
    values = (*css.get("background", ()), *css.get("background-color", ()))
    if "background-image" in css or "background" in attributes:
        return ""
    return _colour(values, attributes.get("bgcolor", ""), inherited)


@lru_cache(maxsize=2048)
def declarations(escaped: str) -> Declared:
    """All values of each property of a style attribute, in lower case and without "!important"; {} in doubt."""
    css = _STRING.sub("s", _COMMENT.sub(" ", unescape(escaped)))
    if len(css) > _STYLE_LETTERS or set(css) & set("\"'\\{}[]@<") or not _brackets_plain(css):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for declaration in css.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            key = name.strip(_WHITE).lower()
            found[key] = (*found.get(key, ()), _IMPORTANT.sub("", value.strip(_WHITE).lower()))
    return found


def _brackets_plain(css: str) -> bool:
    """Whether all brackets close, and none holds a semicolon."""
    flat = css
    for _ in range(4):
        flat = _BRACKETS.sub("", flat)
    return not {"(", ")"} & set(flat) and flat.count(";") == css.count(";")


def normal_color(color: str) -> str:
    """Six hex digits of a CSS colour, "" for what is no plain colour (images, gradients, transparency, inherit)."""
    if color in _NAMED:
        return _NAMED[color]
    match = _HEX.match(color)
    if match:
        digits = match.group(1)
        return digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    rgb = _RGB.match(color)
    return "".join(f"{min(int(part), 255):02x}" for part in rgb.groups()) if rgb else ""
