"""Archives as people have them: packed in every way, in containers, cut off, or made to do harm."""

import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from messages import build

from listward.cli import archive_packing, archive_splitting
from listward.cli.archives import RecordError, files, records
from listward.cli.judging import as_received

ONE, TWO = build(subject="One", text="From here on\n"), build(subject="Two", message_id="<two@party.example>")
UNIX = [raw.replace(b"\r\n", b"\n") for raw in (ONE, TWO)]
DATED = b"From a@b Sat Nov 21 10:00:00 2026\n"
MBOX = b"".join(DATED + raw.replace(b"\nFrom here", b"\n>From here") + b"\n" for raw in UNIX)
LINES = b"".join(json.dumps({"raw": raw.decode("latin-1")}).encode() + b"\n" for raw in (ONE, TWO))
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


def messages(*paths: Path) -> list[bytes]:
    """Every message of the archives, as SMTP would carry it."""
    return [as_received(record.message()[1]) for record in records(list(paths))]


def faults(*paths: Path) -> list[str]:
    """Why records hold no message, "" for those that do."""
    return [_fault(record.message) for record in records(list(paths))]


def _fault(message: Callable[[], object]) -> str:
    try:
        message()
    except RecordError as error:
        return str(error)
    return ""


def write(path: Path, content: bytes) -> Path:
    """Write a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def tar(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar file of these members."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as container:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            container.addfile(info, io.BytesIO(content))
    return made.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as container:
        for name, content in members.items():
            container.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize(("name", "content"), [("a.mbox", MBOX), ("a.jsonl", LINES), ("a.tar", None)])
@pytest.mark.parametrize("named", [True, False])
def test_every_packing_of_every_form_gives_the_same(
    ending: str, name: str, content: bytes | None, named: bool, tmp_path: Path
) -> None:
    """What is packed is known by its first octets, whatever it is called."""
    content = content or tar({"one.eml": ONE, "two.eml": TWO})
    path = write(tmp_path / (name + ending if named else name), PACKERS[ending](content))
    assert messages(path) == [ONE, TWO]


@pytest.mark.parametrize("ending", PACKERS)
def test_members_one_behind_the_other(ending: str, tmp_path: Path) -> None:
    """Files that several processors packed are several members; all of them are read."""
    half = len(MBOX) // 2
    path = write(tmp_path / f"a.mbox{ending}", PACKERS[ending](MBOX[:half]) + PACKERS[ending](MBOX[half:]))
    assert messages(path) == [ONE, TWO]


@pytest.mark.parametrize("ending", PACKERS)
def test_what_is_cut_off_loses_its_end_alone(ending: str, tmp_path: Path) -> None:
    """The messages before the place are read, the place is named, and other files go on."""
    noise = b"".join(
        DATED + b"Subject: %d\n\n" % n + random.Random(n).randbytes(600).hex().encode() + b"\n\n" for n in range(1500)
    )
    packed = PACKERS[ending](noise)
    cut = write(tmp_path / f"a.mbox{ending}", packed[: len(packed) - len(packed) // 5])
    whole = write(tmp_path / "b.eml", TWO)
    found = faults(cut, whole)
    assert found[-1] == ""
    assert "cannot be unpacked" in found[-2]
    assert all(fault == "" for fault in found[:-2])
    assert len(found) > 2 or ending == ".bz2"  # of which only whole blocks can be read


def test_containers_of_messages(tmp_path: Path) -> None:
    """Members of tar and zip are messages or archives themselves; folders and hidden files are none."""
    members = {"x/one.eml": ONE, "x/.hidden": b"no", "box.mbox": MBOX, "x/two.eml.gz": gzip.compress(TWO)}
    for path in (
        write(tmp_path / "a.tar", tar(members)),
        write(tmp_path / "b.tar", tar(members, tarfile.GNU_FORMAT)),
        write(tmp_path / "a.zip", zipped(members)),
        write(tmp_path / "b.zip", zipped(members, zipfile.ZIP_BZIP2)),
    ):
        assert messages(path) == [ONE, ONE, TWO, TWO]
        assert [record.path.removeprefix(str(path)) for record in records([path])] == [
            ":x/one.eml",
            ":box.mbox:1",
            ":box.mbox:2",
            ":x/two.eml.gz",
        ]


def test_a_plain_tar_is_read_where_it_lies(tmp_path: Path) -> None:
    """Whoever judges opens the tar file itself: no message travels between processes."""
    path = write(tmp_path / "a.tar", tar({"one.eml": ONE, "box.mbox": MBOX, "n" * 150: TWO}))
    found = list(records([path]))
    assert [record.file for record in found] == [str(path)] * 4
    assert all(not record.data for record in found)
    assert found[-1].path == f"{path}:{'n' * 150}"


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_names_that_lead_elsewhere_are_only_shown(form: int, tmp_path: Path) -> None:
    """Nothing is extracted: a member called ../../x or /etc/x is read like any other, and links are passed over."""
    names = ["../../outside.eml", "/etc/outside.eml", "x" * 300 + ".eml"]
    path = write(tmp_path / "box" / "a.tar", tar(dict.fromkeys(names, ONE), form))
    assert [record.path for record in records([path])] == [f"{path}:{name}" for name in names]
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as container:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        container.addfile(link)
    assert messages(write(tmp_path / "box" / "b.tar", made.getvalue())) == []
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["a.tar", "b.tar", "box"]


def test_broken_containers_end_nothing(tmp_path: Path) -> None:
    """A container that is cut off or garbled, a locked member: named, and the next file is read."""
    whole, packed = tar({"one.eml": ONE, "two.eml": TWO}), zipped({"one.eml": ONE * 500, "two.eml": TWO})
    garbled = bytearray(whole)
    garbled[512 + -(-len(ONE) // 512) * 512 + 2] ^= 0xFF
    at = packed.index(b"PK\x03\x04", 10) - 200
    paths = [
        write(tmp_path / "a.tar", whole[:700]),
        write(tmp_path / "b.tar", bytes(garbled)),
        write(tmp_path / "c.zip", packed[: len(packed) // 2]),
        write(tmp_path / "d.zip", packed[:at] + b"\0\1\2\3" * 10 + packed[at + 40 :]),
        write(tmp_path / "e.zip", zipped({"one.eml": ONE}, zipfile.ZIP_LZMA)),
        write(tmp_path / "z.eml", TWO),
    ]
    for path in paths[:-1]:
        found = [fault for fault in faults(path, paths[-1]) if fault]
        assert 1 <= len(found) <= 2, path
        assert found[0].startswith(str(path))
        assert faults(path, paths[-1])[-1] == ""


def test_bombs_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to far more than mail does is left, in little memory; so is one message that never ends."""
    monkeypatch.setattr(archive_packing, "LEAST_BOUND", 2_000_000)
    monkeypatch.setattr(archive_splitting, "MOST_OCTETS", 500_000)
    zeros = b"\0" * 20_000_000
    letters = (DATED + UNIX[1] + b"\n") * 40_000
    paths = [
        write(tmp_path / "a.eml.gz", gzip.compress(zeros, 1)),
        write(tmp_path / "b.mbox.zst", PACKERS[".zst"](DATED + b"\n" + zeros)),
        write(tmp_path / "c.jsonl.xz", lzma.compress(zeros, preset=0)),
        write(tmp_path / "d.mbox.zst", PACKERS[".zst"](letters)),
        write(tmp_path / "e.tar.bz2", bz2.compress(tar({"x.eml": zeros}), 1)),
    ]
    del zeros, letters
    tracemalloc.start()
    found = [[fault for record in records([path]) if (fault := record.fault)] for path in paths]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert all(1 <= len(one) <= 2 for one in found)
    assert all("larger" in one[0] or "far more" in one[0] for one in found)
    assert peak < 15_000_000


