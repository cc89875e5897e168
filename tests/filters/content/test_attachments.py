"""Attachment findings: programs, macros, disguises and what cannot be looked into."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from messages import build
from pace import allowed

from listward.filters.content import attachments
from listward.filters.context import Context
from listward.filters.message.parse import parse_message

CONTEXT = Context("Party", frozenset(), frozenset(), frozenset(), frozenset())
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


def rules(raw: bytes) -> set[str]:
    return {finding.rule for finding in attachments.check(parse_message(raw), CONTEXT)}


def of(name: str, content: bytes) -> set[str]:
    return rules(build(attachments=[(name, content)]))


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"x"),
        ("A.EXE ", b"x"),
        ("a.scr.", b"x"),
        ("a.js", b"x"),
        ("a.lnk", b"x"),
        ("a.e\u200bxe", b"x"),
        ("a.exe\u2060", b"x"),
        ("a.exe" + " " * 400, b"x"),
        ("a.vbs;a.txt", b"x"),
        ("a.\uff45\uff58\uff45", b"x"),
        ("notes", b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"),
        ("backup.bin", bytes(32_769) + b"CD001"),
        ("photo.jpg", b"MZ\x90\x00"),
        ("tool", b"\x7fELF\x02"),
        ("a.zip", zipped(("x/setup.exe", b"x"))),
        ("a.zip", zipped(("photo.jpg", b"MZ\x90\x00"))),
        ("a.zip", zipped(("b.zip", zipped(("c.scr", b"x"))))),
        ("a.tar.gz", gzip.compress(tarred("setup.msi", b"x"))),
        ("a.tar.bz2", bz2.compress(tarred("setup.msi", b"x"))),
        ("a.tar.xz", lzma.compress(tarred("setup.msi", b"x"))),
    ],
)
def test_programs_are_found(name: str, content: bytes) -> None:
    """By name, by first bytes, and inside archives."""
    assert "executable-attachment" in of(name, content)


@pytest.mark.parametrize("name", ["invoice.pdf.exe", "photo.jpg .scr", "letter.docx   .js", "a\u202efdp.exe"])
def test_disguised_names_are_found(name: str) -> None:
    """Two extensions, spaces between, or letters turned round."""
    assert "disguised-attachment" in of(name, b"x")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docm", b"x"),
        ("a.docx", zipped(("word/vbaProject.bin", b"x"))),
        ("a.doc", OLE + b"V\x00B\x00A\x00" + bytes(10)),
        ("a.zip", zipped(("b.xlsm", b"x"))),
    ],
)
def test_macros_are_found(name: str, content: bytes) -> None:
    """Old and new Office files with programs inside."""
    assert "macro-document" in of(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.url", b"[InternetShortcut]"),
        ("a.reg", b"x"),
        ("script.sh", b"#!/bin/sh\n"),
        ("notes.py", b"print(1)\n"),
        ("a.shtml", b"x"),
        ("a.sh\u200b", b"x"),
        ("a.html", b"<p onclick = 'x()'>"),
        ("a.htm", b"<SCRIPT>"),
        ("a.html", "<script>".encode("utf-16-le")),
        ("a.html", b'<meta http-equiv="refresh" content="0">'),
        ("a.html", b"<form action=x>"),
        ("a.svg", b"<svg><script>"),
        ("a.svg", b"<svg><foreignObject>"),
        ("a.zip", zipped(("a.html", b"<script>"))),
    ],
)
def test_what_may_act_is_for_a_person(name: str, content: bytes) -> None:
    """Shortcuts, scripts, and pages or drawings that do something when they are opened."""
    assert of(name, content) == {"doubtful-attachment"}


def test_a_page_is_known_by_its_type_too() -> None:
    """An attached page without a name acts all the same."""
    raw = b"Content-Type: text/html\r\nContent-Disposition: attachment\r\n\r\n<script>x</script>\r\n"
    assert rules(raw) == {"doubtful-attachment"}


def test_locked_archive_is_said() -> None:
    """A password keeps us out too."""
    content = bytearray(zipped(("a.txt", b"x")))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + offset] |= 1
    assert of("a.zip", bytes(content)) == {"encrypted-archive"}
    assert of("a.docx", OLE + "EncryptedPackage".encode("utf-16-le")) == {"encrypted-archive"}


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.zip", zipped(("a.txt", b"x"))[:-30], "unreadable-archive"),
        ("a.zip", zipped(("a.txt", bytes(50_000_000))), "oversized-archive"),
        ("a.zip", zipped(*((f"{n}.txt", b"") for n in range(1500))), "oversized-archive"),
        ("a.gz", gzip.compress(bytes(50_000_000)), "oversized-archive"),
        ("a.bz2", bz2.compress(bytes(50_000_000)), "oversized-archive"),
        ("a.gz", b"\x1f\x8b broken", "unreadable-archive"),
        ("a.xz", b"\xfd7zXZ\x00 broken", "unreadable-archive"),
        ("a.rar", b"Rar!\x1a\x07\x00", "closed-archive"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "closed-archive"),
        ("photos", b"7z\xbc\xaf\x27\x1c", "closed-archive"),
        ("a.rar", b"x", "closed-archive"),
        ("a.7z\u200b", b"x", "closed-archive"),
    ],
)
def test_what_cannot_be_seen_is_said(name: str, content: bytes, rule: str) -> None:
    """Broken, endless and closed archives are never passed over, and cost little."""
    raw = build(attachments=[(name, content)])
    start = time.process_time()
    assert rule in rules(raw)
    assert time.process_time() - start < allowed(1)


def test_archives_of_archives_cost_little() -> None:
    """Names in nested archives are few octets each and repeat: no more than a bounded number is looked at."""
    inner = zipped(*((f"{number}.txt.exe.txt", b"") for number in range(500)))
    raw = build(attachments=[("a.zip", zipped(*((f"{number}.zip", inner) for number in range(100))))])
    start = time.process_time()
    assert "oversized-archive" in rules(raw)
    assert time.process_time() - start < allowed(1)


def test_nested_archives_end() -> None:
    """Six archives in one another are one too many."""
    content = b"x"
    for _ in range(60):
        content = zipped(("a.zip", content))
    assert "oversized-archive" in of("a.zip", content)


def test_names_in_local_headers_count() -> None:
    """Readers that stream an archive see other names than those that read its directory."""
    content = zipped(("harmless.txt", b"x")).replace(b"harmless.txt", b"harmful1.exe", 1)
    assert "executable-attachment" in of("a.zip", content)


def test_test_file_is_found_everywhere() -> None:
    """As a file, in an archive, and in the text."""
    for raw in (
        build(attachments=[("a.txt", EICAR)]),
        build(attachments=[("a.zip", zipped(("b.zip", zipped(("c.txt", EICAR)))))]),
        build(text=EICAR.decode()),
    ):
        assert "malware-test-file" in rules(raw)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.pdf", b"%PDF-1.7"),
        ("minutes.docx", zipped(("word/document.xml", b"<w/>"))),
        ("old.doc", OLE),
        ("photo.v2.jpg", b"\xff\xd8\xff"),
        ("list.tar.gz", gzip.compress(tarred("a.txt", b"x"))),
        ("page.html", b"<p>hello</p>"),
        ("logo.svg", b"<svg><path d='M0 0'/></svg>"),
        ("a.txt;b.txt", b"x"),
        ("www.party.example.com", b"x"),
        ("budget.xlsx", zipped(("xl/workbook.xml", b"<w/>"))),
        ("invite.ics", b"BEGIN:VCALENDAR"),
        ("signature.asc", b"-----BEGIN PGP SIGNATURE-----"),
        ("smime.p7s", b"0\x80"),
    ],
)
def test_ordinary_files_pass(name: str, content: bytes) -> None:
    """What members send every day is no finding."""
    assert not of(name, content)


def test_evidence_is_the_file_name() -> None:
    """The author reads which file is meant."""
    (finding,) = attachments.check(parse_message(build(attachments=[("a.exe", b"MZ"), ("b.txt", b"x")])), CONTEXT)
    assert [evidence.text for evidence in finding.evidence] == ["a.exe"]


EXPECTED = {
    "found": {"malware-test-file"},
    "found or refused as too deep": {"malware-test-file", "oversized-archive"},
    "refused as too deep, bounded time": {"oversized-archive"},
    "limit hit, bounded memory": {"oversized-archive"},
    "name found": {"executable-attachment"},
    "limit hit, bounded time": {"oversized-archive"},
    "treated as unreadable archive": {"unreadable-archive", "executable-attachment"},
    "either name found or refused": {"executable-attachment", "unreadable-archive", "oversized-archive"},
    "treated as encrypted archive": {"encrypted-archive"},
}


@pytest.mark.shared
def test_scanner_samples(shared: Path) -> None:
    """Each sample gives what its index expects, in bounded time."""
    folder = shared / "conformance/scan-samples"
    for case in json.loads((folder / "index.json").read_text()):
        raw = (folder / case["file"]).read_bytes()
        start = time.process_time()
        found = rules(raw)
        assert time.process_time() - start < allowed(1), case
        if case["expect"] in EXPECTED:
            assert found & EXPECTED[case["expect"]], case
