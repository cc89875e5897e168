"""Messages that two readers read differently, derived class by class; each hides the scanners' test file or a program.

CASES is what the tests go through: a name, the finding that must arise, the message, and what a scan of all readings
has to see: "test-file", "program" or "" where nothing is hidden but the doubt itself.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

# In two pieces, so that this source is not taken for it.
TEST_FILE = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
B64 = base64.b64encode(TEST_FILE).decode()
LINES64 = "\n".join(B64[at : at + 20] for at in range(0, len(B64), 20))
QP = "".join(f"={octet:02X}" if at % 3 == 0 else chr(octet) for at, octet in enumerate(TEST_FILE)).replace("\n", "")
TOP = "From: Ana Ruiz <ana@party.example>\nTo: members@party.example\nSubject: Minutes\n"
TOP += "Date: Sat, 21 Nov 2026 10:00:00 +0000\nMessage-ID: <{name}@party.example>\nMIME-Version: 1.0\n"
MIXED = "multipart/mixed; boundary=foo"
TYPE = "Content-Type: application/octet-stream"
FILE = "Content-Disposition: attachment; filename=minutes.bin"
CTE = "Content-Transfer-Encoding: base64"


@dataclass(frozen=True, slots=True)
class Case:
    """One message and what must be said about it."""

    name: str
    rule: str
    raw: bytes
    hidden: str = "test-file"


def whole(name: str, rule: str, text: str, hidden: str = "test-file") -> Case:
    """A message from its text behind the usual fields; \x1e becomes a bare line feed, \x1f a bare return."""
    full = TOP.format(name=name.replace(" ", "-")) + text
    raw = full.replace("\n", "\r\n").replace("\x1e", "\n").replace("\x1f", "\r").encode("utf-8", "surrogateescape")
    return Case(name, rule, raw, hidden)


def mixed(
    content_type: str = MIXED, *, more: str = "", part: str = "", start: str = "--foo", end: str = "--foo--"
) -> str:
    """The text of a multipart with a short text and a file."""
    part = part or file_part()
    return f"Content-Type: {content_type}\n{more}\n--foo\nContent-Type: text/plain\n\ntext\n{start}\n{part}\n{end}\n"


def file_part(kind: str = TYPE, disposition: str = FILE, encoding: str = CTE, body: str = LINES64) -> str:
    """A part that is a file."""
    fields = "\n".join(field for field in (kind, disposition, encoding) if field)
    return f"{fields}\n\n{body}"


def fields() -> Iterator[Case]:
    """Fields that stand twice, or are written so that only some readers see them."""
    yield whole("types conflict", "duplicate-content-type", mixed("text/plain\nContent-Type: " + MIXED))
    yield whole("types conflict late", "duplicate-content-type", mixed(MIXED + "\nContent-Type: text/plain"))
    yield whole(
        "boundaries conflict", "duplicate-content-type", mixed("multipart/mixed; boundary=bar\nContent-Type: " + MIXED)
    )
    yield whole(
        "encodings conflict",
        "duplicate-content-transfer-encoding",
        mixed(part=file_part(encoding="Content-Transfer-Encoding: 7bit\n" + CTE)),
    )
    yield whole(
        "encodings conflict late",
        "duplicate-content-transfer-encoding",
        mixed(part=file_part(encoding=CTE + "\nContent-Transfer-Encoding: quoted-printable")),
    )
    yield whole(
        "dispositions conflict",
        "duplicate-content-disposition",
        mixed(
            part=file_part(disposition="Content-Disposition: inline\nContent-Disposition: attachment; filename=a.exe")
        ),
        "program",
    )
    yield whole(
        "space before colon", "space-before-colon", mixed(part=file_part(encoding="Content-Transfer-Encoding : base64"))
    )
    yield whole(
        "tab before colon", "space-before-colon", mixed(part=file_part(encoding="Content-Transfer-Encoding\t: base64"))
    )
    yield whole(
        "NUL in name", "odd-field-name", mixed(part=file_part(encoding="Content-Transfer\x00-Encoding: base64"))
    )
    yield whole(
        "8 bit in name", "odd-field-name", mixed(part=file_part(encoding="Content-Transfer-Encoding\udcff: base64"))
    )
    yield whole(
        "zero width in name",
        "odd-field-name",
        mixed(part=file_part(encoding="Content-\u200bTransfer-Encoding: base64")),
    )
    yield whole("folded name", "odd-field-name", mixed(part=file_part(encoding="Content-Transfer-\n Encoding: base64")))
    yield whole(
        "name before fold", "odd-field-name", mixed(part=file_part(encoding="Content-Transfer-Encoding\n : base64"))
    )
    yield whole(
        "double colon", "odd-transfer-encoding", mixed(part=file_part(encoding="Content-Transfer-Encoding:: base64"))
    )
    yield whole("no colon", "malformed-header-line", mixed(part=file_part(encoding="Content-Transfer-Encoding base64")))
    yield whole("field behind bare return", "odd-line-break", mixed(part=file_part(encoding="X-A: b\x1f" + CTE)))
    yield whole("field behind bare feed", "mixed-line-ends", "X-A: b\x1e" + f"{TYPE}\n{CTE}\n\n{LINES64}\n")
    yield whole("field in a fold", "hidden-field", mixed(part=file_part(encoding="X-A: b\n " + CTE)))
    yield whole("field behind vertical tab", "odd-line-break", mixed(part=file_part(encoding="X-A: b\v" + CTE)))
    yield whole("junk line", "malformed-header-line", mixed(part=file_part(encoding="junk\n" + CTE)))
    yield whole("line of space", "blank-fold-line", mixed(part=file_part(kind=TYPE + "\n \n x=y")))
    yield whole(
        "line of space between fields", "blank-fold-line", mixed(part=f"{TYPE}\n   \n{CTE}\n{FILE}\n\n{LINES64}")
    )
    yield whole("no blank line", "malformed-header-line", mixed().replace("foo\n\n--foo", "foo\n--foo", 1))
    yield whole("no blank line in part", "malformed-header-line", mixed(part=f"{TYPE}\n{CTE}\n{LINES64}"))
    yield whole("blank line first", "fields-after-blank-line", mixed(part="\n" + file_part()))
    yield whole("mbox line in part", "malformed-header-line", mixed(part="From ana Sat Nov 21\n" + file_part()))


def boundaries() -> Iterator[Case]:
    """Boundary parameters and delimiter lines."""
    for name, value, rule in (
        ("boundary twice", "multipart/mixed; boundary=foo; boundary=bar", "several-boundaries"),
        ("boundary twice other", "multipart/mixed; boundary=bar; boundary=foo", "several-boundaries"),
        ("boundary in a value", 'multipart/mixed; x="; boundary=foo"; boundary=bar', "several-boundaries"),
        ("boundary in a comment", "multipart/mixed (; boundary=foo); boundary=bar", "several-boundaries"),
        ("boundary also in 2231", "multipart/mixed; boundary=bar; boundary*=us-ascii''foo", "several-boundaries"),
        ("boundary also in pieces", "multipart/mixed; boundary=bar; boundary*0=f; boundary*1=oo", "several-boundaries"),
        ("boundary in 2231", "multipart/mixed; boundary*=us-ascii''fo%6F", "encoded-boundary"),
        ("boundary in pieces", "multipart/mixed; boundary*0=f; boundary*1=oo", "encoded-boundary"),
        ("boundary pieces out of order", "multipart/mixed; boundary*1=oo; boundary*0=f", "disordered-parameter"),
        ("boundary piece missing", "multipart/mixed; boundary*0=foo; boundary*2=x", "disordered-parameter"),
        ("boundary quote open", 'multipart/mixed; boundary="foo', "malformed-content-type"),
        ("boundary quote inside", 'multipart/mixed; boundary=fo"o"', "malformed-content-type"),
        ("boundary single quotes", "multipart/mixed; boundary='foo'", "several-boundaries"),
        ("boundary comment", "multipart/mixed; boundary=foo (bar)", "malformed-content-type"),
        ("boundary comment before", "multipart/mixed; boundary=(bar)foo", "malformed-content-type"),
        ("boundary name comment", "multipart/mixed; boundary(x)=foo", "malformed-content-type"),
        ("boundary space inside", "multipart/mixed; boundary=foo bar", "malformed-content-type"),
        ("boundary space behind", 'multipart/mixed; boundary="foo "', "odd-boundary"),
        ("boundary space before", 'multipart/mixed; boundary=" foo"', "odd-boundary"),
        ("boundary quoted pair", 'multipart/mixed; boundary="f\\oo"', "odd-boundary"),
        ("boundary encoded word", 'multipart/mixed; boundary="=?us-ascii?q?foo?="', "odd-boundary"),
        ("boundary no semicolon", "multipart/mixed boundary=foo", "malformed-content-type"),
        ("boundary comma", "multipart/mixed, boundary=foo", "malformed-content-type"),
        ("boundary two semicolons", "multipart/mixed;; boundary=foo", "malformed-content-type"),
        ("boundary colon", "multipart/mixed; boundary:foo", "missing-boundary"),
        ("boundary missing", "multipart/mixed", "missing-boundary"),
        ("boundary empty", 'multipart/mixed; boundary=""', "missing-boundary"),
        ("boundary empty bare", "multipart/mixed; boundary=", "missing-boundary"),
        ("boundary other case", "multipart/mixed; boundary=FOO", "boundary-not-found"),
        ("boundary elsewhere", "multipart/mixed; boundary=other", "boundary-not-found"),
        ("boundary shorter", "multipart/mixed; boundary=fo", "near-boundary"),
        ("boundary too long", "multipart/mixed; boundary=" + "f" * 71, "odd-boundary"),
        ("boundary 8 bit", 'multipart/mixed; boundary="fóo"', "odd-boundary"),
        ("type without slash", "multipart; boundary=foo", "malformed-content-type"),
        ("type with space", "multipart /mixed; boundary=foo", "malformed-content-type"),
        ("type with comment", "multi(x)part/mixed; boundary=foo", "malformed-content-type"),
        ("type quoted", '"multipart/mixed"; boundary=foo', "malformed-content-type"),
        ("type in x", "x-multipart/mixed; boundary=foo", "malformed-content-type"),
        ("type slash twice", "multipart/mixed/x; boundary=foo", "malformed-content-type"),
        ("type empty", "; boundary=foo", "malformed-content-type"),
        ("type encoded word", "=?us-ascii?q?multipart/mixed?=; boundary=foo", "malformed-content-type"),
        ("type text", "text/plain; boundary=foo", "malformed-content-type"),
        ("type folded", "multi\n part/mixed; boundary=foo", "malformed-content-type"),
    ):
        yield whole(name, rule, mixed(value))


def lines() -> Iterator[Case]:
    """Delimiter lines, and what stands outside them."""
    for name, start, end, rule in (
        ("line longer", "--foobar", "--foo--", "near-boundary"),
        ("line in capitals", "--FOO", "--foo--", "parts-outside"),
        ("line space before", " --foo", "--foo--", "hidden-boundary"),
        ("line tab before", "\t--foo", "--foo--", "hidden-boundary"),
        ("line behind return", "x\x1f--foo", "--foo--", "hidden-boundary"),
        ("line behind vertical tab", "x\v--foo", "--foo--", "hidden-boundary"),
        ("line with NUL", "--foo\x00", "--foo--", "near-boundary"),
        ("line with text", "--foo text", "--foo--", "near-boundary"),
        ("line with vertical tab", "--foo\v", "--foo--", "parts-outside"),
        ("closed early", "--foo--\n--foo", "--foo--", "parts-after-end"),
        ("closed early behind", "--foo--", "--foo--", "parts-outside"),
        ("closed with space", "--foo --\n--foo", "--foo--", "near-boundary"),
        ("closed with one hyphen", "--foo-\n--foo", "--foo--", "near-boundary"),
        ("three hyphens", "---foo", "--foo--", "parts-outside"),
        ("one hyphen", "-foo\n--foo", "--foo--", ""),
    ):
        yield whole(name, rule, mixed(start=start, end=end))
    yield whole(
        "file in the preamble", "parts-outside", f"Content-Type: {MIXED}\n\n{file_part()}\n--foo\n\ntext\n--foo--\n"
    )
    yield whole("file in the epilogue", "parts-outside", mixed(part="\nx") + f"\n{file_part()}\n")
    yield whole(
        "other parts in the preamble",
        "parts-outside",
        f"Content-Type: {MIXED}\n\n--bar\n{file_part()}\n--bar--\n--foo\n\ntext\n--foo--\n",
    )
    yield whole(
        "other parts in the epilogue", "parts-outside", mixed(part="\nx") + f"\n--bar\n{file_part()}\n--bar--\n"
    )
    yield whole(
        "inner same boundary",
        "nested-same-boundary",
        mixed(part=f"Content-Type: {MIXED}\n\n--foo\n{file_part()}\n--foo--"),
    )
    yield whole(
        "multipart encoded",
        "encoded-multipart",
        f"Content-Type: {MIXED}\n{CTE}\n\n" + base64.encodebytes(mixed().partition("\n\n")[2].encode()).decode(),
    )
    yield whole("multipart called base64", "encoded-multipart", mixed(more=CTE + "\n", part=file_part(encoding="")))


def encodings() -> Iterator[Case]:
    """Content-Transfer-Encoding: its field."""
    for name, value, rule in (
        ("encoding list", "7bit, base64", "odd-transfer-encoding"),
        ("encoding parameter", "base64; x=y", "odd-transfer-encoding"),
        ("encoding comment", "base64 (x)", "odd-transfer-encoding"),
        ("encoding comment first", "(x) base64", "odd-transfer-encoding"),
        ("encoding quoted", '"base64"', "odd-transfer-encoding"),
        ("encoding two words", "base64 7bit", "odd-transfer-encoding"),
        ("encoding x", "x-base64", "odd-transfer-encoding"),
        ("encoding hyphen", "base-64", "odd-transfer-encoding"),
        ("encoding empty", "", "odd-transfer-encoding"),
        ("encoding encoded word", "=?us-ascii?q?base64?=", "odd-transfer-encoding"),
        ("encoding folded in two", "base\n 64", "odd-transfer-encoding"),
        ("encoding NUL", "base64\x00", "odd-line-break"),
        ("encoding dot", "base64.", "odd-transfer-encoding"),
        ("encoding 8 bit", "bas\u0435" + "64", "odd-transfer-encoding"),
        ("encoding no-break space", "base64\u00a0", "odd-transfer-encoding"),
    ):
        yield whole(name, rule, mixed(part=file_part(encoding=f"Content-Transfer-Encoding: {value}")))


def bodies() -> Iterator[Case]:
    """Content-Transfer-Encoding: bodies that break it, and files inside texts."""
    half = len(B64) // 2 // 4 * 4
    first, second = TEST_FILE[:31], TEST_FILE[31:]
    for name, body, rule in (
        ("junk in base64", LINES64[:13] + "#" + LINES64[13:], "broken-base64"),
        ("hyphens in base64", "-".join(B64), "broken-base64"),
        ("line of text in base64", B64[:half] + "\nX: y\n" + B64[half:], "broken-base64"),
        (
            "padding inside base64",
            base64.b64encode(first).decode() + base64.b64encode(second).decode(),
            "broken-base64",
        ),
        ("padding lines in base64", B64[:half] + "\n====\n" + B64[half:], "broken-base64"),
        ("base64 ends early", "QUJD\nQQ==\n" + B64, "broken-base64"),
        ("base64url", base64.urlsafe_b64encode(b"\xfb\xff" * 30 + b"a" + TEST_FILE).decode(), "broken-base64"),
        ("8 bit in base64", "\u00e9".join((B64[:half], B64[half:])), "broken-base64"),
        ("NUL in base64", "\x00".join((B64[:half], B64[half:])), "broken-base64"),
        ("blank line and junk in base64", f"\n\n{LINES64[:13]}#{LINES64[13:]}", "broken-base64"),
        ("blank line inside, then junk", f"{LINES64[:16]}\n\n{LINES64[16:29]}#{LINES64[29:]}", "broken-base64"),
        ("one letter more in base64", B64.rstrip("=") + "AA", "broken-base64"),
    ):
        yield whole(name, rule, mixed(part=file_part(body=body)))
    qp = f"{TYPE}\n{FILE}\nContent-Transfer-Encoding: quoted-printable\n\n"
    for name, body in (
        ("broken escape", "=X1" + QP),
        ("half an escape", QP + "\n=4"),
        ("space before break", QP[:12] + "= x\n" + QP[12:]),
    ):
        yield whole(
            name, "broken-quoted-printable", mixed(part=qp + body), "test-file" if name == "broken escape" else ""
        )
    yield whole("no encoding named", "undeclared-base64", mixed(part=file_part(encoding="")))
    uu = (
        "begin 644 a.exe\n"
        + "".join(binascii.b2a_uu(TEST_FILE[at : at + 45]).decode() for at in range(0, len(TEST_FILE), 45))
        + "`\nend\n"
    )
    yield whole("uuencode in text", "embedded-file", f"Content-Type: text/plain\n\nsee\n\n{uu}")
    yield whole("uuencode in a part", "embedded-file", mixed(part=f"Content-Type: text/plain\n\n{uu}"))
    yield whole("uuencode without type", "embedded-file", f"\nsee\n\n{uu}")
    yield whole(
        "yenc in text",
        "embedded-file",
        f"\n=ybegin line=128 size={len(TEST_FILE)} name=a.exe\n{yenc(TEST_FILE)}\n=yend size={len(TEST_FILE)}\n",
        "test-file",
    )
    yield whole(
        "binhex in text",
        "embedded-file",
        '\n(This file must be converted with BinHex 4.0)\n\n:#hGPBR9dD@acAh"X!$mr2cmr2cmr!!!!!!!8!!!!!-ka!!!!!:\n',
        "",
    )


def yenc(content: bytes) -> str:
    """The content in yEnc, critical octets escaped."""
    out = bytearray()
    for octet in content:
        shifted = (octet + 42) % 256
        out += b"=" + bytes([(shifted + 64) % 256]) if shifted in (0, 9, 10, 13, 61, 46) else bytes([shifted])
    return out.decode("utf-8", "surrogateescape")


def names() -> Iterator[Case]:
    """File names of which readers take different ones."""
    for name, disposition, kind, rule in (
        ("name twice", "attachment; filename=a.txt; filename=a.exe", "", "conflicting-file-names"),
        ("name conflict", "attachment; filename=a.txt", "; name=a.exe", "conflicting-file-names"),
        ("name and 2231", "attachment; filename=a.txt; filename*=utf-8''a.exe", "", "conflicting-file-names"),
        ("name and pieces", "attachment; filename=a.txt; filename*0=a.e; filename*1=xe", "", "conflicting-file-names"),
        ("pieces out of order", "attachment; filename*1=xe; filename*0=a.e", "", "disordered-parameter"),
        ("pieces from one", "attachment; filename*1=a.e; filename*2=xe", "", "disordered-parameter"),
        ("pieces doubled", "attachment; filename*0=a.e; filename*0=b.t; filename*1=xe", "", "disordered-parameter"),
        ("piece leading zero", "attachment; filename*0=a.e; filename*01=xe", "", "disordered-parameter"),
        ("name unquoted space", "attachment; filename=a .exe", "", ""),
        ("name quote inside", 'attachment; filename="a.txt".exe', "", "conflicting-file-names"),
        ("name quoted pair", 'attachment; filename="a.e\\xe"', "", "conflicting-file-names"),
        ("name comment", "attachment; filename=(x)a.exe", "", "odd-file-name"),
        ("name encoded word", 'attachment; filename="=?utf-8?q?a=2Eexe?="', "", ""),
        ("name with NUL", 'attachment; filename="a.exe\x00.txt"', "", "odd-line-break"),
        ("name behind semicolon", "attachment; filename=a;.exe", "", "odd-file-name"),
        ("name in utf-7", "attachment; filename*=utf-7''a+AC4-exe", "", "odd-charset"),
        ("name behind a broken value", "\u00e9t; filename*=us-ascii''a%2Eexe", "", ""),
        ("name trailing dot", 'attachment; filename="a.exe."', "", ""),
        ("name percent", 'attachment; filename="a%2Eexe"', "", ""),
    ):
        kind = TYPE.replace("octet-stream", "octet-stream" + kind)
        part = file_part(
            kind=kind, disposition=f"Content-Disposition: {disposition}", body=base64.b64encode(b"hello").decode()
        )
        yield whole(name, rule, mixed(part=part), "program" if rule else "")


def contents() -> Iterator[Case]:
    """Charsets, types that nobody can put together, texts that differ."""
    utf7 = "Content-Type: text/plain; charset=utf-7\n\n+AHgANQ-\n"
    yield whole("utf-7", "odd-charset", utf7, "")
    yield whole(
        "charset twice", "conflicting-charsets", "Content-Type: text/plain; charset=utf-8; charset=utf-16\n\nx\n", ""
    )
    yield whole("charset unknown", "unknown-charset", "Content-Type: text/plain; charset=x-none\n\n\udce9\n", "")
    yield whole(
        "partial", "partial-message", f"Content-Type: message/partial; id=x; number=1; total=2\n\n{file_part()}\n"
    )
    yield whole(
        "external body",
        "external-body",
        'Content-Type: message/external-body; access-type=URL; URL="http://a.example/a"\n\nContent-Type: text/x\n\n',
        "",
    )
    yield whole("no closing line", "", mixed(end=""))
    yield Case(
        "version 2", "odd-mime-version", whole("version 2", "", mixed()).raw.replace(b"Version: 1.0", b"Version: 2.0")
    )


CASES: tuple[Case, ...] = tuple(chain(fields(), boundaries(), lines(), encodings(), bodies(), names(), contents()))