def test_xz_that_wants_all_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How much memory unpacking takes is said by whoever packed; there is a bound."""
    monkeypatch.setattr(archive_packing, "MOST_WINDOW", 1_000_000)
    path = write(tmp_path / "a.eml.xz", lzma.compress(ONE, preset=6))
    assert "cannot be unpacked" in faults(path)[0]


def test_large_messages_are_named_and_the_next_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an mbox, JSON lines or alone, a message above the bound costs itself only."""
    monkeypatch.setattr(archive_splitting, "MOST_OCTETS", 500_000)
    large = UNIX[0] + b"word \n" * 400_000
    mbox = DATED + UNIX[0] + b"\n" + DATED + large + b"\n" + DATED + UNIX[1] + b"\n"
    lines = b"".join(json.dumps({"raw": raw.decode()}).encode() + b"\n" for raw in (UNIX[0], large, UNIX[1]))
    for path in (write(tmp_path / "a.mbox", mbox), write(tmp_path / "b.jsonl", lines)):
        found = faults(path)
        assert [bool(fault) for fault in found] == [False, True, False]
        assert found[1].startswith(f"{path}:2: is larger")
    assert "larger" in faults(write(tmp_path / "c.eml", large))[0]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_sentences_that_begin_with_from_part_no_message(end: bytes, tmp_path: Path) -> None:
    """Where separators tell a time, a paragraph "From here on" that nobody quoted is text."""
    text = b"A: b\n\nFirst.\n\nFrom here on it is late, at 10:00.\n\nFrom 2026 on too.\n"
    content = (DATED + text + b"\n" + b"From c at d  Sun Nov 22 10:00:00 2026\n" + UNIX[1] + b"\n").replace(b"\n", end)
    found = messages(write(tmp_path / "a.mbox", content))
    assert found == [as_received(text), TWO]


