"""A reader for the plain YAML that published mail test suites are written in.

It knows nested mappings and lists by indentation, scalars (plain, 'single', "double" with escapes), flow lists of
scalars, and block scalars (| and >, kept or stripped). Anchors, tags and flow mappings it does not know.
"""

import re
from collections.abc import Iterator
from typing import Any

_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#'"\[][^#]*?):(?:\s+|$)""")
_BLOCK = re.compile(r"[|>]([+-]?)$")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)")
_ESCAPES = {"0": "\0", "n": "\n", "r": "\r", "t": "\t"}


def load_all(text: str) -> Iterator[Any]:
    """Yield each document of the text that is not empty."""
    for document in re.split(r"(?m)^---\s*$", text):
        reader = _Reader(document.split("\n"))
        if reader.peek() is not None:
            yield reader.value(0)


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def peek(self) -> tuple[int, str] | None:
        """Indentation and text of the next line that says something."""
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            text = line.lstrip()
            if text and not text.startswith("#"):
                return len(line) - len(text), text
            self._at += 1
        return None

    def value(self, indent: int) -> Any:
        """Whatever stands at this indentation or deeper: a list, a mapping or a scalar over several lines."""
        found = self.peek()
        if found is None or found[0] < indent:
            return None
        depth, text = found
        if text.startswith("- ") or text == "-":
            return self._list(depth)
        if _KEY.match(text):
            return self._mapping(depth)
        return self._scalar_lines(depth)

    def _list(self, depth: int) -> list[Any]:
        items = []
        while (found := self.peek()) is not None and found[0] == depth and found[1].startswith("-"):
            rest = found[1][1:].lstrip()
            inner = depth + len(found[1]) - len(rest)
            self._lines[self._at] = " " * inner + rest
            items.append(self.value(inner))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        result = {}
        while (found := self.peek()) is not None and found[0] == depth:
            match = _KEY.match(found[1])
            if match is None:
                raise ValueError(f"no key in line {self._at + 1}: {found[1]!r}")
            result[_scalar(match[1])] = self._entry(depth, found[1][match.end() :])
        return result

    def _entry(self, depth: int, rest: str) -> Any:
        self._at += 1
        if block := _BLOCK.match(rest):
            return self._block(depth, folded=rest[0] == ">", strip=block[1] == "-")
        if rest:
            return _scalar(" ".join([rest, *self._continued(depth)]))
        found = self.peek()
        # A list may stand at its key's own indentation.
        at_key = found is not None and found[0] == depth and found[1].startswith("- ")
        return self.value(depth if at_key else depth + 1)

    def _continued(self, depth: int) -> Iterator[str]:
        while (found := self.peek()) is not None and found[0] > depth:
            self._at += 1
            yield found[1]

    def _scalar_lines(self, depth: int) -> Any:
        return _scalar(" ".join(self._continued(depth - 1)))

    def _block(self, depth: int, *, folded: bool, strip: bool) -> str:
        lines: list[str] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.strip() and len(line) - len(line.lstrip(" ")) <= depth:
                break
            lines.append(line)
            self._at += 1
        margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
        text = "\n".join(line[margin:] for line in lines).rstrip("\n")
        text = re.sub(r"(?<!\n)\n(?!\n)", " ", text) if folded else text
        return text if strip else text + "\n"


def _scalar(text: str) -> Any:
    text = text.strip()
    if text.startswith("["):
        return [_scalar(item) for item in _items(text)]
    if text.startswith('"'):
        return _ESCAPE.sub(_unescaped, text[1 : text.rindex('"')])
    if text.startswith("'"):
        return text[1 : text.rindex("'")].replace("''", "'")
    plain = re.split(r"\s#", text)[0].rstrip()
    return int(plain) if re.fullmatch(r"\d+", plain) else plain


def _items(text: str) -> list[str]:
    inner = text[1 : text.rindex("]")].strip()
    return re.findall(r""""(?:[^"\\]|\\.)*"|'[^']*'|[^,\s][^,]*""", inner)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if code.startswith("x") and len(code) == 3 else _ESCAPES.get(code, code)
