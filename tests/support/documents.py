"""The documents of this repository, cut into what can be checked: links, code, commands, TOML, tables."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "src").rglob("README.md"),
        *(ROOT / "systemd").glob("*.md"),
    ]
)
NAMES = [str(path.relative_to(ROOT)) for path in TEXTS]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^(?:    .*\n)+", re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text_of(name: str) -> str:
    """Return a document, named from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def links_of(text: str) -> list[str]:
    """Return where its links lead, other sites left out."""
    return [link for link in _LINK.findall(_FENCED.sub("", text)) if "://" not in link and not link.startswith("#")]


def inline_code(text: str) -> list[str]:
    """Return what stands between backticks within sentences; a line break in it is a space."""
    return [" ".join(each.split()) for each in _INLINE.findall(_FENCED.sub("", text))]


def command_lines(text: str) -> list[str]:
    """Return the lines of indented and fenced code, and inline code, prompts and comments cut off."""
    blocks = [block for _, block in _FENCED.findall(text)] + _INDENTED.findall(_FENCED.sub("", text))
    lines = [line.strip().partition("#")[0] for block in blocks for line in block.splitlines()]
    return [*lines, *inline_code(text)]


def toml_blocks(text: str) -> list[str]:
    """Return the blocks that are marked as TOML."""
    return [block for language, block in _FENCED.findall(text) if language == "toml"]


def first_column(text: str, heading: str) -> set[str]:
    """Return the words in backticks in the first column of the table whose first heading is this."""
    rows = text.partition(f"\n| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return {word for row in rows for word in _INLINE.findall(row.split("|")[1])}
