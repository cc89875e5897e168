"""The roster of a running gateway: changed files count without a reload, for every address of a person."""

import os
import re
import time
import urllib.request
from uuid import uuid4

import pytest
from messages import build
from running import Running
from scripted_hop import ScriptedHop

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]
MEMBERS = "members@party.example"
NEW, OTHER = "new@members.example", "new.too@members.example"
COLUMNS = "address,name,role,other_addresses,until,reason\n"


def _send(running: Running, author: str, subject: str) -> int:
    raw = build(from_=author, to=MEMBERS, subject=subject, text="Tea?\n", message_id=f"<{uuid4()}@test.example>")
    return running.send(author, MEMBERS, raw).code


def _gauge(running: Running, name: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{running.metrics}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    found = re.search(rf'^listward_{name}{{list="members"}} (\S+)$', text, re.MULTILINE)
    assert found, f"{name} is not among the metrics"
    return float(found[1])


def _replace(running: Running, rows: str) -> None:
    """Put a whole new file in the old one's place, as a careful program does."""
    new = running.folder / "members.new"
    new.write_text(rows, encoding="utf-8")
    hour_ago = time.time() - 3600
    os.utime(new, (hour_ago, hour_ago))
    new.rename(running.folder / "members.csv")


def _posted(running: Running, list_server: ScriptedHop, author: str) -> None:
    """Each process takes the new roster up in its own second: until then the author is a stranger."""
    before = len(list_server.messages)
    running.wait_for(
        lambda: _send(running, author, f"Tea {uuid4()}") == 250 and len(list_server.messages) > before, "a post"
    )


def _people_are(running: Running, count: int) -> None:
    running.wait_for(lambda: _gauge(running, "roster_members") == count, f"a roster of {count}")


def test_a_roster_changes_without_a_reload(running: Running, list_server: ScriptedHop) -> None:
    """Who joins may post by each address; a broken file changes nothing and ages; a ban ends both addresses' posts."""
    _people_are(running, 2)
    _replace(running, f"{COLUMNS}{NEW},New Person,member,{OTHER},,\n")
    _people_are(running, 1)
    _posted(running, list_server, NEW)
    _posted(running, list_server, OTHER)
    code, said = running.command("roster", "show", "members", "--json")
    assert code == 0
    assert f'"other_addresses": ["{OTHER}"]' in said

    _replace(running, f"{COLUMNS}nobody,Nobody,king\n")
    running.wait_for(lambda: _gauge(running, "roster_age_seconds") > 2, "an age")
    assert _gauge(running, "roster_members") == 1
    assert '"event":"roster-refused"' in running.log()
    posts = len(list_server.messages)
    assert _send(running, NEW, "Still here") == 250
    assert len(list_server.messages) == posts + 1

    _replace(running, f"{COLUMNS}{NEW},New Person,banned,{OTHER},2999-01-01,§ 4\n")
    # The oldest copy of all processes is told, so each has the new one.
    running.wait_for(lambda: _gauge(running, "roster_age_seconds") < 2, "a good roster")
    for address in (NEW, OTHER):
        _send(running, address, "After the ban")
    assert len(list_server.messages) == posts + 1


def test_the_first_posts_of_a_person_are_held(running: Running, list_server: ScriptedHop) -> None:
    """Two are looked at and released; the third goes straight through."""
    _replace(running, f"address,name,role,first_posts_moderated\n{NEW},New Person,member,2\n")
    _people_are(running, 1)
    running.wait_for(lambda: _gauge(running, "roster_age_seconds") < 2, "the roster in use")
    for count in (1, 2):
        assert _send(running, NEW, f"Post {count}") == 250
        (case,) = running.cases()
        assert len(list_server.messages) == count - 1
        assert running.command("queue", "release", str(case["number"]))[0] == 0
        running.wait_for(lambda wanted=count: len(list_server.messages) == wanted, "it")  # type: ignore[misc]  # a default binds it now
    # The courier notes a delivery beside other work, so the next post may still be looked at.
    _posted(running, list_server, NEW)
