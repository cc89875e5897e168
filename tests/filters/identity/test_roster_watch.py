"""Rosters are looked at without any message, and their age and trouble can be seen."""

import asyncio
import io
import json
import os
import time
from pathlib import Path

from identity_world import BOARD, ROSTER, rosters, site

from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_watch import RosterWatch, keep_fresh
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics


def _value(metrics: Metrics, name: str, label: str) -> float | None:
    return metrics.registry.get_sample_value(f"listward_{name}", {"list": label})


def _events(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_a_change_is_taken_up_without_any_message(tmp_path: Path) -> None:
    """Nobody asks for anybody, and yet the new people are there soon."""
    found, metrics, stream, stop = rosters(tmp_path), Metrics(), io.StringIO(), asyncio.Event()
    watching = asyncio.create_task(keep_fresh(lambda: found, metrics, MailLog(b"k", stream), stop, every_s=0.05))
    path = tmp_path / "board.csv"
    (tmp_path / "new").write_text(ROSTER + "new@b.example,New,member,\n", encoding="utf-8")
    os.utime(tmp_path / "new", (1, 1))
    (tmp_path / "new").rename(path)
    deadline = time.monotonic() + 10
    while _value(metrics, "roster_members", "board") != 6 and time.monotonic() < deadline:  # noqa: ASYNC110  # nobody sets an event for a gauge
        await asyncio.sleep(0.02)
    stop.set()
    await watching
    assert _value(metrics, "roster_members", "board") == 6
    assert [(line["event"], line["list"], line["people"]) for line in _events(stream)] == [
        ("roster-loaded", BOARD, 5),
        ("roster-loaded", BOARD, 6),
    ]


def test_age_and_trouble_are_told_once(tmp_path: Path) -> None:
    """The age grows while a file is broken; the log says where, once, and quotes nothing of it."""
    clock, stream, metrics = [0.0], io.StringIO(), Metrics()
    found = rosters(tmp_path, clock=lambda: clock[0])
    watch = RosterWatch(metrics, MailLog(b"k", stream), lambda: time.time() + clock[0])
    watch.look(found)
    watch.tell(found)
    assert (_value(metrics, "roster_age_seconds", "board") or 0) < 5
    (tmp_path / "board.csv").write_text("address,name,role\nsecret person,X,member\n", encoding="utf-8")
    os.utime(tmp_path / "board.csv", (1, 1))
    for _ in range(3):
        clock[0] += 100
        watch.look(found)
        watch.tell(found)
    assert (_value(metrics, "roster_age_seconds", "board") or 0) >= 300
    assert _value(metrics, "roster_members", "board") == 5
    refused = [line for line in _events(stream) if line["event"] == "roster-refused"]
    assert [(line["faults"], line["first"]) for line in refused] == [(1, "board.csv:2: address")]
    assert "secret" not in stream.getvalue()


def test_a_roster_never_read_is_very_old(tmp_path: Path) -> None:
    """So an alert on the age finds it too."""
    metrics = Metrics()
    RosterWatch(metrics, MailLog(b"k", io.StringIO())).tell(SiteRosters(site(tmp_path)))
    assert (_value(metrics, "roster_age_seconds", "board") or 0) > 1e9
    assert _value(metrics, "roster_members", "board") == 0


def test_many_lists_are_one_series(tmp_path: Path) -> None:
    """Above 500 lists there is one age, that of the oldest, and one count."""
    (tmp_path / "board.csv").write_text(ROSTER, encoding="utf-8")
    lists = [
        {"address": f"l{at}@p.example", "zone": "members", "next_hop": "lmtp://127.0.0.1:1", "roster": "board.csv"}
        for at in range(501)
    ]
    metrics = Metrics()
    found, watch = SiteRosters(site(tmp_path, list=lists)), RosterWatch(metrics, MailLog(b"k", io.StringIO()))
    watch.look(found)
    watch.tell(found)
    assert _value(metrics, "roster_members", "") == 501 * 5
    assert _value(metrics, "roster_members", "l0") is None


async def test_a_fault_of_ours_does_not_end_the_watch(tmp_path: Path) -> None:
    """Whatever breaks one look, the next ones go on."""
    found, stream, stop, looks = rosters(tmp_path), io.StringIO(), asyncio.Event(), list[int]()

    def current() -> SiteRosters:
        looks.append(1)
        if len(looks) == 1:
            raise ValueError("secret")
        stop.set()
        return found

    await asyncio.wait_for(keep_fresh(current, Metrics(), MailLog(b"k", stream), stop, every_s=0.01), 10)
    assert [(line["event"], line.get("reason")) for line in _events(stream)] == [
        ("duty-trouble", "ValueError"),
        ("roster-loaded", None),
    ]
