"""Messages that are large, deep or dense where a careless parser pays with the square of it; built when asked."""

import gzip
import io
import zipfile
from base64 import encodebytes
from collections.abc import Callable

HEAD = b"From: Ann Ito <ann@members.example>\r\nTo: members@party.example\r\nSubject: Size\r\n"
MIME = HEAD + b"MIME-Version: 1.0\r\n"
MB = 1_000_000
Build = Callable[[], bytes]


def typed(content_type: bytes, body: bytes, more: bytes = b"") -> bytes:
    """A message of one part."""
    return MIME + b"Content-Type: " + content_type + b"\r\n" + more + b"\r\n" + body + b"\r\n"


def encoded(encoding: bytes, body: bytes, content_type: bytes = b"text/plain") -> bytes:
    """A message of one part in that transfer encoding."""
    return typed(content_type, body, b"Content-Transfer-Encoding: " + encoding + b"\r\n")


def attached(name: bytes, content: bytes) -> bytes:
    """A message that is one file."""
    body = encodebytes(content).replace(b"\n", b"\r\n")
    more = b"Content-Disposition: attachment; filename=" + name + b"\r\n"
    return encoded(b"base64", body, b"application/octet-stream").replace(
        b"\r\nContent-Tr", b"\r\n" + more + b"Content-Tr"
    )


def bomb(members: int, size: int) -> bytes:
    """A zip archive that unpacks to `members` files of zeros."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members):
            archive.writestr(f"{number}.txt", b"\0" * size)
    return packed.getvalue()


def nested_zip(depth: int) -> bytes:
    """A zip archive in a zip archive, and so on."""
    content, name = b"x", "x.txt"
    for _ in range(depth):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(name, content)
        content, name = packed.getvalue(), "x.zip"
    return content


def multipart(part: bytes, times: int) -> bytes:
    """A multipart of the same part many times over."""
    return MIME + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + (b"--b\r\n" + part) * times + b"--b--\r\n"


def nested(kind: bytes, depth: int) -> bytes:
    """Multiparts or messages in each other."""
    if kind == b"message":
        return MIME + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"x\r\n"
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return MIME + levels + b"\r\nx\r\n"


SMALL: dict[str, Build] = {
    "parameters": lambda: typed(b"text/plain" + b"".join(b"; p%d=v" % n for n in range(20_000)), b"x"),
    "continuations": lambda: typed(b"text/plain" + b"".join(b";\r\n name*%d*=v" % n for n in range(20_000)), b"x"),
    "parts": lambda: multipart(b"\r\n", 200_000),
    "encoded words": lambda: HEAD + b"X-Words: " + b"=?utf-8?q?a?=\r\n " * 20_000 + b"\r\n\r\nx\r\n",
    "addresses": lambda: HEAD + b"Cc: " + b"a@b.example,\r\n " * 20_000 + b"c@d.example\r\n\r\nx\r\n",
    "attachments": lambda: multipart(
        b"Content-Disposition: attachment; filename=a.txt\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n", 2000
    ),
    "multiparts in each other": lambda: nested(b"multipart", 1000),
    "messages in each other": lambda: nested(b"message", 1000),
    "brackets": lambda: HEAD.replace(b"Ann Ito", b"(" * 20_000) + b"Cc: " + b"(" * 20_000 + b"\r\n\r\nx\r\n",
    "huge date": lambda: HEAD + b"Date: Sat, 21 Nov " + b"9" * 5000 + b" 10:00:00 +" + b"9" * 5000 + b"\r\n\r\nx\r\n",
    "nested divs": lambda: typed(b"text/html", b"<div>" * 20_000 + b"x" + b"</div>" * 20_000),
    "zip bomb": lambda: attached(b"a.zip", bomb(20, 20 * MB)),
    "zip of many": lambda: attached(b"a.zip", bomb(20_000, 1)),
    "zip in zip": lambda: attached(b"a.zip", nested_zip(60)),
    "gzip bomb": lambda: attached(b"a.gz", gzip.compress(b"\0" * 100 * MB)),
    "xml entities": lambda: attached(
        b"a.svg",
        b'<?xml version="1.0"?><!DOCTYPE a ['
        + b"".join(b'<!ENTITY e%d "%s">' % (n + 1, b"&e%d;" % n * 10) for n in range(20))
        + b"]><svg>&e20;</svg>",
    ),
}
LARGE: dict[str, Build] = {
    "fields": lambda: HEAD + b"X-Any: value\r\n" * 200_000 + b"\r\nx\r\n",
    "empty lines": lambda: HEAD + b"\r\n" + b"\r\n" * 8_000_000,
    "one line": lambda: HEAD + b"\r\n" + b"x" * 50 * MB + b"\r\n",
    "results": lambda: HEAD + b"Authentication-Results: " + b'lists.party.example; (a "b' * 400_000 + b"\r\n\r\nx\r\n",
    "many results": lambda: HEAD + b"Authentication-Results: other.example; spf=pass\r\n" * 200_000 + b"\r\nx\r\n",
    "broken base64": lambda: encoded(b"base64", b"QUJDRA#\r\nQ=\r\n" * 750_000),
    "broken base64 file": lambda: encoded(b"base64", b"QUJDRA#\r\nQ=\r\n" * 750_000, b"application/pdf"),
    "equals signs": lambda: encoded(b"quoted-printable", b"=" * 10 * MB),
    "soft breaks": lambda: encoded(b"quoted-printable", b"= \t" * 3 * MB),
    "open angles": lambda: typed(b"text/html", b"<" * 5 * MB),
    "open comments": lambda: typed(b"text/html", b"<!--" * MB),
    "delimiters": lambda: typed(b"multipart/mixed; boundary=b; boundary=c", b"--x\r\n" * 2_000_000),
    "white space": lambda: HEAD + b"\r\n" + b" " * 20 * MB + b"\r\n",
    "quotations": lambda: HEAD + b"\r\n" + b"> > > On Monday wrote:\r\n" * 400_000,
    "combining marks": lambda: typed(b"text/plain; charset=utf-8", b"a" + "\u0301".encode() * 2 * MB),
    "zero width": lambda: typed(
        b"text/plain; charset=utf-8", "d\u200bo\u200bn\u200ba\u200bt\u200be ".encode() * 250_000
    ),
    "right to left": lambda: typed(b"text/plain; charset=utf-8", "\u202e\u05d0\u05d1 ".encode() * 600_000),
    "digits": lambda: HEAD + b"\r\n" + b"DE89 3704 0044 0532 0130 00 " * 180_000,
    "links": lambda: HEAD + b"\r\n" + b"http://a.example/paypal.me/x?y=1 " * 160_000,
    "page of links": lambda: typed(b"text/html", b'<a href="http://a.example/">b</a> ' * 160_000),
    "forty megabytes": lambda: (
        HEAD + b"\r\n" + (b"The quick brown fox jumps over the lazy dog. " * 2 + b"\r\n") * 435_000
    ),
}
