"""The whole gateway walks: in by SMTP, judged, relayed or held, released, counted, and nothing lost by a kill."""

import hashlib
import os
import signal
import urllib.request
from pathlib import Path
from uuid import uuid4

import pytest
from messages import build
from promised_metrics import PROMISED
from running import APPEAL, Running
from scripted_hop import ScriptedHop

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]
MEMBERS = "members@party.example"
ANN, BEN, STRANGER = "ann@members.example", "ben@members.example", "sales@elsewhere.example"


def post(author: str, subject: str, text: str, to: str = MEMBERS) -> bytes:
    return build(from_=author, to=to, subject=subject, text=text, message_id=f"<{uuid4()}@test.example>")


def body_of(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2]


def test_a_members_post_arrives_byte_for_byte(running: Running, list_server: ScriptedHop) -> None:
    """250 means that the list server has it: the body and every field of the author's, below ours."""
    raw = post(ANN, "Tea on Friday", "Who brings the cake?\n.\n..dots\n")
    answer = running.send(ANN, MEMBERS, raw)
    assert answer.code == 250, answer
    arrived = list_server.messages[0].data
    assert arrived.endswith(raw)
    ours = arrived[: -len(raw)].decode()
    assert "Authentication-Results: lists.party.example" in ours
    assert "X-Listward-Id:" in ours
    assert ours.count("Received:") == 1
    assert "127.0.0.1" not in ours


def test_a_held_message_is_released_once(running: Running, list_server: ScriptedHop) -> None:
    """A plea is held with its reason, released from the terminal, and arrives exactly once."""
    raw = post(BEN, "I need your help", APPEAL)
    answer = running.send(BEN, MEMBERS, raw)
    assert answer.code == 250
    assert "A moderator reads it first" in answer.text
    assert list_server.messages == []
    (case,) = running.cases()
    number = str(case["number"])
    assert number in answer.text
    again = running.send(BEN, MEMBERS, raw)
    assert number in again.text, "a retry must name the same case"
    assert running.command("queue", "release", number)[0] == 0
    running.wait_for(lambda: len(list_server.messages) == 1, "the released message")
    assert hashlib.sha256(body_of(list_server.messages[0].data)).digest() == hashlib.sha256(body_of(raw)).digest()
    assert running.command("queue", "release", number)[0] == 1
    assert running.send(ANN, MEMBERS, post(ANN, "Later", "And now something else.")).code == 250
    running.wait_for(lambda: len(list_server.messages) == 2, "the later message")
    assert running.command("audit", "verify")[0] == 0


def test_a_retry_makes_no_second_post(running: Running, list_server: ScriptedHop) -> None:
    """The same message again is answered with 250 and not posted again."""
    raw = post(ANN, "Once", "Only once, please.")
    assert running.send(ANN, MEMBERS, raw).code == 250
    assert running.send(ANN, MEMBERS, raw).code == 250
    assert len(list_server.messages) == 1


@pytest.mark.parametrize(
    ("sender", "recipient", "code", "enhanced"),
    [
        (ANN, "choir@party.example", 550, "5.1.1"),
        (ANN, "someone@elsewhere.example", 550, "5.1.1"),
        (STRANGER, "board@party.example", 550, "5.7.2"),
        ("chair@party.example", MEMBERS, 550, "5.7."),
    ],
)
def test_what_is_not_ours_to_carry_is_refused(
    running: Running, list_server: ScriptedHop, sender: str, recipient: str, code: int, enhanced: str
) -> None:
    """No open relay, no outsider on an internal list, no forged officer; nothing goes on."""
    answer = running.send(sender, recipient, post(sender, "Hello", "Good morning.", recipient))
    assert (answer.code, answer.text.startswith(enhanced)) == (code, True), answer
    assert list_server.messages == []


