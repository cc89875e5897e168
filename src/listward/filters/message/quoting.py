"""Divides a visible text into what the author wrote and what is quoted from earlier messages."""

import re

import re2

from listward.filters.message import limits

_WROTE = "wrote|writes|escribió|escribio|schrieb|a écrit|écrit|ha scritto|schreef"
# "On 3 May, Ana wrote:" and its sisters; they end with a colon, maybe on the next line.
_ATTRIBUTION = re.compile(
    rf"^\W{{0,4}}(?:on|el|am|le|em|il|op)\b.{{0,200}}\b(?:{_WROTE})\b.{{0,60}}:\s*$"
    rf"|^\W{{0,4}}\S.{{0,150}}\b(?:{_WROTE})\s?:\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION_START = re.compile(r"^\W{0,4}(?:on|el|am|le)\b.{5,150}$", re.IGNORECASE)
_ATTRIBUTION_END = re.compile(rf"\b(?:{_WROTE})\b.{{0,60}}:\s*$", re.IGNORECASE)
_BELOW_IS_QUOTED = re.compile(
    r"^\s*(?:-{2,}|_{2,})\s*(?:original message|mensaje original|ursprüngliche nachricht|original-nachricht"
    r"|message d'origine|message original|forwarded message|mensaje reenviado|weitergeleitete nachricht"
    r"|message transféré|begin forwarded message)\s*(?:-{2,}|_{2,})?\s*$",
    re.IGNORECASE,
)
# The header block that Outlook puts above the earlier message: two such lines in a row.
_OUTLOOK_FROM = re.compile(r"^\s*\*?(?:from|de|von)\s?\*?\s?:\*?\s.{1,200}$", re.IGNORECASE)
_OUTLOOK_NEXT = re.compile(
    r"^\s*\*?(?:sent|date|to|subject|enviado(?: el)?|fecha|para|asunto|gesendet|datum|an|betreff|envoyé|à|objet)"
    r"\s?\*?\s?:\*?",
    re.IGNORECASE,
)
_WRITES = ("wrote", "writes", "escribi", "schrieb", "crit", "scritto", "schreef")
# A real thread quotes below nearly every attribution.
_SPARE_ATTRIBUTIONS = 4
# Without one of these nothing in a text can be a quotation; most new posts have none.
_SIGNS = (">", "---", "___", *_WRITES, "From:", "From :", "De:", "De :", "Von:", "FROM:", "DE:", "VON:")
_MAY_QUOTE = re2.compile("|".join(map(re.escape, _SIGNS)))


def divide(text: str) -> tuple[str, str]:
    """(own, quoted) text; lines keep their order, each line is in exactly one of the two."""
    if not _MAY_QUOTE.search(text.encode("utf-8", "replace")):
        return text, ""
    lines = text.split("\n", limits.LINES)
    rest = lines[limits.LINES :]  # behind very many lines all counts as the author's own
    lines[limits.LINES :] = [""]
    quoted = _quotations(lines)
    own = [line for at, line in enumerate(lines[:-1]) if at not in quoted]
    return "\n".join((*own, *rest)), "\n".join(line for at, line in enumerate(lines[:-1]) if at in quoted)


def _quotations(lines: list[str]) -> set[int]:
    """Which lines are quoted. Many attributions over few quoted lines are no attributions."""
    quoted: set[int] = set()
    attributions: set[int] = set()
    position, last = 0, len(lines) - 1
    while position < last:
        line = lines[position]
        sign = line.startswith(">")
        taken = 1 if sign else _quoted_lines(line, lines[position + 1], last - position)
        if taken:
            chosen = quoted if sign or taken > 2 or line.lstrip().startswith(">") else attributions
            chosen.update(range(position, position + taken))
        position += max(taken, 1)
    return quoted if len(attributions) > len(quoted) + _SPARE_ATTRIBUTIONS else quoted | attributions


def _quoted_lines(line: str, following: str, left: int) -> int:
    """How many of the lines `left` are quoted from here: 0, 1, an attribution of two lines, or all."""
    start = line.lstrip()[:1]
    if start == ">":
        return 1
    if len(line) > 400 or len(following) > 400:
        return 0
    if start in {"-", "_"} and _BELOW_IS_QUOTED.match(line):
        return left
    if ":" in line and _attributes(line):
        return 1
    if ":" in following:
        if ":" in line and _OUTLOOK_FROM.match(line) and _OUTLOOK_NEXT.match(following):
            return left
        if _says_wrote(following) and _ATTRIBUTION_END.search(following) and _ATTRIBUTION_START.match(line):
            return 2
    return 0


def _attributes(line: str) -> bool:
    return _says_wrote(line) and _ATTRIBUTION.match(line) is not None


def _says_wrote(line: str) -> bool:
    return line.rstrip().endswith(":") and any(word in line for word in _WRITES)
