"""Text that came with a message, made fit to be shown: nothing invisible, nothing that steers a terminal or a line."""

import re
import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_SCHEME = re.compile(r"\b(ht)tp(s?):(?=//)|\b(f)tp:(?=//)", re.IGNORECASE)
_WWW = re.compile(r"\bwww\.(?=\w)", re.IGNORECASE)


def plain(text: str, lines: bool = False) -> str:
    """Return text with each control, bidi or other invisible character shown as a dot; `lines` keeps line ends, tabs.

    The length stays the same, so that places in the text stay true.
    """
    kept = "\n\t" if lines else ""
    return "".join(
        character if character in kept or unicodedata.category(character) not in _UNSEEN else "·" for character in text
    )


def defanged(text: str) -> str:
    """Return text whose links cannot be followed by accident: hxxps://..., www[.]..."""
    return _WWW.sub("www[.]", _SCHEME.sub(_other_scheme, text))


def _other_scheme(match: re.Match[str]) -> str:
    return "fxp:" if match[3] else f"hxxp{match[2]}:"


def sentence_of(text: str, limit: int = 1000) -> str:
    """Return a person's own words as one paragraph of at most `limit` characters."""
    return plain(" ".join(text.split()))[:limit]