def test_killed_workers_and_store_lose_no_hold(running: Running, list_server: ScriptedHop) -> None:
    """Everything that got 250 is there after kill -9 of the gateway worker and of the store."""
    numbers = set()
    for index in range(6):
        answer = running.send(BEN, MEMBERS, post(BEN, f"Help {index}", APPEAL))
        assert answer.code == 250, answer
        if index == 2:
            kill(running, "valkey-server")
            running.wait_for(lambda: running.command("queue", "list")[0] == 0, "the store's return")
    for case in running.cases():
        numbers.add(str(case["number"]))
    assert len(numbers) == 6
    running.kill()
    running.start()
    assert {str(case["number"]) for case in running.cases()} == numbers
    assert list_server.messages == []


def kill(running: Running, name: str) -> None:
    pids = running.children(name)
    assert pids, f"no {name} among the children"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def scrape(running: Running) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{running.metrics}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def test_one_scrape_counts_what_happened(running: Running) -> None:
    """The metrics endpoint tells accepted and refused mail, with no address in it."""
    running.send(ANN, MEMBERS, post(ANN, "Count me", "One."))
    running.send(STRANGER, "board@party.example", post(STRANGER, "No", "Two.", "board@party.example"))
    took = 'listward_filter_seconds_count{filter="spam-model"} 2.0'
    running.wait_for(lambda: took in scrape(running), "what the filters took")  # it is passed on every second
    text = scrape(running)
    assert 'listward_messages_total{action="accept",list="members",listener="ingress"} 1.0' in text
    assert 'listward_messages_total{action="reject",list="board",listener="ingress"} 1.0' in text
    assert "members.example" not in text
    assert "elsewhere.example" not in text
    assert "listward_store_durable 1.0" in text
    for name in PROMISED:
        assert f"\nlistward_{name}" in text, name


def test_logs_hold_no_address_and_no_text(running: Running) -> None:
    """Neither addresses nor subjects nor text of any message reach the log."""
    running.send(BEN, MEMBERS, post(BEN, "Zebra crossing", APPEAL))
    running.send(ANN, MEMBERS, post(ANN, "Zebra crossing", "Quagga sighted."))
    log = running.log()
    assert '"event"' in log
    for secret in ("members.example", "Zebra", "Quagga", "rent"):
        assert secret not in log


def test_a_reload_takes_and_a_broken_one_changes_nothing(running: Running) -> None:
    """With a broken file the old configuration stays, for a restarted worker too; a good one is served."""
    site = Path(running.folder / "site.toml")
    good = site.read_text(encoding="utf-8")
    site.write_text(good.replace('zone = "members"', 'zone = "private"'), encoding="utf-8")
    running.hang_up()
    running.wait_for(lambda: "config-refused" in running.log(), "the refusal in the log")
    assert "listward_config_valid 0.0" in scrape(running)
    kill(running, "lw:gateway-0")
    running.wait_for(lambda: bool(running.children("lw:gateway-0")), "the worker's return")
    assert running.send(ANN, MEMBERS, post(ANN, "Still there", "Yes.")).code == 250
    site.write_text(good.replace("board@party.example", "council@party.example"), encoding="utf-8")
    running.hang_up()
    running.wait_for(lambda: "config-loaded" in running.log(), "the new configuration in the log")
    running.wait_for(lambda: "listward_config_valid 1.0" in scrape(running), "a valid configuration in the metrics")
    refused = running.send(ANN, "board@party.example", post(ANN, "Gone", "No.", "board@party.example"))
    assert refused.text.startswith("5.1.1")


def test_check_reads_the_live_store_when_asked(running: Running, tmp_path: Path) -> None:
    """`check --store` explains with the running store; once it is gone, the command says so and exits with 3."""
    mail = tmp_path / "mail.eml"
    mail.write_bytes(post(BEN, "Help", APPEAL))
    code, said = running.command("check", str(mail), "--origin", "member", "--store")
    assert (code, said.startswith("Held")) == (0, True), said
    running.stop()
    code, said = running.command("check", str(mail), "--origin", "member", "--store")
    assert (code, said.count("\n")) == (3, 1)
    assert "the store does not answer" in said


def test_a_stop_is_in_order(running: Running) -> None:
    """SIGTERM ends everything with 0, and the next start serves again."""
    assert running.stop() == 0
    running.start()
    assert running.send(ANN, MEMBERS, post(ANN, "Again", "We are back.")).code == 250
