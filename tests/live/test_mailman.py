"""With a real Mailman 3 behind: posts reach subscribers, held ones after release and once; inside stays inside."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import mailman_server
import pytest
from arc_world import by_dkimpy
from dns_server import DnsServer
from free_ports import free_ports
from hop_thread import HopThread
from mailman_server import MailmanServer
from messages import build
from running import APPEAL, ZONE, Running
from scripted_hop import ScriptedHop

from listward.config.load import load
from listward.config.signing_key import make_signing_key, read_signing_key, zone_line
from listward.queue.courier.mailman import rows
from listward.queue.courier.mailman.asking import Asker

pytestmark = [
    pytest.mark.mailman,
    pytest.mark.xdist_group("mailman"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        not mailman_server.installed(),
        reason="needs Mailman 3 in .venv-mailman: `make test` installs it with Python 3.11 or 3.12",
    ),
]
MEMBERS, BOARD, GUILD = "members@party.example", "board@party.example", "guild@party.example"
ANN, BEN, CHAIR = "ann@members.example", "ben@members.example", "chair@party.example"


MORE = """\
[signing]
domain = "party.example"
selector = "arc"
key_file = "arc.pem"

[mailman]
user = "rest"
password_file = "rest"
sync_s = 1

[[list]]
address = "guild@party.example"
zone = "members"
next_hop = "lmtp://127.0.0.1:{lmtp}"
roster = "mailman://127.0.0.1:{rest}"
"""


@pytest.fixture(scope="module")
def world() -> Iterator[ScriptedHop]:
    """Where mail to subscribers ends up."""
    thread = HopThread("smtp")
    yield thread.hop
    thread.close()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, world: ScriptedHop) -> Iterator[tuple[Running, MailmanServer]]:
    """Listward on both sides of Mailman: before it by LMTP, behind it as its way out."""
    folder = tmp_path_factory.mktemp("mailman")
    lmtp, rest = free_ports(2)
    with DnsServer(ZONE) as names:
        more = MORE.format(lmtp=lmtp, rest=rest)
        listward = Running(folder / "site", names.address, f"lmtp://127.0.0.1:{lmtp}", world.url, more)
        (listward.folder / "rest").write_text("rest\n", encoding="utf-8")
        make_signing_key(listward.folder / "arc.pem")
        mailman = MailmanServer(folder / "mailman", listward.egress, lmtp, rest)
        try:
            mailman.start()
            mailman.add_domain("party.example")
            mailman.add_list(MEMBERS, [ANN, BEN])
            mailman.add_list(BOARD, [ANN, CHAIR])
            mailman.add_list(GUILD, [ANN, BEN])
            with listward:
                yield listward, mailman
        finally:
            mailman.stop()


@pytest.fixture(scope="module")
def running(both: tuple[Running, MailmanServer]) -> Running:
    """Listward, with Mailman beside it."""
    return both[0]


@pytest.fixture(scope="module")
def mailman(both: tuple[Running, MailmanServer]) -> MailmanServer:
    """Mailman, with Listward beside it."""
    return both[1]


def reached(world: ScriptedHop, subject: str) -> list[str]:
    """Whom a message with this subject reached, with repetitions."""
    wanted = f"Subject: [{{}}] {subject}"
    lists = ("Members", "Board")
    return sorted(
        recipient
        for message in world.messages
        if any(wanted.format(name).encode() in message.data for name in lists)
        for recipient in message.recipients
    )


def post(author: str, subject: str, text: str, to: str = MEMBERS) -> bytes:
    return build(from_=author, to=to, subject=subject, text=text, message_id=f"<{uuid4()}@test.example>")


def test_a_members_post_reaches_the_subscribers(running: Running, world: ScriptedHop) -> None:
    """Accepted here, sent out by Mailman, through our way out, to each subscriber once."""
    answer = running.send(ANN, MEMBERS, post(ANN, "Tea", "On Friday."))
    assert answer.code == 250, answer
    running.wait_for(lambda: len(reached(world, "Tea")) >= 2, "the post at the subscribers", 60)
    assert reached(world, "Tea") == [ANN, BEN]


def test_a_post_leaves_under_our_seal(running: Running, world: ScriptedHop) -> None:
    """Mailman adds its fields and its footer; the chain verifies, and says what we found when the post came in."""
    assert running.send(ANN, MEMBERS, post(ANN, "Seal", "Of ours.")).code == 250
    running.wait_for(lambda: len(reached(world, "Seal")) >= 2, "the post at the subscribers", 60)
    key = read_signing_key(running.folder / "arc.pem")
    record = "".join(zone_line(key, "party.example", "arc").split('"')[1::2])
    for message in (each for each in world.messages if b"] Seal\r\n" in each.data):
        assert by_dkimpy(message.data, {"arc._domainkey.party.example": {"TXT": [record]}}) == ("pass", "success")
        results = message.data.partition(b"ARC-Authentication-Results:")[2].partition(b"Received:")[0]
        assert b"spf=pass" in results
        assert b"header.from=members.example" in results


def test_a_held_post_reaches_them_after_its_release_once(running: Running, world: ScriptedHop) -> None:
    """Nothing before the release; afterwards each subscriber has it once."""
    assert "moderator" in running.send(BEN, MEMBERS, post(BEN, "Help", APPEAL)).text
    assert reached(world, "Help") == []
    (case,) = running.cases()
    assert running.command("queue", "release", str(case["number"]))[0] == 0
    running.wait_for(lambda: len(reached(world, "Help")) >= 2, "the released post at the subscribers", 60)
    running.send(ANN, MEMBERS, post(ANN, "Afterwards", "Something later."))
    running.wait_for(lambda: len(reached(world, "Afterwards")) >= 2, "the later post at the subscribers", 60)
    assert reached(world, "Help") == [ANN, BEN]


def test_an_internal_list_stays_inside(running: Running, world: ScriptedHop) -> None:
    """Of the board's list the inside mailbox gets a copy, the outside one does not."""
    answer = running.send(ANN, BOARD, post(ANN, "Agenda", "Items for the board.", BOARD))
    assert answer.code == 250, answer
    running.wait_for(lambda: CHAIR in reached(world, "Agenda"), "the copy inside", 60)
    assert reached(world, "Agenda") == [CHAIR]


