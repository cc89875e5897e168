"""Reading a server's replies (RFC 5321 section 4.2): whole ones, in order, and nothing that is not a reply."""

import re
from collections import deque

from listward.wire.reply import Reply

LINE_LIMIT = 4096  # section 4.5.3.1.5 says 512; some servers explain themselves at length
REPLY_LINES = 256
UNREAD_LIMIT = 1_048_576  # octets of replies that nobody has taken yet
_FAMILIAR = 64  # short lines remembered with what they mean: most servers say the same few things all day
_SHORT = 128

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?")
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: +|$)")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


class BadReply(Exception):
    """What came is no SMTP reply; the connection is out of step and of no more use."""


class ReplyReader:
    """Turns bytes into replies. `feed` may be given them in any pieces."""

    def __init__(self) -> None:
        self.ready: deque[Reply] = deque()
        self._rest = b""
        self._code = b""
        self._lines: list[str] = []
        self._unread = 0
        self._familiar: dict[bytes, Reply] = {}

    @property
    def idle(self) -> bool:
        """Nothing has come that was not asked for."""
        return not (self.ready or self._rest or self._lines)

    def feed(self, data: bytes) -> None:
        """Take bytes in; whole replies go to `ready`. Raises BadReply."""
        self._unread = len(data) if self.idle else self._unread + len(data)
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            familiar = None if self._lines else self._familiar.get(line)
            if familiar is not None:
                self.ready.append(familiar)
            else:
                self._line(line)
        if len(self._rest) > LINE_LIMIT or self._unread > UNREAD_LIMIT:
            raise BadReply("the reply is too long")

    def drop(self) -> None:
        """Forget everything read so far, as at the change to TLS (RFC 3207 section 4.2)."""
        self.ready.clear()
        self._rest, self._code, self._lines = b"", b"", []

    def _line(self, line: bytes) -> None:
        if not line.endswith(b"\r") or len(line) > LINE_LIMIT:
            raise BadReply("the line is too long or not ended by CRLF")
        parsed = _LINE.fullmatch(line[:-1])
        if parsed is None or (self._lines and parsed[1] != self._code):
            raise BadReply("not a reply")
        self._code = parsed[1]
        self._lines.append((parsed[3] or b"").decode("ascii", "replace"))
        if parsed[2] == b"-":
            if len(self._lines) >= REPLY_LINES:
                raise BadReply("the reply has too many lines")
            return
        reply = make_reply(int(self._code), self._lines)
        if len(self._lines) == 1 and len(line) <= _SHORT and len(self._familiar) < _FAMILIAR:
            self._familiar[line] = reply
        self.ready.append(reply)
        self._lines = []


def make_reply(code: int, lines: list[str]) -> Reply:
    """Return the reply of these lines, its enhanced status code apart where one of its class stands in front."""
    enhanced = _ENHANCED.match(lines[0])
    prefix = enhanced[1] if enhanced and enhanced[1][0] == str(code)[0] else ""
    texts = [_without(prefix, line) for line in lines] if prefix else lines
    return Reply(code, prefix, "\n".join(_UNPRINTABLE.sub("?", text) for text in texts))


def _without(prefix: str, line: str) -> str:
    return line[len(prefix) :].lstrip(" ") if line.startswith(prefix) else line
