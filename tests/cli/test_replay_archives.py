"""Archives, read one message at a time."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest
import zstandard
from messages import build

from listward.cli.archives import Record, RecordError, files, records
from listward.cli.judging import as_received
from listward.cli.output import WrongUse

ONE, TWO = build(subject="One", text="From here on\n"), build(subject="Two", message_id="<two@party.example>")
MBOX = b"From a@b Sat Nov 21 10:00:00 2026\n" + ONE.replace(b"\r\n", b"\n").replace(b"\nFrom here", b"\n>From here")
MBOX += b"\nFrom c@d Sat Nov 21 10:00:00 2026\n" + TWO.replace(b"\r\n", b"\n")
LINES = b"".join(
    json.dumps({"id": str(n), "raw": raw.decode("latin-1")}).encode() + b"\n" for n, raw in enumerate((ONE, TWO))
)


def messages(*paths: Path) -> list[bytes]:
    """Every message of the archives, as SMTP would carry it."""
    return [as_received(record.message()[1]).rstrip() for record in records(list(paths))]


def write(path: Path, content: bytes) -> Path:
    """Write a file, packed as its name says."""
    packed = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}.get(path.suffix, lambda data: data)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(content))
    return path


@pytest.mark.parametrize(
    "name", ["a.mbox", "archive", "a.mbox.gz", "a.mbox.zst", "b.jsonl", "b.jsonl.zst", "b.jsonl.gz", "b.ndjson"]
)
def test_every_form_gives_the_same_messages(name: str, tmp_path: Path) -> None:
    """mbox and JSON lines, packed or not, give the bytes that went in."""
    path = write(tmp_path / name, MBOX if ".mbox" in name or name == "archive" else LINES)
    assert messages(path) == [ONE.rstrip(), TWO.rstrip()]


def test_single_files_and_folders(tmp_path: Path) -> None:
    """A message, a folder of messages in name order, hidden files left out."""
    write(tmp_path / "box" / "b" / "2.eml", TWO)
    write(tmp_path / "box" / "a.eml", ONE)
    write(tmp_path / "box" / "c.eml.gz", TWO)
    write(tmp_path / "box" / ".hidden", b"no message")
    write(tmp_path / "box" / "index.json", b"{}")
    assert messages(tmp_path / "box") == [ONE.rstrip(), TWO.rstrip(), TWO.rstrip()]
    assert messages(tmp_path / "box" / "a.eml") == [ONE.rstrip()]


def test_maildirs(tmp_path: Path) -> None:
    """A Maildir's messages lie in cur and new; tmp is nobody's yet."""
    write(tmp_path / "md" / "cur" / "1:2,S", ONE)
    write(tmp_path / "md" / "new" / "2", TWO)
    write(tmp_path / "md" / "tmp" / "3", b"half a mess")
    assert messages(tmp_path / "md") == [ONE.rstrip(), TWO.rstrip()]


def test_records_say_where_they_stand(tmp_path: Path) -> None:
    """People find a message again by file and number; a record's own id is kept."""
    found = list(records([write(tmp_path / "b.jsonl", LINES)]))
    assert [record.path for record in found] == [f"{tmp_path}/b.jsonl:1", f"{tmp_path}/b.jsonl:2"]
    assert [record.message()[0] for record in found] == ["0", "1"]
    assert [record.path for record in records([write(tmp_path / "a.mbox", MBOX)])][1] == f"{tmp_path}/a.mbox:2"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "not a line of JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"a": 1}', "neither raw nor text"),
        (b"\xff", "JSON"),
    ],
)
def test_records_without_a_message_are_named(line: bytes, words: str) -> None:
    """What holds no message says where and why."""
    with pytest.raises(RecordError, match=words) as caught:
        Record("file:7", line, packed=True).message()
    assert str(caught.value).startswith("file:7: ")


def test_records_of_text_become_messages() -> None:
    """A record with nothing but subject and text is a message with that subject and text."""
    line = json.dumps({"subject": "Hola\nX-Evil: 1", "text": "¿Cómo estás?"}).encode()
    raw = Record("x", line, packed=True).message()[1].decode()
    assert raw.startswith("From: text@archive.invalid\nSubject: Hola X-Evil: 1\n")
    assert raw.endswith("\n\n¿Cómo estás?")


def test_what_is_not_there_or_broken_is_wrong_use(tmp_path: Path) -> None:
    """A missing path and a broken file are named in one line."""
    with pytest.raises(WrongUse, match="no such file"):
        list(files([tmp_path / "nowhere"]))
    for name in ("a.mbox.zst", "a.mbox.gz"):
        (tmp_path / name).write_bytes(b"this is not packed")
        (broken,) = records([tmp_path / name])
        with pytest.raises(RecordError, match=f"{name}.*: cannot be unpacked"):
            broken.message()


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    """How far the files are read never goes backwards, and ends at their sizes."""
    paths = [write(tmp_path / "a.mbox", MBOX), write(tmp_path / "b.jsonl.zst", LINES * 100)]
    told: list[int] = []
    assert len(list(records(paths, told.append))) == 202
    assert told == sorted(told)
    assert told[-1] == sum(path.stat().st_size for path in paths)


def test_memory_stays_flat(tmp_path: Path) -> None:
    """A long archive needs no more memory than a short one."""
    line = json.dumps({"raw": "Subject: x\n\n" + "word " * 10_000}).encode() + b"\n"
    path = write(tmp_path / "long.jsonl.zst", line * 400)
    tracemalloc.start()
    count = sum(1 for _ in records([path]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 400
    assert peak < 8_000_000 < 400 * len(line)


@pytest.mark.parametrize(
    ("stored", "received"),
    [
        (b"A: b\n\nx\n", b"A: b\r\n\r\nx\r\n"),
        (b"A: b\r\n\r\nx\r\n", b"A: b\r\n\r\nx\r\n"),
        (b"A: b\r\n\nx\ry\n", b"A: b\r\n\r\nx\r\ny\r\n"),
        (b"From x y\nA: b\n\nFrom z\n", b"A: b\r\n\r\nFrom z\r\n"),
        (b"From: x\n\n", b"From: x\r\n\r\n"),
        (b"", b""),
    ],
)
def test_messages_are_judged_as_smtp_carries_them(stored: bytes, received: bytes) -> None:
    """Line ends become CRLF, and an mbox line in front is no part of the message."""
    assert as_received(stored) == received