def test_a_command_goes_to_the_list_server(running: Running, world: ScriptedHop) -> None:
    """Leaving works: Mailman takes the command from us and answers it."""
    answer = running.send(BEN, "members-leave@party.example", post(BEN, "", "", "members-leave@party.example"))
    assert answer.code == 250, answer
    assert world.refused == []


def everywhere(running: Running, people: int) -> bool:
    """Whether gateway, console and courier have so many people on the guild's roster."""
    loaded = [line["people"] for line in lines(running) if line["event"] == "roster-loaded" and line["list"] == GUILD]
    return loaded[-3:] == [people] * 3


def lines(running: Running) -> list[dict[str, Any]]:
    """The mail log, and what else is written as it is."""
    return [json.loads(line) for line in running.log().splitlines() if line.startswith("{")]


def origin_of_next(running: Running, author: str, subject: str) -> str:
    """What the gateway takes the author of a new post to the guild for."""
    before = len(judged(running))
    running.send(author, GUILD, post(author, subject, "On Friday.", GUILD))
    running.wait_for(lambda: len(judged(running)) > before, "the log's line")
    return str(judged(running)[-1]["origin"])


def judged(running: Running) -> list[dict[str, Any]]:
    """The lines of messages that came from outside."""
    return [line for line in lines(running) if line.get("listener") == "ingress"]


def test_the_roster_is_mailmans(running: Running, mailman: MailmanServer) -> None:
    """Who is subscribed there is a member here; who is no longer is known, soon after."""
    running.wait_for(lambda: everywhere(running, 2), "the roster")
    assert origin_of_next(running, BEN, "As a member") == "member"
    mailman.client.get_list(GUILD).unsubscribe(BEN)
    running.wait_for(lambda: everywhere(running, 1), "the smaller roster")
    assert origin_of_next(running, BEN, "As a stranger") == "known"
    assert origin_of_next(running, ANN, "Still a member") == "member"


def test_it_can_be_asked_now(running: Running, mailman: MailmanServer) -> None:
    """A person asks, and reads how many there are; where Mailman is wrong, the exit code says so."""
    code, said = running.command("roster", "sync", "guild")
    assert (code, said.strip()) == (0, "guild: 1 people, 0 new, 0 gone")
    (running.folder / "rest").write_text("wrong\n", encoding="utf-8")
    code, said = running.command("roster", "sync")
    assert code == 3, said
    assert "user or password is wrong" in said
    (running.folder / "rest").write_text("rest\n", encoding="utf-8")


def test_every_fact_of_a_real_mailman(
    running: Running, mailman: MailmanServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, offices, moderation, bans, several addresses and languages are read as docs/identity.md says, paged."""
    monkeypatch.setattr(rows, "PAGE", 2)
    monkeypatch.setattr("listward.queue.courier.mailman.reading.PAGE", 2)
    mailman.add_list("wide@party.example", [])
    wide = mailman.client.get_list("wide@party.example")
    wide.settings["default_member_action"] = "defer"
    wide.settings.save()
    flags = {"pre_verified": True, "pre_confirmed": True, "pre_approved": True}
    for name in ("Ann", "Ben", "Cem", "Dea", "Eva"):
        wide.subscribe(f"{name.lower()}@wide.example", name, **flags)
    for name, action in (("ben", "hold"), ("cem", "discard")):
        member = wide.get_member(f"{name}@wide.example")
        member.moderation_action = action
        member.save()
    wide.add_owner("ann@wide.example")
    wide.add_moderator("extra@wide.example", "Extra")
    wide.bans.add("pest@x.example")
    mailman.client.bans.add(r"^eva@.*")
    dea = mailman.client.get_user("dea@wide.example")
    dea.add_address("dea@work.example").verify()
    dea.add_address("unconfirmed@work.example")
    dea.preferences["preferred_language"] = "es"
    dea.preferences.save()
    site = load(running.folder).site
    organisation = site.organisation.model_copy(update={"languages": ("en", "es")})
    asker = Asker(site.model_copy(update={"organisation": organisation}))
    found = asker.everybody(site.lists[0].model_copy(update={"address": "wide@party.example"}), ()).people
    assert {(one.address, one.name, one.role.value, one.first_posts_moderated, one.language) for one in found} == {
        ("ann@wide.example", "Ann", "moderator", False, ""),
        ("ben@wide.example", "Ben", "member", True, ""),
        ("cem@wide.example", "Cem", "banned", False, ""),
        ("dea@wide.example", "Dea", "member", False, "es"),
        ("eva@wide.example", "Eva", "banned", False, ""),
        ("extra@wide.example", "Extra", "moderator", False, ""),
        ("pest@x.example", "", "banned", False, ""),
    }
    assert [one.others for one in found if one.others] == [("dea@work.example",)]


def test_the_audit_chain_is_whole(running: Running) -> None:
    """After all this every entry verifies."""
    code, said = running.command("audit", "verify")
    assert code == 0, said
