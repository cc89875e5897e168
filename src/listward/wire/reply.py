"""An SMTP reply with its enhanced status code (RFC 5321 section 4.2, RFC 2034, RFC 3463)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. `enhanced` is "" where RFC 2034 wants none (220, 250 to EHLO, 354); `text` may hold several lines."""

    code: int
    enhanced: str
    text: str

    @property
    def positive(self) -> bool:
        """2xx."""
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        """4xx: the client keeps the message and tries again."""
        return 400 <= self.code < 500

    @property
    def permanent(self) -> bool:
        """5xx: the client gives up."""
        return 500 <= self.code < 600

    def render(self) -> str:
        """Return the lines of the reply joined by CRLF, without the last CRLF."""
        lines = self.text.split("\n")
        prefix = f"{self.enhanced} " if self.enhanced else ""
        rendered = [f"{self.code}-{prefix}{line}" for line in lines[:-1]]
        return "\r\n".join([*rendered, f"{self.code} {prefix}{lines[-1]}"])
