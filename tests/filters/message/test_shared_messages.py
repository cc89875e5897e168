"""Public torture sets: no exception, bounded time, and nothing hidden from every view."""

import json
import time
from pathlib import Path

import pytest
from pace import allowed

from listward.filters.content.readers import READERS
from listward.filters.context import Context
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message

pytestmark = pytest.mark.shared

CONTEXT = Context("Party", frozenset(), frozenset(), frozenset(), frozenset())
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
DOUBTFUL = {"ambiguity", "malformed", "size", "malware"}


def doubted(message: Message) -> bool:
    found = [finding for _, check in READERS for finding in check(message, CONTEXT)]
    return any(finding.category in DOUBTFUL and finding.rule != "no-author-address" for finding in found)


def seen(message: Message, wanted: str) -> bool:
    parts = (*message.parts, *message.alternatives)
    if wanted == "eicar":
        return any(EICAR in part.content for part in parts)
    name = wanted.removeprefix("name:").removeprefix("full-width ")
    return any(name in part.names for part in parts) or doubted(message)


def test_mime_ambiguity(shared: Path) -> None:
    """Valid cases are read; ambiguous ones are doubted, or the payload is seen."""
    folder = shared / "conformance/mime-ambiguity"
    for case in json.loads((folder / "index.json").read_text()):
        message = parse_message((folder / case["file"]).read_bytes())
        found = all(seen(message, wanted) for wanted in case["must_find_in_some_view"])
        assert found or (case["class_"] == "ambiguous" and doubted(message)), case
        if case["class_"] == "valid":
            assert not message.defects, case


def test_hidden_content_and_names(shared: Path) -> None:
    """Files hidden by broken MIME are doubted, or seen in some view."""
    for path in sorted((shared / "conformance/mime/mime-is-broken/hide-content").glob("*.eml")):
        message = parse_message(path.read_bytes())
        parts = (*message.parts, *message.alternatives)
        assert doubted(message) or any(b"eicar.com" in part.content and part.content[:2] == b"PK" for part in parts), (
            path
        )
    for path in sorted((shared / "conformance/mime/mime-is-broken/hide-filename").glob("[012]*.eml")):
        message = parse_message(path.read_bytes())
        seen_names = [name for part in (*message.parts, *message.alternatives) for name in part.names]
        assert doubted(message) or any(name.endswith(".zip") for name in seen_names), path


def test_all_samples_parse_in_time(shared: Path) -> None:
    """Every sample gives a message and its views well within a second."""
    paths = [path for path in (shared / "conformance/mime").rglob("*") if path.suffix in {".eml", ".msg", ".txt"}]
    paths += list((shared / "conformance/hostile-content").glob("*.eml"))
    assert len(paths) > 300
    for path in paths:
        raw = path.read_bytes()
        start = time.process_time()
        message = parse_message(raw)
        assert isinstance(message.own_text + message.hidden_text, str)
        doubted(message)
        assert time.process_time() - start < allowed(1), path


def test_subjects_and_leaves_agree_with_another_parser(shared: Path) -> None:
    """Where another project's well-formed sample has its subject and part count written down, ours are the same."""
    compared = 0
    for path in sorted((shared / "conformance/mime/mail-parser-rfc").glob("*.eml")):
        expected = json.loads(path.with_suffix(".json").read_text())
        message = parse_message(path.read_bytes())
        subjects = [header["value"] for header in expected["parts"][0]["headers"] if header["name"] == "subject"]
        texts = [value for subject in subjects for value in subject.values() if isinstance(value, str)]
        if texts:
            compared += 1
            assert message.subject.split() == texts[-1].split(), path
    assert compared
