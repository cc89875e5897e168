"""The RFC 7208 test suite, each test through the path that mail takes."""

import asyncio
from pathlib import Path
from typing import Any

import plain_yaml
import pytest
from static_dns import StaticResolver

from listward.filters.identity.spf import check_sender

SUITE = "conformance/spf/rfc7208-tests.yml"


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


async def _disagreements(document: dict[str, Any]) -> list[str]:
    wrong = []
    for name, test in document["tests"].items():
        resolver = StaticResolver(_zone(document.get("zonedata") or {}))
        found = await check_sender(str(test["host"]), str(test["helo"]), str(test["mailfrom"]), resolver)
        expected = test["result"] if isinstance(test["result"], list) else [test["result"]]
        if found.result not in expected:
            wrong.append(f"{name}: {found.result}, not {expected} ({found.detail})")
    return wrong


@pytest.mark.shared
def test_the_rfc_7208_suite_passes(shared: Path) -> None:
    """Every one of the suite's tests gets a result that the suite allows."""
    documents = list(plain_yaml.load_all((shared / SUITE).read_text(encoding="utf-8")))
    total = sum(len(document["tests"]) for document in documents)
    assert total > 200
    wrong = [
        f"{document['description']} / {line}"
        for document in documents
        for line in asyncio.run(_disagreements(document))
    ]
    print(f"vectors: spf/rfc7208-tests.yml: {total - len(wrong)} of {total}")
    assert wrong == []
