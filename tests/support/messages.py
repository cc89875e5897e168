"""Builds messages for tests: RFC 5322 bytes with CRLF line ends, small and predictable."""

from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP

PLAIN_DATE = "Sat, 21 Nov 2026 10:00:00 +0000"


def build(
    *,
    from_: str | None = "Ana Ruiz <ana@party.example>",
    to: str | Iterable[str] = "board@lists.party.example",
    subject: str | None = "Minutes of Tuesday",
    text: str = "Dear all,\n\nhere are the minutes.\n",
    html: str | None = None,
    attachments: Iterable[tuple[str, bytes]] = (),
    headers: Iterable[tuple[str, str]] = (),
    message_id: str | None = "<one@party.example>",
    date: str | None = PLAIN_DATE,
) -> bytes:
    """One message; `attachments` are (file name, bytes), `headers` stand in front as written; None leaves out."""
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["To"] = to if isinstance(to, str) else ", ".join(to)
    optional = (("From", from_), ("Subject", subject), ("Message-ID", message_id), ("Date", date))
    for name, value in optional:
        if value is not None:
            message[name] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for filename, content in attachments:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
    return _with_headers(message.as_bytes(), headers)


def _with_headers(raw: bytes, headers: Iterable[tuple[str, str]]) -> bytes:
    """Put the extra fields in front, as written: so tests may send what no library would write."""
    extra = b"".join(f"{name}: {value}\r\n".encode() for name, value in headers)
    return extra + raw


def crlf(text: str) -> bytes:
    """Turn text with bare line feeds into the bytes of a message with CRLF line ends."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
