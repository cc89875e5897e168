"""Mailman's REST interface may be away, wrong, slow or hostile: each has its word, and nothing is without bound."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import trustme
from fake_mailman import LIST_ID, PASSWORD, Answer, FakeMailman, serving

from listward.config.mailman_url import MailmanUrl, parse_mailman_url
from listward.queue.courier.mailman import connection as bounded
from listward.queue.courier.mailman.connection import BoundedConnection
from listward.queue.courier.mailman.trouble import SENTENCES, Kind, MailmanTrouble

PATH = f"lists/{LIST_ID}/config/default_member_action"


def asked(port: int, path: str = PATH, password: str = PASSWORD, seconds: float = 5.0) -> dict[str, object]:
    """Ask once, as the courier does."""
    url = MailmanUrl("127.0.0.1", port, False)
    connection = BoundedConnection(url, "rest", password, ends_at=time.monotonic() + seconds)
    try:
        return connection.get(path)
    finally:
        connection.close()


def trouble(mailman: FakeMailman, **given: float) -> Kind:
    """What is wrong with this one."""
    with serving(mailman) as port, pytest.raises(MailmanTrouble) as raised:
        asked(port, **given)
    return raised.value.kind


def answering(answer: Answer) -> FakeMailman:
    mailman = FakeMailman()
    mailman.mischief = lambda path: answer
    return mailman


@contextmanager
def raw_server(octets: bytes, pause_s: float = 0.0) -> Iterator[int]:
    """Answer every connection with these octets, one by one where there is a pause, then hang up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            client, _ = listening.accept()
            with client:
                client.recv(65_536)
                for piece in [octets[at : at + 1] for at in range(len(octets))] if pause_s else [octets]:
                    client.sendall(piece)
                    time.sleep(pause_s)  # a slow server is what is tested
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()
        thread.join(5)


def test_an_answer_is_read() -> None:
    """A Mailman that is well is understood."""
    with serving(FakeMailman()) as port:
        assert asked(port) == {"default_member_action": "defer"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(404), Kind.NO_LIST),
        (Answer(403), Kind.REFUSED),
        (Answer(500, b"<h1>Traceback</h1>"), Kind.SERVER_ERROR),
        (Answer(503), Kind.SERVER_ERROR),
        (Answer(400), Kind.GARBAGE),
        (Answer(204, b""), Kind.GARBAGE),
        (Answer(body=b"<html>It works!</html>"), Kind.GARBAGE),
        (Answer(body=b"[1, 2]"), Kind.GARBAGE),
        (Answer(body=b'{"total_size": 3, "entr'), Kind.GARBAGE),
        (Answer(body=b'{"name": "\xff"}'), Kind.GARBAGE),
        (Answer(body=b""), Kind.GARBAGE),
        (Answer(body=b'{"a":' * 100_000), Kind.GARBAGE),
        (Answer(body=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}), Kind.GARBAGE),
    ],
)
def test_each_bad_answer_has_its_word(answer: Answer, kind: Kind) -> None:
    """And each word a sentence."""
    assert trouble(answering(answer)) is kind
    assert SENTENCES[kind]


def test_a_wrong_password_is_told_apart() -> None:
    """It is the commonest fault of all."""
    with serving(FakeMailman()) as port, pytest.raises(MailmanTrouble) as raised:
        asked(port, password="wrong")
    assert raised.value.kind is Kind.REFUSED


def test_the_password_is_shown_nowhere() -> None:
    """Neither by a connection nor by what goes wrong with it."""
    connection = BoundedConnection(MailmanUrl("127.0.0.1", 9, False), "rest", PASSWORD)
    assert PASSWORD not in f"{connection!r} {vars(connection)}"
    with pytest.raises(MailmanTrouble) as raised:
        connection.get(PATH)
    assert raised.value.kind is Kind.UNREACHABLE
    assert PASSWORD not in f"{raised.value!r} {raised.value}"


def test_a_redirect_is_not_followed() -> None:
    """The password goes nowhere else."""
    other = FakeMailman()
    with serving(other) as elsewhere:
        answer = Answer(302, b"", {"Location": f"http://127.0.0.1:{elsewhere}/3.1/{PATH}"})
        assert trouble(answering(answer)) is Kind.REDIRECTED
    assert other.asked == []


