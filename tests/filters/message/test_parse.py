"""Parsing: the tree, the views, and that no bytes make it raise."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import build, crlf

from listward.filters.message import limits
from listward.filters.message.message import Link, Mailbox, Message
from listward.filters.message.parse import parse_message


def names(message: Message) -> set[str]:
    return {defect.name for defect in message.all_defects}


def test_plain_message() -> None:
    """Header fields, author, id and text of the simplest message."""
    message = parse_message(build(text="Hello,\n\nall of you.\n"))
    assert message.subject == "Minutes of Tuesday"
    assert message.author == Mailbox("Ana Ruiz", "ana@party.example")
    assert [mailbox.address for mailbox in message.to_mailboxes] == ["board@lists.party.example"]
    assert message.message_id == "<one@party.example>"
    assert message.visible_text == message.own_text == "Hello,\n\nall of you."
    assert message.quoted_text == message.hidden_text == ""
    assert message.attachments == ()
    assert not message.all_defects


def test_body_and_raw_stay_as_they_came() -> None:
    """Views normalise; the bytes for signatures do not change."""
    raw = build(text="x  \n")
    message = parse_message(raw)
    assert message.raw == raw
    assert raw.endswith(message.body)
    assert message.first("from") == "Ana Ruiz <ana@party.example>"
    assert len(message.all("SUBJECT")) == 1


def test_line_ends_make_no_difference_to_views() -> None:
    """Archives keep LF, the wire CRLF: the views and the digest are the same."""
    raw = build(text="one\n\ntwo\n", html="<p>three</p>", attachments=[("a.pdf", b"%PDF")])
    wire, archive = parse_message(raw), parse_message(raw.replace(b"\r\n", b"\n"))
    assert wire.visible_text == archive.visible_text
    assert wire.attachments == archive.attachments
    assert wire.body_digest == archive.body_digest
    assert not archive.all_defects


def test_digest_forgets_white_space_at_line_ends() -> None:
    """Relays may trim lines; words may not change."""
    digests = {parse_message(build(text=text)).body_digest for text in ("a b\nc\n", "a b  \nc\n\n\n")}
    assert len(digests) == 1
    assert parse_message(build(text="a bc\n")).body_digest not in digests


def test_alternatives_are_joined_once() -> None:
    """The lines of the HTML side are added only where the plain side lacks them."""
    html = '<p>Hello all, here are the minutes.</p><p>Only in HTML.</p><a href="https://party.example/x">read</a>'
    message = parse_message(build(text="Hello all,\nhere are the minutes.\n", html=html))
    assert message.visible_text.count("minutes") == 1
    assert "Only in HTML." in message.visible_text
    assert Link("https://party.example/x", "read") in message.links


def test_hidden_text_is_no_visible_text() -> None:
    """What HTML hides is a view of its own."""
    message = parse_message(build(text="", html='<p>seen</p><div style="display:none">unseen</div>'))
    assert message.visible_text == "seen"
    assert message.hidden_text == "unseen"


def test_links_of_plain_text() -> None:
    """Addresses of the web in plain text, without the punctuation behind them."""
    text = "See https://party.example/a?b=c. And (www.party.example), HTTP://X.example; not ftp://y or ://z"
    links = parse_message(build(text=text)).links
    assert {link.url for link in links} == {"https://party.example/a?b=c", "www.party.example", "HTTP://X.example"}


def test_quotations_are_apart() -> None:
    """Own and quoted text make up the visible text."""
    message = parse_message(
        build(text="I agree.\n\nOn Monday Ana wrote:\n> the plan\n", headers=[("References", "<1@party.example>")])
    )
    assert message.own_text.strip() == "I agree."
    assert "> the plan" in message.quoted_text


def test_attachments_have_their_names_and_bytes() -> None:
    """Files are decoded, with all their names."""
    message = parse_message(build(attachments=[("añejo.pdf", b"%PDF-1"), ("b.zip", b"PK")]))
    assert [part.filename for part in message.attachments] == ["añejo.pdf", "b.zip"]
    assert message.attachments[0].content == b"%PDF-1"


def test_forwarded_message_is_opened() -> None:
    """The text and files of a message in a message count, encoded or not."""
    inner = build(text="inner text\n", attachments=[("c.txt", b"c")])
    for encoding, body in (("7bit", inner), ("base64", base64.encodebytes(inner).replace(b"\n", b"\r\n"))):
        head = f"From: a@b.example\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        message = parse_message(head.encode() + body)
        assert "inner text" in message.visible_text
        assert "c.txt" in {part.filename for part in message.attachments}


def test_unknown_charset_is_read_and_named() -> None:
    """The text is there all the same."""
    raw = b"From: a@b.example\r\nContent-Type: text/plain; charset=x-none\r\n\r\ncaf\xe9\r\n"
    message = parse_message(raw)
    assert message.visible_text == "café"
    assert names(message) == {"unknown-charset"}


def test_two_authors_are_none() -> None:
    """Exactly one From field with one address makes an author."""
    assert parse_message(build(headers=[("From", "x@y.example")])).author is None
    assert parse_message(build(from_="a@b.example, c@d.example")).author is None
    assert parse_message(build(from_=None)).author is None
    assert parse_message(b"From: a@b.example\r\nFr\x00om: c@d.example\r\n\r\nx").author is None


def test_text_is_read_up_to_its_limit() -> None:
    """Beyond 5 MiB the text is cut, and this is a defect."""
    raw = b"From: a@b.example\r\n\r\n" + b"word " * (limits.TEXT_BYTES // 5 + 10)
    message = parse_message(raw)
    assert len(message.visible_text) <= limits.TEXT_BYTES
    assert "text-truncated" in names(message)


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"\n", b"\r", b":", b"\x00", b"From", b"From:", b"--", b" x"])
def test_smallest_inputs(raw: bytes) -> None:
    """Nothing is too short to be parsed."""
    message = parse_message(raw)
    assert message.raw == raw
    assert isinstance(message.own_text, str)


MIME_LINES = st.sampled_from(
    [
        b"From: a@b.example",
        b"Content-Type: multipart/mixed; boundary=b",
        b'Content-Type: multipart/alternative; boundary="b"; boundary=c',
        b"Content-Type: message/rfc822",
        b"Content-Type: text/html",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Disposition: attachment; filename*0*=utf-8''a",
        b" folded",
        b"",
        b"--b",
        b"--b--",
        b"--c",
        b"QUJD=",
        b"<p style='display:none'>x<a href=http://a.example>",
        b"begin 644 a.exe",
        b"=?utf-8?q?x",
        b"\xff\x00",
    ]
)


@given(st.lists(st.one_of(MIME_LINES, st.binary(max_size=20)), max_size=30), st.sampled_from([b"\r\n", b"\n", b"\r"]))
@settings(max_examples=150, deadline=None)
def test_no_bytes_make_it_raise(lines: list[bytes], line_end: bytes) -> None:
    """Whatever is made of the pieces of mail, there are a message and all its views."""
    raw = line_end.join(lines)
    message = parse_message(raw)
    assert message.raw == raw
    assert isinstance(message.own_text + message.quoted_text + message.hidden_text, str)
    assert len(message.parts) <= limits.PARTS + 1
    assert message.body_digest
    assert message.all_defects is message.all_defects


def test_crlf_helper_makes_wire_lines() -> None:
    """The tests' own helper writes CRLF once."""
    assert crlf("a\r\nb\n") == b"a\r\nb\r\n"
