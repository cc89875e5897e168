"""Sends the samples through the real SMTP door."""

import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass

from listward.cli.demo.messages import Sample
from listward.cli.output import printable

DOOR_OPENS_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the door answered to one sample: SMTP code and text, joined to one line."""

    sample: Sample
    code: int
    text: str

    @property
    def happened(self) -> str:
        """The outcome in a few words."""
        if 200 <= self.code < 300:
            return "held" if "moderator" in self.text else "delivered"
        return "put off" if 400 <= self.code < 500 else "refused"


def send_all(samples: tuple[Sample, ...], port: int) -> Iterator[Outcome]:
    """Send each sample over a connection of its own, as its sender's server would."""
    wait_for_door(port)
    for sample in samples:
        yield send(sample, port)


def send(sample: Sample, port: int) -> Outcome:
    """Send one sample byte for byte and return the answer that settled it."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="sender.example", timeout=60) as client:
        client.ehlo()
        code, text = client.mail(sample.sender)
        if code < 400:
            code, text = client.rcpt(sample.recipient)
        if code < 400:
            code, text = _data(client, sample.raw)
    return Outcome(sample, code, printable(text.decode("utf-8", "replace").replace("\n", " ")))


def _data(client: smtplib.SMTP, raw: bytes) -> tuple[int, bytes]:
    """Send DATA ourselves: smtplib would repair the line ends that one sample is about."""
    code, text = client.docmd("DATA")
    if code != 354:
        return code, text
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    client.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    return client.getreply()


def wait_for_door(port: int) -> None:
    """Wait until the gateway greets. Raises TimeoutError."""
    deadline = time.monotonic() + DOOR_OPENS_WITHIN_S
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", port, local_hostname="sender.example", timeout=5):
                return
        except (OSError, smtplib.SMTPException):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no SMTP greeting on 127.0.0.1:{port}") from None
            time.sleep(0.1)  # polling a port, with a deadline above
