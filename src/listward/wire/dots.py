"""Line endings and dot-stuffing of message content (RFC 5321 sections 2.3.8 and 4.5.2).

Everything works on whole blocks of bytes and is linear; nothing looks at one line after another.
"""

CRLF = b"\r\n"
END = b".\r\n"


def stuff(data: bytes) -> bytes:
    """Return the content with one more dot before every line that begins with one."""
    stuffed = data.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def unstuff(data: bytes) -> bytes:
    """Take the first dot off every line that begins with one. The content ends before the line of a single dot."""
    plain = data.replace(b"\r\n.", b"\r\n")
    return plain[1:] if plain.startswith(b".") else plain


def terminated(data: bytes) -> bytes:
    """Return the content ending in CRLF, as the final dot must stand on a line of its own (section 4.1.1.4)."""
    return data if not data or data.endswith(CRLF) else data + CRLF


def malformed(data: bytes) -> str | None:
    """Name what must never go on to another server: "bare CR", "bare LF" or "NUL"; None when there is none."""
    lines = data.count(CRLF)
    if data.count(b"\r") != lines:
        return "bare CR"
    if data.count(b"\n") != lines:
        return "bare LF"
    return "NUL" if b"\0" in data else None


def normalise(data: bytes) -> bytes:
    """Return the content with every bare LF as CRLF, and a space for every bare CR and every NUL.

    A bare CR becomes no line end: CR CR LF inside the header would otherwise end the header.
    """
    return data.replace(b"\0", b" ").replace(CRLF, b"\n").replace(b"\r", b" ").replace(b"\n", CRLF)
