"""A real Postfix in front: before its queue a refusal reaches the sender's server; behind it nobody gets a bounce."""

import smtplib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import postfix_server
import pytest
from dns_server import DnsServer
from free_ports import free_ports
from messages import build
from postfix_server import PostfixServer
from running import APPEAL, Answer, Running
from scripted_hop import ScriptedHop

pytestmark = [
    pytest.mark.postfix,
    pytest.mark.xdist_group("live"),
    pytest.mark.timeout(180),
    pytest.mark.skipif(not postfix_server.installed(), reason="needs Postfix and root: apt install postfix"),
]
MEMBERS = "members@party.example"
ANN, BEN, CHAIR = "ann@members.example", "ben@members.example", "chair@party.example"
OUTSIDE = "203.0.113.9"

PEER = """
[[peer]]
address = "127.0.0.1/32"
gives = "xforward"
after_queue = {after_queue}
"""


class Front:
    """Postfix with the gateway behind it, and the door to use."""

    def __init__(self, running: Running, postfix: PostfixServer, port: int) -> None:
        self.running = running
        self.postfix = postfix
        self.port = port

    def send(self, sender: str, raw: bytes, client: str = "127.0.0.1", recipient: str = MEMBERS) -> Answer:
        """Send as if from this client address, which Postfix passes on."""
        with smtplib.SMTP("127.0.0.1", self.port, local_hostname="mail.members.example", timeout=50) as session:
            session.ehlo()
            session.docmd("XCLIENT", f"ADDR={client} NAME=sender.example")
            session.ehlo()
            code, text = session.mail(sender)
            if code < 400:
                code, text = session.rcpt(recipient)
            if code < 400:
                code, text = session.data(raw)
        return Answer(code, text.decode())


@contextmanager
def in_front(folder: Path, names: DnsServer, list_server: ScriptedHop, after_queue: bool) -> Iterator[Front]:
    """A Postfix before a running gateway that knows it as a peer."""
    more = PEER.format(after_queue=str(after_queue).lower())
    before, after = free_ports(2)
    with (
        Running(folder / "site", names.address, list_server.url, more=more) as running,
        tempfile.TemporaryDirectory(prefix="postfix-") as public,  # Postfix's accounts cannot enter a test's own folder
    ):
        Path(public).chmod(0o755)
        postfix = PostfixServer(Path(public), before, after, running.smtp)
        postfix.start()
        try:
            yield Front(running, postfix, after if after_queue else before)
        finally:
            postfix.stop()


def post(author: str, subject: str, text: str) -> bytes:
    return build(from_=author, to=MEMBERS, subject=subject, text=text, message_id=f"<{uuid4()}@test.example>")


def test_before_the_queue_each_outcome_reaches_the_sender(
    tmp_path: Path, names: DnsServer, list_server: ScriptedHop
) -> None:
    """A member's post passes, a plea is held, a forged officer is refused with our own words."""
    with in_front(tmp_path, names, list_server, after_queue=False) as front:
        passed = front.send(ANN, post(ANN, "Tea", "On Friday."))
        assert passed.code == 250, (passed, front.postfix.log()[-2000:])
        assert len(list_server.messages) == 1
        held = front.send(BEN, post(BEN, "Help", APPEAL))
        assert "A moderator reads it first" in held.text
        forged = front.send(CHAIR, post(CHAIR, "Candidates", "Open the list."), client=OUTSIDE)
        assert (forged.code, forged.text[:4]) == (550, "5.7."), forged
        assert len(list_server.messages) == 1


def test_the_client_that_postfix_names_is_judged(tmp_path: Path, names: DnsServer, list_server: ScriptedHop) -> None:
    """A member's address from a foreign network proves nothing, whatever address Postfix itself has."""
    with in_front(tmp_path, names, list_server, after_queue=False) as front:
        answer = front.send(ANN, post(ANN, "Tea", "On Friday."), client=OUTSIDE)
        assert "moderator" in answer.text, answer
        assert list_server.messages == []


def test_after_the_queue_a_forged_sender_gets_no_bounce(
    tmp_path: Path, names: DnsServer, list_server: ScriptedHop
) -> None:
    """Postfix has said 250 already: the forgery becomes a case, and no bounce goes out to the one it names."""
    with in_front(tmp_path, names, list_server, after_queue=True) as front:
        answer = front.send(CHAIR, post(CHAIR, "Candidates", "Open the list."), client=OUTSIDE)
        assert answer.code == 250
        front.running.wait_for(lambda: len(front.running.cases()) == 1, "the case")
        assert front.send(ANN, post(ANN, "Tea", "On Friday.")).code == 250
        front.running.wait_for(lambda: len(list_server.messages) == 1, "the member's post")
        log = front.postfix.log()
        assert "status=bounced" not in log
        assert "from=<>" not in log
        assert "sender non-delivery notification" not in log
