"""The private names of aiosmtpd that the session stands on."""

import asyncio
from importlib.metadata import version
from pathlib import Path

from aiosmtpd.smtp import SMTP

from listward.gateway.session import seam
from listward.gateway.session.seam import PRIVATE_NAMES, Seam


def test_the_version_is_the_one_the_seam_was_written_for() -> None:
    """Another version has to be read again before it is taken."""
    assert version("aiosmtpd") == "1.4.6"


async def test_every_private_name_exists() -> None:
    """An instance has each name that the seam uses."""
    protocol = SMTP(object(), hostname="mx.party.example", loop=asyncio.get_running_loop())
    protocol._cb_client_connected(asyncio.StreamReader(), None)  # type: ignore[arg-type]
    assert [name for name in PRIVATE_NAMES if not hasattr(protocol, name)] == []
    assert isinstance(protocol._reader._buffer, bytearray)  # type: ignore[attr-defined]


def test_only_the_seam_touches_private_names() -> None:
    """No other file of the gateway names anything private of aiosmtpd's."""
    folder = seam.__file__.rpartition("/")[0]
    for path in Path(folder).parent.rglob("*.py"):
        if path.name != "seam.py":
            text = path.read_text()
            assert "aiosmtpd" not in text or path.name == "README.md", path
            assert not [name for name in PRIVATE_NAMES if f"self.{name}" in text], path


async def test_an_exception_is_answered_without_a_word_of_it() -> None:
    """aiosmtpd's own handler would send type and text of the error."""
    protocol = Seam("mx.party.example", None, 10)
    reply = await protocol.handle_exception(ValueError("redis://user:secret@10.0.0.7"))
    assert reply.startswith("451 4.3.0 ")
    assert "secret" not in reply
