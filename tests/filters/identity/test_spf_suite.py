"""The RFC 7208 test suite, each test through the path that mail takes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plain_yaml
from static_dns import StaticResolver
from vector_files import vectors

from listward.filters.identity.spf import check_sender


def _zone(zonedata: dict[str, list[Any]]) -> dict[str, dict[str, Any]]:
    return {str(name): _records(entries or []) for name, entries in zonedata.items()}


def _records(entries: list[Any]) -> dict[str, Any]:
    """SPF entries serve as TXT where no TXT entry exists; "TXT: NONE" says that there is none."""
    result: dict[str, Any] = {}
    for entry in entries:
        if isinstance(entry, str):
            result["else"] = "SERVFAIL" if entry.startswith("RCODE") else entry
            continue
        ((kind, value),) = entry.items()
        result.setdefault(kind, []).append(_value(kind, value))
    if "SPF" in result and "TXT" not in result:
        result["TXT"] = result["SPF"]
    if "NONE" in result.get("TXT", []):
        del result["TXT"]
    return result


def _value(kind: str, value: Any) -> Any:
    if kind == "MX":
        return f"{value[0]} {value[1]}"
    if kind in {"TXT", "SPF"}:
        strings = value if isinstance(value, list) else [value]
        return "".join(strings).encode("latin-1") if strings != ["NONE"] else "NONE"
    return str(value).removesuffix(".") if kind in {"PTR", "CNAME"} else str(value)


def _tests(path: Path) -> Iterator[tuple[str, Any]]:
    """Each test of each document, with its document's zone."""
    for number, document in enumerate(plain_yaml.load_all(path.read_text(encoding="utf-8")), 1):
        for name, test in document["tests"].items():
            yield f"{number}-{name}", (document.get("zonedata") or {}, test)


@vectors("spf/rfc7208-tests.yml", _tests)
async def test_the_rfc_7208_suite(vector: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """The result is one that the suite allows."""
    zonedata, test = vector
    resolver = StaticResolver(_zone(zonedata))
    found = await check_sender(str(test["host"]), str(test["helo"]), str(test["mailfrom"]), resolver)
    expected = test["result"] if isinstance(test["result"], list) else [test["result"]]
    assert found.result in expected, found.detail
