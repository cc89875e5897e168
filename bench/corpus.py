"""Members' mail made up from a seed: the same seed gives the same bytes, and nothing is read from anywhere.

The mix is that of ordinary lists: 67 % plain text of 2 to 6 KB, 28 % text with HTML of about 20 KB, 5 % with an
attachment of 200 KB. Text parts are 7bit, quoted-printable, base64 and 8bit in turn.
"""

import base64
import hashlib
import quopri
import random
from dataclasses import dataclass

from bench.signing import Seal

_WORDS = (
    "the of to and a in that is for it on with as this we are be have not from or by but at an if can "
    "will which there was agenda minutes meeting chapter evening hall chairs coffee poster leaflet stall street market "
    "saturday thursday proposal motion amendment vote delegate congress branch working group housing transport school "
    "climate rent discussion reading circle article essay history question answer argument example paragraph "
    "draft version wording volunteer driver kitchen children garden choir rehearsal translation newsletter printer "
    "paper folder key door thanks greetings regards hello tomorrow yesterday week month year perhaps certainly think "
    "believe agree disagree prefer support oppose consider explain describe mention remember wonder expect bring "
    "read write library speak listen"
)
WORDS = _WORDS.split()
ACCENTS = ("café", "naïve", "Größe", "Übung", "señor", "résumé", "façade", "Zürich", "piñata")
NAMES = ("Ann Ito", "Ben Osei", "Carla Ruiz", "David Novak", "Eva Berg", "Fritz Keller", "Gita Rao", "Hugo Moreau")
GOLDEN = 0.6180339887498949  # its multiples spread evenly, so that any few messages have the mix of all
MIB = 1024 * 1024
ID = b"@@message-id@@"  # stands where each message sent gets its own Message-ID


@dataclass(frozen=True, slots=True)
class Template:
    """One message in two halves around its Message-ID, dot-stuffed, with the final dot; `seal` signs it anew."""

    sender: str
    head: bytes
    tail: bytes
    seal: Seal | None = None

    def message(self, identity: bytes) -> bytes:
        """Return the message as it goes out after DATA's answer."""
        whole = self.head + identity + self.tail
        if self.seal is None:
            return whole
        return self.seal.field(whole[: whole.index(b"\r\n\r\n") + 2]) + whole


@dataclass(frozen=True, slots=True)
class Author:
    """Whose mail it is: `domain` of the addresses, `to` the list."""

    domain: str
    to: str


