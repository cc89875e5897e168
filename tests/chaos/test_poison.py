"""No message goes round for ever: what a reader, a next hop or a circle cannot get through ends."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from chaos_parts import ChaosRunning
from dns_server import DnsServer
from hop_thread import HopThread
from messages import build
from running import ZONE
from scripted_hop import Say

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("chaos-more"), pytest.mark.timeout(120)]
ANN, MEMBERS, FORUM, OPEN = "ann@members.example", "members@party.example", "forum@party.example", "open@party.example"
MARKER = "/etc/secret-of-the-hop"
PARENT = '[[list]]\naddress = "umbrella@party.example"\nzone = "members"\nnext_hop = "{hop}"\nroster = "members.csv"\n'


class Site:
    """A gateway with one next hop, which is also the list server behind egress."""

    def __init__(self, running: ChaosRunning, hop: HopThread, way_out: HopThread) -> None:
        self.running, self.hop, self.way_out = running, hop.hop, way_out.hop


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests of this file."""
    hop, way_out = HopThread("lmtp"), HopThread("smtp")
    folder = tmp_path_factory.mktemp("poison") / "site"
    try:
        with DnsServer(ZONE) as names:
            running = ChaosRunning(folder, names.address, hop.hop.url, hop.hop.url, "embedded", workers=1)
            path = folder / "site.toml"
            text = path.read_text(encoding="utf-8").replace("smtp://127.0.0.1:9", way_out.hop.url)
            text += PARENT.format(hop=hop.hop.url)
            text = text.replace(f'address = "{FORUM}"', f'address = "{FORUM}"\nparent = "umbrella@party.example"')
            path.write_text(text, encoding="utf-8")
            with running:
                yield Site(running, hop, way_out)
    finally:
        hop.close()
        way_out.close()


def letter(to: str = MEMBERS, text: str = "", headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """A member's message of its own."""
    text = text or f"Tea at five, {uuid4()}."
    return build(from_=ANN, to=to, subject="Tea", text=text, message_id=f"<{uuid4()}@test.example>", headers=headers)


def test_a_next_hop_that_always_says_451_gives_a_case(site: Site) -> None:
    """After the dot: twice 451, then a person looks; the hop's words go nowhere."""
    site.hop.on("DOT", Say(f"451 4.3.0 {MARKER}"))
    raw, before = letter(), len(site.running.cases())
    try:
        answers = [site.running.send(ANN, MEMBERS, raw) for _ in range(4)]
    finally:
        site.hop.on("DOT", Say("250 2.0.0 ok"))
    assert [answer.code for answer in answers] == [451, 451, 250, 250]
    assert len(site.running.cases()) == before + 1
    assert MARKER not in "".join(answer.text for answer in answers)
    assert MARKER not in site.running.log()


def test_a_message_nobody_can_read_ends(site: Site) -> None:
    """A thousand parts in each other: held or refused at once, or held at the third try; nothing of it is relayed."""
    depth = 1000
    opened = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(depth))
    head = f"From: {ANN}\r\nTo: {MEMBERS}\r\nMessage-ID: <{uuid4()}@x>\r\nMIME-Version: 1.0\r\n"
    before = len(site.hop.messages)
    answers = [site.running.send(ANN, MEMBERS, (head + opened).encode() + b"x\r\n") for _ in range(3)]
    assert answers[-1].code == 250 or answers[-1].code >= 500
    assert len(site.hop.messages) == before
    for word in ("Error", "Traceback", ".py"):
        assert word not in "".join(answer.text for answer in answers)


@pytest.mark.parametrize(
    "headers",
    [
        tuple(("Received", f"from a{n}.example by b{n}.example; Sat, 21 Nov 2026 10:00:00 +0000") for n in range(150)),
        (("List-Id", "<members.party.example>"), ("List-Post", f"<mailto:{MEMBERS}>")),
    ],
)
def test_a_circle_ends(site: Site, headers: tuple[tuple[str, str], ...]) -> None:
    """Too many hops, or the list's own mail coming back: refused with its reason or held, never relayed."""
    before = len(site.hop.messages)
    answer = site.running.send(ANN, MEMBERS, letter(headers=headers))
    assert answer.text.startswith("5.4.6") or "Case" in answer.text, answer
    assert len(site.hop.messages) == before


def test_what_has_been_here_is_known_again(site: Site) -> None:
    """A post that went to its list and is sent to it once more by a machine in between is a loop."""
    site.running.send(ANN, OPEN, letter(OPEN))
    came = site.hop.messages[-1].data
    before = len(site.hop.messages)
    answer = site.running.send(ANN, OPEN, came)
    assert answer.code == 250 or answer.text.startswith("5.4.6")
    assert len(site.hop.messages) == before


def test_the_way_out_is_no_circle(site: Site) -> None:
    """A list's post leaves by egress with our mark in it, for each of its subscribers."""
    site.running.send(ANN, MEMBERS, letter())
    came = site.hop.messages[-1].data
    listed = b"List-Id: <members.party.example>\r\n" + came
    before = len(site.way_out.messages)
    sender = "members-bounces@party.example"
    for subscriber in ("ben@members.example", "cem@elsewhere.example"):
        answer = site.running.send(sender, subscriber, listed, port=site.running.egress)
        assert answer.code == 250, answer
    assert len(site.way_out.messages) == before + 2


def test_an_umbrella_list_and_its_child_are_no_circle(site: Site) -> None:
    """A post to the umbrella goes on to the child list, which names it as its parent, with both lists' fields in it."""
    site.running.send(ANN, "umbrella@party.example", letter("umbrella@party.example"))
    came = site.hop.messages[-1].data
    listed = b"List-Id: <umbrella.party.example>\r\n" + came
    before = len(site.hop.messages)
    answer = site.running.send("umbrella-bounces@party.example", FORUM, listed)
    assert answer.code == 250, answer
    assert "5.4.6" not in answer.text
    assert len(site.hop.messages) == before + 1 or "Case" in answer.text
