"""Writes figures into a page of the documentation, between two marks."""

import re
from pathlib import Path


def write_figures(page: Path, name: str, text: str) -> None:
    """Replace what stands between `<!-- name:begin -->` and `<!-- name:end -->`."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    old = page.read_text(encoding="utf-8")
    new = re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", old, count=1, flags=re.DOTALL)
    page.write_text(new, encoding="utf-8")