def test_links_lead_to_the_same_server() -> None:
    """A link in an answer may name any server: ours is asked."""
    mailman = FakeMailman()
    with serving(mailman) as port:
        asked(port, f"http://elsewhere.example/3.1/{PATH}")
    assert mailman.asked == [f"/3.1/{PATH}"]


def test_proxies_of_the_environment_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable set for other programs must not send the password to a proxy."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(FakeMailman()) as port:
        assert asked(port)


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """More octets than any page of a roster are not kept."""
    monkeypatch.setattr(bounded, "MOST_OCTETS", 100_000)
    assert trouble(answering(Answer(body=b'"' + b"a" * 1_000_000 + b'"'))) is Kind.TOO_LARGE


def test_half_an_answer_is_none() -> None:
    """A connection that breaks amid the answer gives nothing."""
    octets = b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"total_size": 1}'
    with raw_server(octets) as port, pytest.raises(MailmanTrouble) as raised:
        asked(port)
    assert raised.value.kind in {Kind.GARBAGE, Kind.UNREACHABLE}


@pytest.mark.parametrize("octets", [b"", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_another_kind_of_server_is_no_mailman(octets: bytes) -> None:
    """Nor one that hangs up."""
    with raw_server(octets) as port, pytest.raises(MailmanTrouble) as raised:
        asked(port)
    assert raised.value.kind is Kind.UNREACHABLE


def test_a_drip_of_octets_ends_with_the_time() -> None:
    """A server that sends an octet now and then is not waited for: silence alone would never end it."""
    octets = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b" " * 100_000
    head = len(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    started = time.monotonic()
    with raw_server(octets, 0.01) as port, pytest.raises(MailmanTrouble) as raised:
        asked(port, seconds=0.01 * head + 0.5)
    assert raised.value.kind is Kind.SLOW
    assert time.monotonic() - started < 20


def test_silence_ends_with_the_time() -> None:
    """Nor is one that takes the question and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(MailmanTrouble) as raised:
        asked(silent.getsockname()[1], seconds=0.3)
    assert raised.value.kind is Kind.SLOW


def test_it_only_reads() -> None:
    """Nothing of ours can change a list there by mistake."""
    connection = BoundedConnection(MailmanUrl("127.0.0.1", 9, False), "rest", PASSWORD)
    for given in ({"data": {"email": "x"}}, {"method": "DELETE"}):
        with pytest.raises(ValueError, match="only reads"):
            connection.call("lists", **given)


def test_tls_is_verified() -> None:
    """An authority that is named is trusted, the system's do not know this server, and then no password is sent."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    mailman = FakeMailman()
    with (
        serving(mailman, lambda listening: context.wrap_socket(listening, server_side=True)) as port,
        authority.cert_pem.tempfile() as known,
    ):
        url = MailmanUrl("127.0.0.1", port, True)
        with closing(BoundedConnection(url, "rest", PASSWORD, known)) as trusting:
            assert trusting.get(PATH)
        with closing(BoundedConnection(url, "rest", PASSWORD)) as careful, pytest.raises(MailmanTrouble) as raised:
            careful.get(PATH)
    assert raised.value.kind is Kind.TLS
    assert len(mailman.asked) == 1


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("mailman://127.0.0.1:8001", "http://127.0.0.1:8001/3.1/"),
        ("mailman://127.0.0.1", "http://127.0.0.1:8001/3.1/"),
        ("mailman://[::1]:8001/", "http://[::1]:8001/3.1/"),
        ("mailman://mailman-core:8001", "http://mailman-core:8001/3.1/"),
        ("mailmans://lists.party.example:443", "https://lists.party.example:443/3.1/"),
    ],
)
def test_addresses_of_a_mailman(text: str, base: str) -> None:
    """With and without port, by name and number, with TLS."""
    assert parse_mailman_url(text).base == base


@pytest.mark.parametrize(
    "text",
    [
        "mailman://lists.party.example:8001",
        "mailman://192.0.2.1:8001x",
        "mailman://8.8.8.8",
        "mailman://user:word@127.0.0.1",
        "mailman://127.0.0.1:0",
        "mailman://127.0.0.1:70000",
        "mailman:127.0.0.1",
        "mailman://",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """Nor one that would send the password in clear over the Internet."""
    with pytest.raises(ValueError, match="mailmans://"):
        parse_mailman_url(text)
