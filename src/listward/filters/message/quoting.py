"""Divides a visible text into what the author wrote and what is quoted from earlier messages."""

import re

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


def divide(text: str) -> tuple[str, str]:
    """(own, quoted) text; lines keep their order, each line is in exactly one of the two."""
    if not _may_quote(text):
        return text, ""
    own: list[str] = []
    quoted: list[str] = []
    lines = text.split("\n")
    position = 0
    while position < len(lines):
        taken = _quoted_lines(lines, position)
        if taken:
            quoted += lines[position : position + taken]
            position += taken
        else:
            own.append(lines[position])
            position += 1
    return "\n".join(own), "\n".join(quoted)


def _may_quote(text: str) -> bool:
    """Cheap test: most new posts quote nothing."""
    return ">" in text or ":" in text or "---" in text or "___" in text


def _quoted_lines(lines: list[str], position: int) -> int:
    """How many lines from here on are quoted: 0, 1, an attribution of two lines, or all that is left."""
    line = lines[position]
    start = line.lstrip()[:1]
    if start == ">":
        return 1
    if len(line) > 400:
        return 0
    if start in "-_" and _BELOW_IS_QUOTED.match(line):
        return len(lines) - position
    if line.rstrip().endswith(":") and any(word in line for word in _WRITES) and _ATTRIBUTION.match(line):
        return 1
    following = lines[position + 1] if position + 1 < len(lines) else ""
    if ":" in line and _OUTLOOK_FROM.match(line) and _OUTLOOK_NEXT.match(following):
        return len(lines) - position
    if len(following) <= 400 and following.rstrip().endswith(":") and any(word in following for word in _WRITES):
        return 2 if _ATTRIBUTION_START.match(line) and _ATTRIBUTION_END.search(following) else 0
    return 0
