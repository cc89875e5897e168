"""With a real Mailman 3 behind: posts reach subscribers, held ones after release and once; inside stays inside."""

from collections.abc import Iterator
from uuid import uuid4

import mailman_server
import pytest
from dns_server import DnsServer
from free_ports import free_ports
from hop_thread import HopThread
from mailman_server import MailmanServer
from messages import build
from running import APPEAL, ZONE, Running
from scripted_hop import ScriptedHop

pytestmark = [
    pytest.mark.mailman,
    pytest.mark.xdist_group("mailman"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        not mailman_server.installed(),
        reason="needs Mailman 3 in .venv-mailman: `make test` installs it with Python 3.11 or 3.12",
    ),
]
MEMBERS, BOARD = "members@party.example", "board@party.example"
ANN, BEN, CHAIR = "ann@members.example", "ben@members.example", "chair@party.example"


@pytest.fixture(scope="module")
def world() -> Iterator[ScriptedHop]:
    """Where mail to subscribers ends up."""
    thread = HopThread("smtp")
    yield thread.hop
    thread.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, world: ScriptedHop) -> Iterator[Running]:
    """Listward on both sides of Mailman: before it by LMTP, behind it as its way out."""
    folder = tmp_path_factory.mktemp("mailman")
    lmtp, rest = free_ports(2)
    with DnsServer(ZONE) as names:
        listward = Running(folder / "site", names.address, f"lmtp://127.0.0.1:{lmtp}", world.url)
        mailman = MailmanServer(folder / "mailman", listward.egress, lmtp, rest)
        try:
            mailman.start()
            mailman.add_domain("party.example")
            mailman.add_list(MEMBERS, [ANN, BEN])
            mailman.add_list(BOARD, [ANN, CHAIR])
            with listward:
                yield listward
        finally:
            mailman.stop()


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


def test_the_audit_chain_is_whole(running: Running) -> None:
    """After all this every entry verifies."""
    code, said = running.command("audit", "verify")
    assert code == 0, said
