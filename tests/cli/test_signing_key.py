"""`listward config signing-key`: a key, the line that publishes it, the table that uses it."""

import tomllib
from pathlib import Path

import pytest

from listward.cli.main import main
from listward.cli.usable import usable
from listward.config.faults import ConfigError
from listward.config.load import load
from listward.config.signing_key import make_signing_key, read_signing_key


def _code(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["config", "signing-key", *arguments])
    return ended.value.code


def test_the_table_it_prints_can_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked again, it prints the same of the same key."""
    path = tmp_path / "arc.pem"
    assert _code(str(path), "--domain", "party.example") == 0
    first = capsys.readouterr().out
    table = tomllib.loads(first[first.index("[signing]") :])["signing"]
    assert (table["domain"], table["selector"], Path(table["key_file"])) == ("party.example", "listward", path)
    assert read_signing_key(path).key_size == 2048
    assert "listward._domainkey.party.example. IN TXT (" in first
    assert _code(str(path), "--domain", "party.example") == 0
    assert capsys.readouterr().out == first


def test_what_is_no_key_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that holds something else, a folder that is not there, a name nobody can publish."""
    path = tmp_path / "notes"
    path.write_text("dear diary")
    assert _code(str(path), "--domain", "party.example") == 1
    assert path.read_text() == "dear diary"
    assert _code(str(tmp_path / "no" / "x.pem"), "--domain", "party.example") == 1
    assert _code(str(tmp_path / "x.pem"), "--domain", "party example") == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


SITE = """\
[organisation]
name = "The Example Party"
domains = ["party.example"]

[gateway]

[signing]
domain = "party.example"
selector = "listward"
key_file = "arc.pem"

[[list]]
address = "members@party.example"
zone = "members"
next_hop = "lmtp://127.0.0.1:8024"
"""


def test_a_key_that_cannot_be_used_is_named_where_it_is_needed(tmp_path: Path) -> None:
    """By `config check` and at a start or reload; commands that seal nothing do not read it."""
    (tmp_path / "site.toml").write_text(SITE)
    make_signing_key(tmp_path / "arc.pem")
    assert usable(tmp_path)[0].site.signing.selector == "listward"
    (tmp_path / "arc.pem").write_text("dear diary")
    load(tmp_path)
    with pytest.raises(ConfigError, match=r"site\.toml:10: signing\.key_file: 'arc\.pem' is not a private key"):
        usable(tmp_path)
