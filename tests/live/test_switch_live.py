"""Reloads of a running gateway under load: every message is judged by one good policy, every process by the same."""

import json
import os
import re
import resource
import signal
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dns_server import DnsServer
from running import Running
from scripted_hop import ScriptedHop

from listward.config.find import DEFAULTS
from listward.config.load import load

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

SHIPPED = (DEFAULTS / "policy.toml").read_text(encoding="utf-8")
HOLD_ALL = """
[[rule]]
name = "everything-{name}"
stage = "content"
action = "hold"
queue = "moderators"
words = "A moderator reads it first."
when = {{ origin = ["unproven", "known", "member"] }}
"""
PEOPLE = """
[[group]]
name = "moderators"
members = ["mod@party.example"]

[[queue]]
name = "moderators"
group = "moderators"
"""


@dataclass
class Load:
    """Clients that send one message after the other; what was answered."""

    running: Running
    answers: list[int] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def send(self, client: int) -> None:
        """Send until told to stop."""
        number = 0
        while not self.stop.is_set():
            number += 1
            raw = (
                "From: Cid Alma <cid@elsewhere.example>\r\nTo: members@party.example\r\n"
                f"Subject: Hall {client} {number}\r\nMessage-ID: <{client}.{number}@elsewhere.example>\r\n\r\n"
                "Is the hall free on Monday?\r\n"
            )
            try:
                answer = self.running.send("cid@elsewhere.example", "members@party.example", raw.encode())
                self.answers.append(answer.code)
            except OSError:
                self.answers.append(0)  # its worker was killed


