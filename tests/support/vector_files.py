"""The published vectors beside the checkout: one test case each, and a table of how many pass.

    @vectors("spf/rfc7208-tests.yml", read)
    def test_...(vector): ...

`read` takes the path below conformance/ and yields (name, vector). Where the folder is absent there are no cases.
`python -m pytest -q -m shared --vectors tests` prints the table that docs/identity.md has.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

CONFORMANCE = Path(__file__).resolve().parents[3] / "shared" / "conformance"
Named = tuple[str, Any]


def vectors(name: str, read: Callable[[Path], Iterable[Named]], *, also: str = "") -> Callable[[Any], Any]:
    """Make each vector of a set a case, named `vector`. `also` tells apart several looks at one set."""
    path = CONFORMANCE / name
    found = [pytest.param(vector, id=title) for title, vector in read(path)] if path.exists() else []

    def decorate(test: Any) -> Any:
        return pytest.mark.shared(f"{name}{f', {also}' if also else ''}")(
            pytest.mark.parametrize("vector", found)(test)
        )

    return decorate


def numbered(path: Path) -> list[Named]:
    """The items of a JSON list, by their number."""
    return [(str(number), item) for number, item in enumerate(json.loads(path.read_text(encoding="utf-8")), 1)]


def set_of(item: pytest.Item) -> str:
    """The set that a test case is one of, "" for any other."""
    mark = item.get_closest_marker("shared")
    return str(mark.args[0]) if mark and mark.args else ""


def table(reports: Iterable[tuple[str, bool]]) -> list[str]:
    """The lines of the table: each set with how many of its vectors pass, in the order of their names."""
    total, passed = Counter[str](), Counter[str]()
    for name, passes in reports:
        total[name] += 1
        passed[name] += passes
    return ["| set | pass |", "|---|---|", *(f"| {name} | {passed[name]} of {total[name]} |" for name in sorted(total))]
