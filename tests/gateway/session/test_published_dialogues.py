"""Dialogues published with another server: our replies fall in the same class."""

from pathlib import Path

import pytest
from gateway_fakes import NEWS, Client, Rig

DIALOGUES = [
    "t-05-null_address__sendmail",
    "t-12-minor_dialogs__bad_data_dot",
    "t-12-minor_dialogs__bad_data_dot_2",
    "t-12-minor_dialogs__bad_mail_from",
    "t-12-minor_dialogs__bad_rcpt_to",
    "t-12-minor_dialogs__data_dot_stuffing",
    "t-12-minor_dialogs__empty_helo",
    "t-12-minor_dialogs__helo",
    "t-12-minor_dialogs__line_too_long",
    "t-12-minor_dialogs__message_too_big",
    "t-12-minor_dialogs__sendmail",
    "t-12-minor_dialogs__unknown_command",
    "t-12-minor_dialogs__wrong_proto",
]
ADDRESSES = ("user@testserver", "<user@testserver>")
# A browser gets 421 and is closed: nothing of what it sends is read as a permanent answer to mail.
OTHER_CLASS = {"t-12-minor_dialogs__wrong_proto": "4"}


class Player:
    """Plays one dialogue. `c -> line` sends, `c ~> expression` sends its value, `c <~`, `c <-`, `c <...` read."""

    def __init__(self, rig: Rig, name: str) -> None:
        self._rig, self._name = rig, name
        self._client: Client | None = None
        self.replies = 0

    async def play(self, script: str) -> None:
        """Play all lines."""
        for line in script.splitlines():
            verb, _, rest = line.removeprefix("c ").partition(" ")
            if not line.startswith("c "):
                continue
            if verb == "tcp_connect":
                self._client = await self._rig.connect(greet=False)
            elif verb in {"->", "~>"}:
                self._send(verb, rest)
            elif verb.startswith("<"):
                await self._expect(rest)

    def _send(self, verb: str, rest: str) -> None:
        assert self._client is not None
        text = str(eval(rest, {"__builtins__": {}})) if verb == "~>" else rest + "\r\n"
        for address in reversed(ADDRESSES):
            text = text.replace(address, f"<{NEWS}>")
        self._client.writer.write(text.encode())

    async def _expect(self, rest: str) -> None:
        assert self._client is not None
        code, text = await self._client.reply()
        wanted = OTHER_CLASS.get(self._name, rest[:1]) if self.replies and code != 220 else rest[:1]
        assert str(code)[0] == wanted, (rest, code, text)
        self.replies += 1


@pytest.mark.shared
@pytest.mark.parametrize("name", DIALOGUES)
async def test_the_replies_fall_in_the_same_class(name: str, shared: Path) -> None:
    """Wording is ours; whether a command is taken, deferred or refused is the standard's."""
    script = (shared / f"conformance/smtp-dialogues/chasquid/{name}.cmy").read_text()
    async with Rig(gateway={"max_message_bytes": 1_048_576}) as rig:
        player = Player(rig, name)
        await player.play(script)
        assert player.replies
