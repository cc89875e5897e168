"""Size attacks: each costs well below a second of CPU, raises nothing, and leaves a defect where a limit was met."""

import time
from collections.abc import Callable

import pytest
from pace import allowed

from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message

HEAD = b"From: a@b.example\r\nMIME-Version: 1.0\r\n"


def parameters() -> bytes:
    return HEAD + b"Content-Type: text/plain" + b"".join(b"; p%d=v" % n for n in range(20_000)) + b"\r\n\r\nx\r\n"


def continuations() -> bytes:
    chunks = b"".join(b";\r\n name*%d*=v" % n for n in range(20_000))
    return HEAD + b"Content-Type: text/plain" + chunks + b"\r\n\r\nx\r\n"


def many_fields() -> bytes:
    return HEAD + b"X-Any: value\r\n" * 200_000 + b"\r\nx\r\n"


def empty_parts() -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 200_000 + b"--b--\r\n"


def nested_multiparts() -> bytes:
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1000))
    return HEAD + levels + b"\r\nx\r\n"


def nested_messages() -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 1000 + b"x\r\n"


def same_boundary_nested() -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 20_000 + b"x\r\n"


def comments() -> bytes:
    return b"From: " + b"(" * 20_000 + b"\r\nTo: " + b"(" * 20_000 + b"\r\n\r\nx\r\n"


def encoded_words() -> bytes:
    return b"From: a@b.example\r\nSubject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\nx\r\n"


def half_encoded_words() -> bytes:
    return b"From: a@b.example\r\nSubject: " + b"=?utf-8?q?" * 1_600 + b"\r\nX: " + b"=?" * 8_000 + b"\r\n\r\nx\r\n"


def many_addresses() -> bytes:
    return b"From: a@b.example\r\nTo: " + b"a@b.example, " * 20_000 + b"\r\n\r\nx\r\n"


def many_attachments() -> bytes:
    part = (
        b"--b\r\nContent-Disposition: attachment; filename=a.txt\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"
    )
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 2000 + b"--b--\r\n"


def no_newline() -> bytes:
    return HEAD + b"\r\n" + b"x" * 5_000_000


def empty_lines() -> bytes:
    return HEAD + b"\r\n" + b"\r\n" * 2_000_000


def hyphen_lines() -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b; boundary=c\r\n\r\n" + b"--\r\n" * 500_000


def equals_signs() -> bytes:
    return HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * 2_000_000


def quoted_printable_spaces() -> bytes:
    return HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"= \t" * 700_000


def white_space_lines() -> bytes:
    return HEAD + b"\r\n" + (b" " * 1000 + b"x\r\n") * 2000 + b" " * 1_000_000


def deep_divs() -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000 + b"x" + b"</div>" * 20_000


def closed_before_opened() -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n" + b"</div>" * 9_000 + b"<div>" * 9_000


def attributes() -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n<p " + b" ".join(b"a%d=b" % n for n in range(60_000)) + b">hi"


def attribute_names() -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n" + b"".join(b"<p x%d>" % n for n in range(19_000))


def misnested() -> bytes:
    fonts = b"".join(b"<font size=%d>" % n for n in range(15)) + b"<div>" * 15 + b"</font>" * 15 + b"</div>" * 15
    return HEAD + b"Content-Type: text/html\r\n\r\n" + fonts * 2000


def options() -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n<select>" + b"<option>" * 130_000


def ampersands() -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n" + b"&amp;" * 1_000_000


def different_styles() -> bytes:
    styles = b"".join(b'<p style="color:#%06x;background:#%06x">x' % (n, n) for n in range(20_000))
    return HEAD + b"Content-Type: text/html\r\n\r\n" + styles


def small_dense_pages() -> bytes:
    page = b"<p " + b" ".join(b"a%d" % n for n in range(6_000)) + b">hi\r\n"
    part = b"--b\r\nContent-Type: text/html\r\n\r\n" + page
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 150 + b"--b--\r\n"


def reopened_formatting() -> bytes:
    fonts = b"".join(b"<font size=%d>" % n for n in range(190))
    return HEAD + b"Content-Type: text/html\r\n\r\n<p>" + fonts + b"<p>x" * 100_000


def open_angles() -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a " * 300_000


def long_styles() -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n" + b'<p style="color:' + b"color:" * 100_000 + b'">x</p>'


def many_begins() -> bytes:
    return HEAD + b"\r\n" + b"begin 644 a\r\n" * 50_000


def many_urls() -> bytes:
    return HEAD + b"\r\n" + b"http://a.example/ " * 100_000


def colons() -> bytes:
    return HEAD + b"\r\n> wrote:\r\n" + (b"On " + b"wrote " * 60 + b":\r\n") * 5_000


def padded_lines() -> bytes:
    return HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUI=\r\n" * 1_500_000


def padded_letters() -> bytes:
    return HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"A=" * 4_500_000


def broken_escapes() -> bytes:
    return HEAD + b"Content-Type: a/b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=4 \r\n" * 2_000_000


