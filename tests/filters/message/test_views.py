"""What of a message is read as text besides its body, and whether it answers another."""

import pytest
from messages import build

from listward.filters.message import limits
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message

PLEA = b"Please send money for my rent."


def with_part(head: str, content: bytes = PLEA) -> Message:
    """A message with a short text and one more part."""
    return parse_message(
        b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\nSee the file.\r\n--b\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n--b--\r\n"
    )


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: text/plain\r\nContent-Disposition: attachment",
        "Content-Type: text/plain; name=plea.txt\r\nContent-Disposition: attachment; filename=plea.txt",
        "Content-Type: text/markdown\r\nContent-Disposition: attachment; filename=plea.md",
        "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=plea.txt",
        "Content-Type: application/octet-stream; name=PLEA.TXT",
        "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''plea.t%E2%80%8Bxt",
    ],
)
def test_attached_texts_are_read(head: str) -> None:
    """A text that is sent as a file can be read, and is not part of the visible text."""
    message = with_part(head)
    assert message.attached_text == PLEA.decode()
    assert message.visible_text == "See the file."


def test_attached_pages_are_read_as_pages() -> None:
    """Markup in a file counts as what it shows."""
    head = "Content-Type: application/octet-stream; name=a.html\r\nContent-Disposition: attachment"
    assert with_part(head, b"<p>do<b>na</b>te</p>").attached_text == "donate"
    head = "Content-Type: text/html\r\nContent-Disposition: attachment"
    assert with_part(head, b"<p>do<b>na</b>te</p>").attached_text == "donate"


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: image/png; name=a.png",
        "Content-Type: application/pdf; name=a.pdf",
        "Content-Type: application/octet-stream; name=a.txt.bin",
        "Content-Type: text/plain",
    ],
)
def test_other_files_and_the_body_are_not_attached_texts(head: str) -> None:
    """What is no text, or is shown already, is not in this view."""
    assert with_part(head).attached_text == ""


def test_attached_text_is_bounded() -> None:
    """At most 64 kB of all files are read, and binary data that is called text is not."""
    message = parse_message(build(attachments=[("a.txt", b"a" * 50_000), ("b.txt", b"b" * 50_000)]))
    assert len(message.attached_text.replace("\n", "")) == limits.ATTACHED_BYTES
    head = "Content-Type: text/plain\r\nContent-Disposition: attachment"
    assert with_part(head, b"MZ\x00\x00").attached_text == ""
    assert with_part(head, "\ufeffdonate".encode("utf-16-le")).attached_text.strip("\ufeff") == "donate"


@pytest.mark.parametrize(
    ("name", "value", "answers"),
    [
        ("In-Reply-To", "<1@party.example>", True),
        ("References", "<1@party.example> <2@party.example>", True),
        ("References", "\r\n <1@party.example>", True),
        ("In-Reply-To", "", False),
        ("In-Reply-To", "<>", False),
        ("References", "your letter of Tuesday", False),
        ("Thread-Index", "<1@party.example>", False),
    ],
)
def test_a_reply_names_the_message_it_answers(name: str, value: str, answers: bool) -> None:
    """Only a message id in In-Reply-To or References makes a reply."""
    assert parse_message(build(headers=[(name, value)])).is_reply is answers