@contextmanager
def under_load(running: Running, clients: int = 2) -> Iterator[Load]:
    """Clients around a block."""
    work = Load(running)
    threads = [threading.Thread(target=work.send, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield work
    finally:
        work.stop.set()
        for thread in threads:
            thread.join(60)


@pytest.fixture
def two(tmp_path: Path, names: DnsServer, list_server: ScriptedHop) -> Iterator[Running]:
    """Two workers, and a policy of its own that holds all mail."""
    running = Running(tmp_path / "site", names.address, list_server.url, more=PEOPLE, workers=2)
    write(running, "a")
    with running:
        yield running


def write(running: Running, name: str) -> str:
    """Write a policy as an editor does, in one step; return its hash."""
    fresh = running.folder / "fresh"
    fresh.write_text(SHIPPED + HOLD_ALL.format(name=name), encoding="utf-8")
    fresh.replace(running.folder / "policy.toml")
    return load(running.folder).policy.digest


def stands(running: Running) -> dict[str, str]:
    """Which process says that it runs which policy."""
    said = json.loads((running.folder / "var" / "run.running.json").read_text(encoding="utf-8"))
    return {name: runs["label"] for name, runs in said["processes"].items()} if said["phase"] == "idle" else {}


def held_under(running: Running) -> list[str]:
    """The policy's hash of every case, in the order of cases."""
    return [entry["policy"] for entry in audited(running) if entry["verb"] == "hold"]


def audited(running: Running) -> list[dict[str, str]]:
    """Every audit entry."""
    code, output = running.command("audit", "export")
    assert code == 0, output
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [entry.get("entry", entry) for entry in lines]


def test_twenty_changes_under_load(two: Running) -> None:
    """Good ones are taken up by all within five seconds, broken ones by nobody; no message knows a third policy."""
    good = {"a": write(two, "a")}
    good["b"] = write(two, "b")
    with under_load(two) as work:
        runs = good["a"]
        for turn in range(20):
            broken = turn % 5 == 3
            if broken:
                (two.folder / "policy.toml").write_text("[[rule]]\nname = 7\n", encoding="utf-8")
                refusals = two.log().count("reload refused")
            else:
                runs = write(two, "ab"[turn % 2])
            began = time.monotonic()
            two.hang_up()
            if broken:
                two.wait_for(lambda seen=refusals: two.log().count("reload refused") > seen, "a refusal", 5)
            two.wait_for(lambda wanted=runs: set(stands(two).values()) == {wanted}, "one policy", 5)
            assert time.monotonic() - began < 5
            assert len(stands(two)) == 4
    assert set(work.answers) == {250}
    hashes = held_under(two)
    assert len(hashes) == len(work.answers)
    assert set(hashes) == set(good.values())


def test_a_worker_that_dies_in_the_middle_ends_up_with_the_rest(two: Running) -> None:
    """Whichever way it goes, all go by the same, and no message by anything else."""
    good = {write(two, "a")}
    with under_load(two):
        for turn in range(4):
            good.add(write(two, "ba"[turn % 2]))
            two.hang_up()
            victims = two.children(f"lw:gateway-{turn % 2}")
            for victim in victims:
                os.kill(victim, signal.SIGKILL)
            two.wait_for(lambda: len(stands(two)) == 4 and len(set(stands(two).values())) == 1, "one policy", 15)
    wanted = write(two, "b")
    assert two.command("reload")[0] == 0
    assert set(stands(two).values()) == {wanted}
    assert set(held_under(two)) <= good


def test_one_that_cannot_prepare_keeps_all_from_switching(two: Running) -> None:
    """A worker that may open no more files says so; all judge by the old rules, and the reason is told."""
    before = stands(two)
    assert len(set(before.values())) == 1
    worker = two.children("lw:gateway-1")[0]
    opened = len(list(Path(f"/proc/{worker}/fd").iterdir()))
    _, hard = resource.prlimit(worker, resource.RLIMIT_NOFILE)
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (opened // 2, hard))
    wanted = write(two, "b")
    code, said = two.command("reload")
    assert code == 1
    assert "gateway-1 cannot use it" in said
    assert stands(two) == before
    assert "config-refused" in two.log()
    code, said = two.command("doctor")
    assert code == 1
    assert "refused a reload" in said
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (hard, hard))
    code, said = two.command("reload")
    assert (code, said.splitlines()[0]) == (0, f"All 4 processes run policy {wanted[:12]} now.")
    two.wait_for(lambda: two.command("doctor")[0] == 0, "a doctor who finds nothing")


def test_reload_says_how_it_went(two: Running) -> None:
    """1 for a file that cannot be used, and nobody is signalled; 3 where nothing runs."""
    before = stands(two)
    (two.folder / "policy.toml").write_text("nonsense", encoding="utf-8")
    code, said = two.command("reload")
    assert code == 1
    assert "policy.toml:1" in said
    assert "reload refused" not in two.log()
    assert stands(two) == before
    write(two, "b")
    two.stop()
    code, said = two.command("reload")
    assert code == 3
    assert "nothing runs" in said


def metric(running: Running, name: str) -> float:
    """One value of the scrape."""
    with urllib.request.urlopen(f"http://127.0.0.1:{running.metrics}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return float(next(line for line in lines if line.startswith(f"listward_{name} ")).split()[1])


def approve(running: Running, digest: str) -> None:
    """Write whose rules are approved into site.toml."""
    path = running.folder / "site.toml"
    text = re.sub(r'approved_hash = "\w*"', f'approved_hash = "{digest}"', path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")


def test_only_approved_rules_are_taken_up(tmp_path: Path, names: DnsServer, list_server: ScriptedHop) -> None:
    """Others are refused, loudly, by the command and by SIGHUP; after a restart, too, those approved last run."""
    table = '[policy]\nrequire_approval = true\napproved_by = "The board"\napproved_hash = ""\n'
    running = Running(tmp_path / "site", names.address, list_server.url, more=table + PEOPLE)
    first = write(running, "a")
    approve(running, first)
    with running:
        running.wait_for(lambda: set(stands(running).values()) == {first}, "the approved rules")
        assert (metric(running, "policy_approved"), metric(running, "config_valid")) == (1, 1)
        second = write(running, "b")
        code, said = running.command("reload")
        assert code == 1
        assert f"policy {second[:12]} is not approved" in said
        running.hang_up()
        running.wait_for(lambda: "is not approved" in running.log(), "a refusal")
        running.wait_for(lambda: metric(running, "config_valid") == 0, "the metric")
        assert set(stands(running).values()) == {first}
        running.stop()
        running.start()
        running.wait_for(lambda: set(stands(running).values()) == {first}, "the approved rules again")
        assert f"running the approved policy {first[:12]}" in running.log()
        approve(running, second[:12].upper())
        code, said = running.command("reload")
        assert (code, said.splitlines()[1:]) == (0, ["Approved by The board."])
        assert set(stands(running).values()) == {second}
        assert (metric(running, "policy_approved"), metric(running, "config_valid")) == (1, 1)
        changes = [entry for entry in audited(running) if entry["verb"] == "policy-changed"]
        assert [(entry["before"], entry["after"]) for entry in changes] == [(first, second)]


def test_the_console_answers_all_the_while(two: Running) -> None:
    """One set of rules follows the other without a request refused or broken."""
    stop, failed, answered = threading.Event(), [], []

    def ask() -> None:
        while not stop.is_set():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{two.console}/readyz", timeout=10) as answer:
                    answered.append(json.loads(answer.read())["policy"])
            except OSError as error:
                failed.append(repr(error))

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for each in asking:
        each.start()
    wanted = [write(two, "ba"[turn % 2]) for turn in range(2)]
    try:
        for turn in range(6):
            write(two, "ba"[turn % 2])
            two.hang_up()
            two.wait_for(lambda turn=turn: set(stands(two).values()) == {wanted[turn % 2]}, "one policy", 5)
            seen = len(answered)
            two.wait_for(lambda turn=turn, seen=seen: wanted[turn % 2] in answered[seen:], "an answer by it")
    finally:
        stop.set()
        for each in asking:
            each.join(15)
    assert not failed
    assert set(answered) == set(wanted)


def test_a_second_supervisor_does_not_start(two: Running) -> None:
    """Two on one state would judge twice by two sets of rules; the first goes on."""
    code, said = two.command("run")
    assert code == 3
    assert "it runs already" in said
    assert len(stands(two)) == 4