def sixteen_megabytes_of_empty_lines() -> bytes:
    return HEAD + b"\r\n" + b"\r\n" * 8_000_000 + b"x"


def quoted_lines() -> bytes:
    return HEAD + b"\r\n" + b">\r\n" * 5_000_000


def attributions() -> bytes:
    return HEAD + b"\r\n> \r\n" + b"a wrote:\r\n" * 1_500_000


def short_urls() -> bytes:
    return HEAD + b"\r\n" + b"www.a " * 700_000


def no_urls() -> bytes:
    return HEAD + b"\r\n" + b"www.<" * 1_000_000


def uu_lines() -> bytes:
    return HEAD + b"\r\nbegin 644 a\r\n" + b"!@\r\n" * 3_000_000 + b"end\r\n"


def long_and_many_lines() -> bytes:
    lines = b"".join(b"y%d\r\n" % n for n in range(500_000))
    start = HEAD + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n" + b"x " * 49_000
    return start + b"\r\n--b\r\n\r\n" + lines + b"--b--\r\n"


def alternative_of_many_lines() -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\n" + b"".join(b"line %d\r\n" % n for n in range(40_000))
    return HEAD + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n" + part * 4 + b"--b--\r\n"


ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "parameters": (parameters, "field-too-long"),
    "continuations": (continuations, "field-too-long"),
    "fields": (many_fields, "too-many-fields"),
    "parts": (empty_parts, "too-many-parts"),
    "multiparts": (nested_multiparts, "nested-too-deep"),
    "messages": (nested_messages, "nested-too-deep"),
    "one boundary": (same_boundary_nested, "too-many-parts"),
    "comments": (comments, "ambiguous-author"),
    "encoded words": (encoded_words, "header-too-large"),
    "half encoded words": (half_encoded_words, ""),
    "addresses": (many_addresses, "too-many-addresses"),
    "attachments": (many_attachments, "too-many-parts"),
    "one line": (no_newline, ""),
    "empty lines": (empty_lines, ""),
    "hyphens": (hyphen_lines, "several-boundaries"),
    "equals signs": (equals_signs, "base64-padding"),
    "soft breaks": (quoted_printable_spaces, ""),
    "white space": (white_space_lines, ""),
    "divs": (deep_divs, "html-too-deep"),
    "closed divs": (closed_before_opened, "html-too-deep"),
    "attributes": (attributes, "html-too-dense"),
    "attribute names": (attribute_names, "html-too-dense"),
    "misnested": (misnested, "html-too-deep"),
    "options": (options, "html-too-dense"),
    "ampersands": (ampersands, "html-too-dense"),
    "different styles": (different_styles, ""),
    "small dense pages": (small_dense_pages, "html-too-dense"),
    "formatting": (reopened_formatting, "html-too-deep"),
    "open angles": (open_angles, ""),
    "styles": (long_styles, ""),
    "uuencode": (many_begins, ""),
    "links": (many_urls, ""),
    "attributions": (colons, ""),
    "padded lines": (padded_lines, "broken-base64"),
    "padded letters": (padded_letters, "broken-base64"),
    "broken escapes": (broken_escapes, "broken-quoted-printable"),
    "many empty lines": (sixteen_megabytes_of_empty_lines, "text-truncated"),
    "quoted lines": (quoted_lines, "text-truncated"),
    "many attributions": (attributions, "text-truncated"),
    "short links": (short_urls, ""),
    "no links": (no_urls, ""),
    "uuencoded lines": (uu_lines, "text-truncated"),
    "long and many lines": (long_and_many_lines, ""),
    "alternatives": (alternative_of_many_lines, ""),
}


def read_all(message: Message) -> None:
    """Ask for every view."""
    assert isinstance(message.own_text + message.quoted_text + message.hidden_text, str)
    assert message.body_digest
    assert message.links is not None
    assert message.attachments is not None
    assert message.all_defects is not None


@pytest.mark.parametrize("name", ATTACKS)
def test_cost_is_bounded(name: str) -> None:
    """Parsing and all views together cost far less than a second of CPU, and the limit met is named."""
    build, defect = ATTACKS[name]
    raw = build()
    start = time.process_time()
    message = parse_message(raw)
    read_all(message)
    spent = time.process_time() - start
    assert spent < allowed(0.9), f"{name}: {spent:.2f} s"
    if defect:
        assert defect in {found.name for found in message.all_defects}


def test_cost_grows_in_proportion() -> None:
    """Eight times the parts, fields and text cost no more than some twelve times as much."""

    def cost(size: int) -> float:
        raw = HEAD + b"\r\n" + b"On Monday a@b.example wrote: http://c.example/ = x <y>\r\n" * size
        start = time.process_time()
        for _ in range(5):
            read_all(parse_message(raw))
        return time.process_time() - start

    cost(1000)
    assert cost(16_000) < 12 * max(cost(2000), 0.01)
