"""The whole gateway under hostile mail: every message gets its answer, and nobody else notices.

While the attacks come, a member's ordinary posts have to be taken within two seconds each, the worker with its reader
stays below 300 MiB, no reply tells anything of the inside, and the list server gets well-formed lines only.
"""

import json
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hostile_run import BEN, MEMBERS, Said, Watch
from running import Running
from scripted_hop import ScriptedHop
from size_attacks import LARGE, SMALL

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("hostile"), pytest.mark.timeout(600)]
SUFFIXES = {".eml", ".msg", ".txt", ".message"}
# Files that only say something about the others.
NOT_MAIL = {"LICENSE.txt", "ARTISTIC-LICENSE.txt", "COPYING.txt"}
ENHANCED = {2: "2.", 4: "4.", 5: "5."}


def well_formed(content: bytes) -> bool:
    """Whether CR and LF come only as a pair, and NUL never (RFC 5321 section 2.3.8)."""
    left = content.replace(b"\r\n", b"")
    return not any(octet in left for octet in (b"\r", b"\n", b"\0"))


def answered(said: Said) -> bool:
    """Whether this is one whole reply of a known class with its enhanced code (RFC 2034)."""
    return said.code // 100 in ENHANCED and said.text.startswith(ENHANCED[said.code // 100])


def judge(watch: Watch, list_server: ScriptedHop) -> None:
    """What must hold after any run."""
    assert [said for said in watch.replies if not answered(said)] == []
    assert all(well_formed(taken.data) for taken in list_server.messages)
    assert len(list_server.messages) == len(list_server.contents)
    watch.check()


def went_on(list_server: ScriptedHop, raw: bytes) -> bool:
    """Whether the list server has this message."""
    body = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")[2][-200:]
    return any(taken.data.endswith(body) for taken in list_server.messages[-3:])


@pytest.mark.parametrize("name", SMALL)
def test_small_attacks(name: str, gateway: Running, list_server: ScriptedHop) -> None:
    """Some hundred kilobytes that cost a careless parser minutes are answered at once, and not accepted."""
    raw = SMALL[name]()
    with Watch(gateway) as watch:
        said = watch.send(raw)
    judge(watch, list_server)
    assert not went_on(list_server, raw), said


@pytest.mark.long
@pytest.mark.parametrize("name", LARGE)
def test_large_attacks(name: str, gateway: Running, list_server: ScriptedHop) -> None:
    """Megabytes of the same kind."""
    with Watch(gateway) as watch:
        said = watch.send(LARGE[name]())
    judge(watch, list_server)
    assert said.code != 452, "one message alone finds room"
    list_server.contents.clear()
    list_server.messages.clear()


@pytest.mark.long
def test_large_attacks_together(gateway: Running, list_server: ScriptedHop) -> None:
    """Five at a time, for as long as it takes."""
    with Watch(gateway) as watch, ThreadPoolExecutor(5) as pool:
        for said in pool.map(lambda name: watch.send_alone(LARGE[name]()), LARGE):
            watch.replies.append(said)
    judge(watch, list_server)
    list_server.contents.clear()
    list_server.messages.clear()


@pytest.mark.shared
def test_smuggling(gateway: Running, list_server: ScriptedHop, shared: Path) -> None:
    """Of each published sequence the list server gets one well-formed message at most, and never what was smuggled."""
    matrix = json.loads((shared / "conformance/smuggling/matrix.json").read_text())
    head = matrix["prefix"].replace("list@example.com", MEMBERS).encode()
    inner = matrix["inner"].replace("list@example.com", MEMBERS).encode()
    with Watch(gateway) as watch:
        for row in matrix["sequences"]:
            before = len(list_server.contents)
            unique = head.replace(b"<outer@", f"<{row['id']}@".encode())
            watch.talk(unique + bytes.fromhex(row["bytes_hex"]) + inner + b"\r\n.\r\nQUIT\r\n")
            ours = [content for content in list_server.contents[before:] if b"Subject: Tea" not in content]
            assert len(ours) <= 1, row["id"]
            assert not any(content.startswith(b"From: ceo@") for content in ours), row["id"]
    assert all(b"smuggled@" not in command for command in list_server.commands)
    judge(watch, list_server)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "may_pass"),
    [("mime-ambiguity", False), ("scan-samples", False), ("hostile-content", True), ("mime", True), ("dkim", True)],
)
def test_shared_vectors(folder: str, may_pass: bool, gateway: Running, list_server: ScriptedHop, shared: Path) -> None:
    """Every file is answered; what hides something never reaches the list by itself."""
    files = [path for path in sorted((shared / "conformance" / folder).rglob("*")) if path.suffix in SUFFIXES]
    files = [path for path in files if path.name not in NOT_MAIL]
    assert files
    passed = []
    with Watch(gateway) as watch:
        for path in files:
            raw = path.read_bytes()
            watch.send(raw, BEN)
            if not may_pass and went_on(list_server, raw):
                passed.append(path.name)
    judge(watch, list_server)
    assert passed == []


@pytest.mark.shared
def test_forged_mail(gateway: Running, list_server: ScriptedHop, shared: Path) -> None:
    """Mail that poses as somebody is answered like any other."""
    cases = json.loads((shared / "conformance/spoof/cases.json").read_text())
    with Watch(gateway) as watch:
        for case in cases:
            watch.send(b64decode(case["message_b64"]), case["mail_from"] or "")
    judge(watch, list_server)
