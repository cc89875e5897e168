"""The ARC vectors beside the checkout: the draft's validation suite, and real messages."""

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import plain_yaml
import pytest
from static_dns import StaticResolver

from listward.filters.identity.arc import check_chain
from listward.filters.identity.arc_evidence import read_chain
from listward.filters.identity.source import Source

ENDED = "fail"
"""The suite says nothing of a chain that an earlier sealer has ended; RFC 8617 section 5.2 step 2 calls it failed."""


def _status(raw: bytes, zone: dict[str, Any]) -> str:
    chain = read_chain(Source.of(raw), time.time())
    return asyncio.run(check_chain(chain, StaticResolver(zone))).result


def _zone(records: dict[str, str]) -> dict[str, Any]:
    return {name: {"TXT": [re.sub(r"\s*\n\s*", "", text).strip()]} for name, text in records.items()}


@pytest.mark.shared
def test_the_validation_suite(shared: Path) -> None:
    """Every chain of the suite has the state that the suite gives it."""
    text = (shared / "conformance/arc/arc-draft-validation-tests.yml").read_text()
    wrong, count = [], 0
    for suite in plain_yaml.load_all(text):
        zone = _zone(suite["txt-records"])
        for name, case in suite["tests"].items():
            count += 1
            expected = (case["cv"] or "").strip().lower() or ENDED
            found = _status(case["message"].encode().replace(b"\n", b"\r\n"), zone)
            if found != expected:
                wrong.append((name, expected, found))
    print(f"vectors: arc, validation: {count - len(wrong)} of {count}")
    assert wrong == []


@pytest.mark.shared
def test_real_messages(shared: Path) -> None:
    """Messages that real services have sealed pass, and none does with a word changed."""
    paths = sorted((shared / "conformance/arc/mail-auth").glob("*.txt"))
    assert len(paths) == 2
    passed = 0
    for path in paths:
        records, _, message = path.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
        zone = _zone(dict(line.partition(" ")[::2] for line in records.decode().splitlines()))
        raw = message.replace(b"\n", b"\r\n")
        passed += _status(raw, zone) == "pass"
        assert _status(raw + b"One more line.\r\n", zone) == "fail"
    print(f"vectors: arc/mail-auth: {passed} of {len(paths)}")
    assert passed == len(paths)