class Maker:
    """Makes messages. Not for anything but measuring."""

    def __init__(self, seed: int, author: Author) -> None:
        self._random = random.Random(seed)
        self._author = author

    def raw(self, number: int) -> tuple[str, bytes]:
        """Return (sender, message) with CRLF line ends and the place of its Message-ID."""
        share = number * GOLDEN % 1.0
        kind = "plain" if share < 0.67 else "alternative" if share < 0.95 else "attachment"
        name = self._random.choice(NAMES)
        sender = f"{name.split()[0].lower()}@{self._author.domain}"
        head = [
            f"From: {name} <{sender}>",
            f"To: <{self._author.to}>",
            f"Subject: {self._sentence(5)}",
            "Date: Sat, 21 Nov 2026 10:00:00 +0000",
            "Message-ID: <" + ID.decode() + f"@{self._author.domain}>",
            "MIME-Version: 1.0",
        ]
        body = getattr(self, f"_{kind}")(number)
        return sender, "\r\n".join(head).encode() + b"\r\n" + body.replace(b"\n", b"\r\n")

    def _sentence(self, length: int) -> str:
        return " ".join(self._random.choices(WORDS, k=length)).capitalize()

    def _text(self, octets: int, accents: bool) -> str:
        lines: list[str] = []
        while sum(map(len, lines)) < octets:
            words = self._random.choices(WORDS, k=self._random.randint(6, 11))
            if accents and self._random.random() < 0.3:
                words[0] = self._random.choice(ACCENTS)
            lines.append(" ".join(words).capitalize() + self._random.choice((".", ".", "?", "!", ",")))
            if self._random.random() < 0.15:
                lines.append(self._random.choice(("", "", ".a line that begins with a dot")))
        return "\n".join(lines) + "\n"

    def _part(self, text: str, subtype: str) -> bytes:
        if text.isascii():
            return f"Content-Type: text/{subtype}; charset=us-ascii\n\n{text}".encode()
        encoding = self._random.choice(("quoted-printable", "quoted-printable", "base64", "8bit"))
        body = text.encode()
        if encoding == "quoted-printable":
            body = quopri.encodestring(body)
        elif encoding == "base64":
            body = base64.encodebytes(body)
        head = f"Content-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n"
        return head.encode() + body

    def _plain(self, number: int) -> bytes:
        del number
        return self._part(self._text(self._random.randint(2000, 6000), self._random.random() < 0.3), "plain")

    def _html(self, text: str, octets: int) -> str:
        paragraphs = text.split("\n\n")
        rows: list[str] = []
        while sum(map(len, rows)) < octets:
            words = self._random.choice(paragraphs).replace("\n", "<br>\n")
            style = f"padding:{self._random.randint(1, 20)}px;color:#{self._random.randrange(1 << 24):06x}"
            link = f"https://pages.{self._author.domain}/{self._random.choice(WORDS)}"
            rows.append(f'<tr><td style="{style}"><p>{words}</p>\n<a href="{link}">read on</a></td></tr>')
        return (
            "<!DOCTYPE html><html><head><title>News</title></head><body><table>\n"
            + "\n".join(rows)
            + "</table></body></html>\n"
        )

    def _alternative(self, number: int) -> bytes:
        text = self._text(self._random.randint(3000, 5000), self._random.random() < 0.3)
        return self._multipart(
            "alternative", number, self._part(text, "plain"), self._part(self._html(text, 14_000), "html")
        )

    def _attachment(self, number: int) -> bytes:
        noise = b"".join(hashlib.sha512(b"%d.%d" % (number, block)).digest() for block in range(2300))
        head = (
            "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
            f'Content-Disposition: attachment; filename="minutes-{number}.dat"\n\n'
        )
        return self._multipart("mixed", number, self._plain(number), head.encode() + base64.encodebytes(noise))

    def _multipart(self, subtype: str, number: int, *parts: bytes) -> bytes:
        boundary = f"=_part_{number}"
        opened = b"".join(b"--%s\n%s\n" % (boundary.encode(), part) for part in parts)
        head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\n\n'
        return head.encode() + opened + f"--{boundary}--\n".encode()


def raw_messages(seed: int, count: int, author: Author) -> list[tuple[str, bytes]]:
    """Return (sender, message) pairs, ID standing where the Message-ID goes."""
    maker = Maker(seed, author)
    return [maker.raw(number) for number in range(count)]


def large_message(octets: int, author: Author) -> tuple[str, bytes]:
    """Return (sender, message) of just below `octets` octets: a short text and one attachment of noise in base64."""
    sender = f"ann@{author.domain}"
    block = hashlib.sha512(b"large").digest() * 1024
    # A line of 78 octets holds 57.
    lines = base64.encodebytes((block * (octets // len(block) + 1))[: (octets - 2048) // 78 * 57])
    head = (
        f"From: Ann Ito <{sender}>\nTo: <{author.to}>\nSubject: The recording\n"
        f"Date: Sat, 21 Nov 2026 10:00:00 +0000\nMessage-ID: <{ID.decode()}@{author.domain}>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="=_large"\n\n--=_large\nContent-Type: text/plain\n\nHere it is.\n'
        "--=_large\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
        'Content-Disposition: attachment; filename="recording.dat"\n\n'
    )
    return sender, (head.encode() + lines + b"--=_large--\n").replace(b"\n", b"\r\n")


def template(sender: str, raw: bytes, seal: Seal | None = None) -> Template:
    """Make the message ready for the wire (RFC 5321 section 4.5.2)."""
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    head, tail = stuffed.split(ID, 1)
    return Template(sender, head, tail + b".\r\n", seal)
