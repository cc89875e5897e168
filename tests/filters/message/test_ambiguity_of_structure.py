"""What two readers split or decode differently is named, and every reading is there for scanners."""

import base64

import pytest
from messages import crlf

from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message

SECRET = b"the secret payload of some bytes"
ENCODED = base64.b64encode(SECRET).decode()
CTE = "Content-Transfer-Encoding: base64"
TOP = "From: a@b.example\nTo: c@d.example\nMIME-Version: 1.0\n"


def parse(text: str) -> Message:
    return parse_message(crlf(text))


def names(message: Message) -> set[str]:
    return {defect.name for defect in message.all_defects}


def finds(message: Message) -> bool:
    return any(SECRET in part.content for part in (*message.parts, *message.alternatives))


def multipart(content_type: str = "multipart/mixed; boundary=foo", lines: str = "", **part: str) -> str:
    """A message with a text and a hidden file; keywords replace pieces of the second part."""
    pieces = {
        "start": "--foo",
        "type": "Content-Type: application/octet-stream; name=a.bin",
        "disposition": "Content-Disposition: attachment; filename=a.bin",
        "encoding": "Content-Transfer-Encoding: base64",
        "gap": "",
        "body": ENCODED,
        "end": "--foo--",
        **part,
    }
    head = f"{TOP}Content-Type: {content_type}\n{lines}\n--foo\nContent-Type: text/plain\n\ntext\n"
    return head + "\n".join(piece for name, piece in pieces.items() if piece or name == "gap") + "\n"


@pytest.mark.parametrize(
    "text",
    [
        multipart(),
        multipart('multipart/mixed; boundary="foo"'),
        multipart("multipart/related; boundary=foo; type=text/html"),
        multipart("multipart/digest; boundary=foo"),
        multipart(start="--foo  "),
        multipart(end=""),
        multipart(encoding="Content-Transfer-Encoding:\n base64"),
        multipart(encoding="content-transfer-encoding: BASE64 "),
        multipart(encoding="Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: BASE64"),
        multipart(end="--foo--\n\nepilogue of a list\n"),
        multipart().replace("MIME-Version: 1.0\n", ""),
        multipart().replace("\n--foo\nContent-Type: text", "\npreamble\n\n--foo\nContent-Type: text", 1),
    ],
)
def test_what_all_readers_agree_on_is_no_defect(text: str) -> None:
    """Valid and harmlessly sloppy messages are read, without a word."""
    message = parse(text)
    assert finds(message)
    assert not message.all_defects


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        (multipart("multipart/mixed; boundary=foo; boundary=bar"), "several-boundaries"),
        (multipart("multipart/mixed; boundary=bar; boundary=foo"), "several-boundaries"),
        (multipart('multipart/mixed; x="; boundary=bar"; boundary=foo'), "several-boundaries"),
        (
            multipart("multipart/mixed; boundary=bar\nContent-Type: multipart/mixed; boundary=foo"),
            "duplicate-content-type",
        ),
        (multipart("text/plain\nContent-Type: multipart/mixed; boundary=foo"), "duplicate-content-type"),
        (multipart("multipart/mixed boundary=foo"), "malformed-content-type"),
        (multipart('multipart/mixed; boundary="foo'), "malformed-content-type"),
        (multipart("x-multipart/mixed; boundary=foo"), "malformed-content-type"),
        (multipart("=?utf-8?q?multipart/mixed?=; boundary=foo"), "malformed-content-type"),
        (multipart("multipart/mixed; boundary=bar"), "boundary-not-found"),
        (multipart("multipart/mixed"), "missing-boundary"),
        (multipart('multipart/mixed; boundary="fo\\o"'), "odd-boundary"),
        (multipart('multipart/mixed; boundary=" foo"'), "odd-boundary"),
        (multipart("multipart/mixed; boundary*1=oo; boundary*0=f"), "disordered-parameter"),
        (multipart(start="--foobar"), "near-boundary"),
        (multipart(start="--foo--\n--foo"), "parts-after-end"),
        (multipart(start=" --foo"), "hidden-boundary"),
        (multipart(lines="Content-Transfer-Encoding: base64\n", encoding=""), "encoded-multipart"),
        (multipart(encoding=f"Content-Transfer-Encoding: 7bit\n{CTE}"), "duplicate-content-transfer-encoding"),
        (multipart(encoding="Content-Transfer-Encoding: 7bit, base64"), "odd-transfer-encoding"),
        (multipart(encoding="Content-Transfer-Encoding: base64 (c)"), "odd-transfer-encoding"),
        (multipart(encoding="Content-Transfer-Encoding: =?us-ascii?q?base64?="), "odd-transfer-encoding"),
        (multipart(encoding="Content-Transfer-Encoding: base-64"), "unknown-transfer-encoding"),
        (multipart(encoding=" Content-Transfer-Encoding: base64"), "hidden-field"),
        (multipart(encoding="Content-Transfer-Encoding\x00: base64"), "odd-field-name"),
        (multipart(encoding="Content-Transfer-Encoding : base64"), "space-before-colon"),
        (multipart(encoding="junk\nContent-Transfer-Encoding: base64"), "malformed-header-line"),
        (multipart(encoding="Content-Transfer-Encoding: base64\n \nmore: x"), "blank-fold-line"),
        (multipart(start="--foo\n"), "fields-after-blank-line"),
        (multipart(body="#" + ENCODED[:8] + "-" + ENCODED[8:]), "broken-base64"),
        (multipart(disposition="Content-Disposition: attachment; filename=a.exe"), "conflicting-file-names"),
        (multipart(type="Content-Type: message/partial; id=x; number=1; total=2"), "partial-message"),
    ],
)
def test_what_readers_read_differently_is_named_and_found(text: str, defect: str) -> None:
    """Each way of hiding a part has its name, and the payload is in one of the readings."""
    message = parse(text)
    assert defect in names(message)
    assert finds(message)


def test_inner_boundary_may_extend_the_outer() -> None:
    """A longer boundary of an inner multipart is no near miss of the outer one."""
    inner = f"Content-Type: multipart/mixed; boundary=foobar\n\n--foobar\n{CTE}\n\n{ENCODED}\n--foobar--\n"
    message = parse(f"{TOP}Content-Type: multipart/mixed; boundary=foo\n\n--foo\n{inner}--foo--\n")
    assert finds(message)
    assert not message.all_defects


def test_encoded_multipart_is_read_both_ways() -> None:
    """A multipart in base64 is forbidden, but some readers decode it."""
    body = base64.encodebytes(multipart().partition("\n\n")[2].encode()).decode()
    message = parse(f"{TOP}Content-Type: multipart/mixed; boundary=foo\nContent-Transfer-Encoding: base64\n\n{body}")
    assert "encoded-multipart" in names(message)
    assert finds(message)


def test_text_and_header_without_blank_line() -> None:
    """Where the body begins is open: it is said, and the parts are found."""
    message = parse(multipart().replace("boundary=foo\n\n--foo", "boundary=foo\n--foo", 1))
    assert "malformed-header-line" in names(message)
    assert finds(message)


def test_alternative_texts_are_visible() -> None:
    """A text that only some reader shows is scanned too."""
    hidden = "--bar\nContent-Type: text/plain\n\nonly seen by some\n--bar--\n"
    message = parse(
        f"{TOP}Content-Type: multipart/mixed; boundary=foo; boundary=bar\n\n--foo\n\nseen\n--foo--\n{hidden}"
    )
    assert "seen" in message.visible_text
    assert "only seen by some" in message.visible_text
