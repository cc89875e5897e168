"""A configuration folder on a running store, and the command line called in this process."""

from pathlib import Path

import pytest

from listward.cli.main import main
from listward.queue.store.embedded import EmbeddedServer

SITE = """
[organisation]
name = "The Party"
domains = ["party.example"]

[gateway]

[store]
url = "unix://{socket}"
path = "{path}"

[[group]]
name = "international"
members = ["intl@party.example"]

[[queue]]
name = "international"
group = "international"

[[list]]
address = "board@party.example"
zone = "members"
next_hop = "smtp://127.0.0.1:2527"
"""


def write_site(folder: Path, server: EmbeddedServer) -> Path:
    """Write site.toml for this store and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = SITE.format(socket=server.socket, path=server.directory.parent)
    (folder / "site.toml").write_text(text)
    return folder


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run one command; return exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err
