"""The ARC vectors beside the checkout: the draft's validation suite, and real messages."""

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plain_yaml
from static_dns import StaticResolver
from vector_files import vectors

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


def _chains(path: Path) -> Iterator[tuple[str, tuple[dict[str, str], Any]]]:
    """Each test of each suite, with its keys."""
    for number, suite in enumerate(plain_yaml.load_all(path.read_text()), 1):
        for name, case in suite["tests"].items():
            yield f"{number}-{name}", (suite["txt-records"], case)


@vectors("arc/arc-draft-validation-tests.yml", _chains)
def test_the_validation_suite(vector: tuple[dict[str, str], Any]) -> None:
    """The chain has the state that the suite gives it."""
    records, case = vector
    expected = (case["cv"] or "").strip().lower() or ENDED
    assert _status(case["message"].encode().replace(b"\n", b"\r\n"), _zone(records)) == expected


@vectors("arc/mail-auth", lambda path: [(each.name, each) for each in sorted(path.glob("*.txt"))])
def test_real_messages(vector: Path) -> None:
    """A message that real services have sealed passes, and does not with a line more."""
    records, _, message = vector.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    zone = _zone(dict(line.partition(" ")[::2] for line in records.decode().splitlines()))
    raw = message.replace(b"\n", b"\r\n")
    assert _status(raw, zone) == "pass"
    assert _status(raw + b"One more line.\r\n", zone) == "fail"
