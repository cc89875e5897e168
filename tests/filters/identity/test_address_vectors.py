"""The address and header vectors: who the author is, and that no field of another project's tests makes us raise."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from identity_world import claims, message
from pace import allowed
from vector_files import numbered, vectors

from listward.filters.identity.author import sole_author
from listward.filters.message import limits

NOBODY = {"ambiguous", "none", "null", "group", "two", "literal", "too long"}


def _author(value: str, name: str = "From") -> str:
    return sole_author(message(f"{name}: ".encode() + value.encode("utf-8", "surrogatepass") + b"\r\n\r\nHello.\r\n"))


@vectors("address/confusions.json", numbered)
def test_a_confusing_author(vector: dict[str, str]) -> None:
    """The author is the address that is expected, in lower case, or nobody where readers would not agree."""
    expected = {one.strip().lower() for one in vector["expect"].partition(", bounded")[0].split(" or ")}
    allowed = {"" if one in NOBODY else one for one in expected}
    found = _author(vector["header_value"])
    if len(vector["header_value"]) > limits.FIELD_BYTES and not found:
        pytest.xfail("no more than 16 KiB of any field is read; then nobody is the author, and never somebody else")
    assert found in allowed


def _headers(name: str) -> Callable[[Path], list[tuple[str, str]]]:
    def read(folder: Path) -> list[tuple[str, str]]:
        cases: list[dict[str, Any]] = json.loads((folder / f"mail-parser-{name}.json").read_text(encoding="utf-8"))
        return [(str(number), case["header"]) for number, case in enumerate(cases, 1)]

    return read


def _reads(name: str, value: str) -> None:
    """Read a message with this field; it takes no time to speak of."""
    folded = value.replace("\r\n", "\n").rstrip("\n").replace("\n", "\r\n")
    began = time.process_time()
    found = claims(
        f"From: ana@party.example\r\n{name}: ".encode() + folded.encode("utf-8", "surrogatepass") + b"\r\n\r\nx"
    )
    assert time.process_time() - began < allowed(0.5)
    alone = name != "From" and "\nfrom:" not in value.lower()
    assert found.author in ({"ana@party.example"} if alone else {"", "ana@party.example"})


@vectors("address", _headers("address"), also="fields: From")
def test_address_fields(vector: str) -> None:
    """A second From of any form makes nobody the author, and nothing raises."""
    _reads("From", vector)


@vectors("address", _headers("content_type"), also="fields: Content-Type")
def test_content_type_fields(vector: str) -> None:
    """Any Content-Type is read."""
    _reads("Content-Type", vector)


@vectors("address", _headers("date"), also="fields: Date")
def test_date_fields(vector: str) -> None:
    """Any Date is read."""
    _reads("Date", vector)


@vectors("address", _headers("id"), also="fields: Message-ID")
def test_id_fields(vector: str) -> None:
    """Any Message-ID is read."""
    _reads("Message-ID", vector)


@vectors("address", _headers("list"), also="fields: Keywords")
def test_list_fields(vector: str) -> None:
    """Any list of words is read."""
    _reads("Keywords", vector)


@vectors("address", _headers("received"), also="fields: Received")
def test_received_fields(vector: str) -> None:
    """Any Received is read."""
    _reads("Received", vector)


@vectors("address", _headers("unstructured"), also="fields: Subject")
def test_unstructured_fields(vector: str) -> None:
    """Any Subject is read."""
    _reads("Subject", vector)


def test_no_vector_names_two_authors() -> None:
    """Without the published set: a few of the kinds it has."""
    for value, author in (
        ("a@b.example (c@d.example)", "a@b.example"),
        ("A, B <a@b.example>", ""),
        ("a@b.example;c@d.example", ""),
        ("g:a@b.example;", ""),
        ("a\u200b@b.example", ""),
        ("a@\uff42.example", "a@b.example"),
    ):
        assert _author(value) == author