def test_separators_without_a_time(tmp_path: Path) -> None:
    """Where the first separator tells no time, every "From " behind an empty line parts messages."""
    content = b"From someone\n" + UNIX[1] + b"\nFrom another\n" + UNIX[1] + b"\n"
    assert messages(write(tmp_path / "a", content)) == [TWO, TWO]


def test_told_lengths_count_where_they_can_be_true(tmp_path: Path) -> None:
    """Of mboxcl the told length parts messages, also over separators inside; a length that cannot be true does not."""
    body = b"x\n\n" + DATED + b"Subject: inside\n\ny\n"
    whole = b"Content-Length: %d\nSubject: a\n\n" % len(body) + body
    wrong = b"Content-Length: 7\nSubject: b\n\nlonger than seven\n"
    content = DATED + whole + b"\n" + DATED + wrong + b"\n" + DATED + UNIX[1]
    assert messages(write(tmp_path / "a.mbox", content)) == [as_received(whole), as_received(wrong), TWO]


def test_quoted_lines_lose_one_sign(tmp_path: Path) -> None:
    """mboxrd puts one ">" more in front of what has some already."""
    content = DATED + b"A: b\n\n>From x\n>>From y\n> From z\n>from w\n\n"
    assert messages(write(tmp_path / "a.mbox", content)) == [
        b"A: b\r\n\r\nFrom x\r\n>From y\r\n> From z\r\n>from w\r\n"
    ]


def test_small_steps_find_the_same_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a block happens to end changes nothing."""
    content = (DATED + b"A: b\r\n\r\nx\r\n\r\n" + MBOX) * 5
    path = write(tmp_path / "a.mbox", content)
    expected = messages(path)
    assert len(expected) == 15
    for size in (1, 2, 3, 7, 50):
        monkeypatch.setattr("listward.cli.archive_window.BLOCK", size)
        assert messages(path) == expected


def test_empty_and_missing_messages(tmp_path: Path) -> None:
    """An empty file is no message; one whose file is gone or has changed when it is read says so."""
    empty = write(tmp_path / "a.eml", b"")
    mbox = write(tmp_path / "b.mbox", DATED + b"\n" + DATED + UNIX[1])
    assert faults(empty, mbox) == [f"{empty}: is empty", f"{mbox}:1: is empty", ""]
    path = write(tmp_path / "c.eml", ONE)
    (record,) = records([path])
    path.write_bytes(b"x")
    assert "has changed" in _fault(record.message)
    path.unlink()
    assert "cannot be read" in _fault(record.message)


def test_hostile_lines_of_json_are_named(tmp_path: Path) -> None:
    """Deep nesting, endless numbers and letters that no charset has end nothing."""
    lines = [b"[" * 100_000, b'{"raw": ' + b"1" * 10_000 + b"}", b'{"raw": "\\ud800 x"}', b'{"text": "\\udfff"}']
    found = faults(write(tmp_path / "a.jsonl", b"\n".join(lines)))
    assert [bool(fault) for fault in found] == [True, True, False, False]


def test_folders_nest_and_maildirs_have_folders(tmp_path: Path) -> None:
    """Maildirs lie in folders and hold folders of their own, whose names begin with a dot; tmp is nobody's yet."""
    names = ["a/x.eml", "box/.Sent/cur/1:2,S", "box/cur/2", "box/new/1", "z.mbox"]
    for name in (*names, "box/tmp/3", "box/dovecot-uidlist", ".git/config", "a/readme.md"):
        write(tmp_path / name, ONE)
    found = [str(path.relative_to(tmp_path)) for path in files([tmp_path])]
    assert found == ["a/x.eml", "box/cur/2", "box/new/1", "box/.Sent/cur/1:2,S", "z.mbox"]


def test_zip_members_are_bounded_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many members unpack to far too much, together they give no more than one packed file may."""
    monkeypatch.setattr(archive_packing, "LEAST_BOUND", 200_000)
    monkeypatch.setattr(archive_packing, "MOST_RATIO", 20)
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for number in range(20):
            container.writestr(f"{number}.mbox", MBOX + (DATED + b"Subject: x\n\nx\n\n") * 2000)
    said = faults(path)
    assert sum(map(bool, said)) >= 10
    assert all("far more than mail does" in fault for fault in said if fault)
    assert len(said) < 8000


def test_links_in_circles_and_deep_folders_end_nothing(tmp_path: Path) -> None:
    """A link to itself is no message, a link upwards is not followed, and folders may nest as deep as names go."""
    (tmp_path / "one.eml").write_bytes(ONE)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "cur").symlink_to("cur")
    (tmp_path / "up").symlink_to(".")
    deep = [tmp_path]
    for _ in range(1100):
        deep.append(deep[-1] / "d")
        deep[-1].mkdir()
    (deep[-1] / "two.eml").write_bytes(TWO)
    try:
        assert sorted(messages(tmp_path)) == sorted([ONE, TWO])
    finally:
        (deep[-1] / "two.eml").unlink()
        for folder in reversed(deep[1:]):
            folder.rmdir()
