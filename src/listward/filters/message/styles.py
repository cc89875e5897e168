"""Which inline styles hide text from people."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

_INVISIBLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|font-size\s*:\s*0*(?:\.0+)?(?:px|pt|em|rem|ex|%|in|cm|mm|\s|;|!|$)(?![\d.])|(?<![-\w])opacity\s*:\s*0*(?:\.0+)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
_STYLE = re.compile(r' style="([^"]*)"')
_HIDDEN_ATTRIBUTE = re.compile(r' hidden(?:="[^"]*")?(?=[ >/])')
_COLOR = re.compile(r"(?<![-\w])color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"(?<![-\w])background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_FONT_COLOR = re.compile(r' color="([^"]*)"')
_BGCOLOR = re.compile(r' bgcolor="([^"]*)"')
_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})\Z")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})")
_NAMED = {
    "white": "ffffff",
    "black": "000000",
    "red": "ff0000",
    "yellow": "ffff00",
    "blue": "0000ff",
    "green": "008000",
}


@dataclass(frozen=True, slots=True)
class Style:
    """What an element inherits: whether it is hidden, and colours as six hex digits ("" where not said)."""

    hides: bool = False
    color: str = ""
    background: str = ""


def may_hide(markup: str) -> bool:
    """Whether anything in Lexbor's markup can be hidden by the rules below; few different styles make this cheap."""
    styles = set(_STYLE.findall(markup))
    if " hidden" in markup or any(_invisible(css) for css in styles):
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


@lru_cache(maxsize=2048)
def _invisible(css: str) -> bool:
    return _INVISIBLE.search(css[:2000]) is not None


def hidden_by(tag: str, outer: Style) -> Style:
    """The style inside an element with this start tag, as Lexbor writes it."""
    if " " not in tag or outer.hides:
        return outer
    match = _STYLE.search(tag)
    css = match.group(1) if match else ""
    if _invisible(css) or _HIDDEN_ATTRIBUTE.search(tag):
        return replace(outer, hides=True)
    background = _first(_BACKGROUND, css) or _first(_BGCOLOR, tag)
    color = _first(_COLOR, css) or _first(_FONT_COLOR, tag)
    if not background and not color:
        return outer
    inner = Style(
        False,
        normal_color(color) if color else outer.color,
        normal_color(background) if background else outer.background,
    )
    return replace(inner, hides=bool(inner.color) and inner.color == inner.background)


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match.group(1).strip().lower() if match else ""


def normal_color(color: str) -> str:
    """Six hex digits of a CSS colour, "" for what is no plain colour (images, gradients, inherit)."""
    if color in _NAMED:
        return _NAMED[color]
    match = _HEX.match(color)
    if match:
        digits = match.group(1)
        return digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    rgb = _RGB.match(color)
    return "".join(f"{min(int(part), 255):02x}" for part in rgb.groups()) if rgb else ""
