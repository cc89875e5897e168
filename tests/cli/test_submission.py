"""`listward submission password`: the line for the passwords file."""

import io
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from desk_config import call

from listward.gateway.session.passwords import read_passwords

PASSWORD = "correct horse battery"


def said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str = PASSWORD
) -> tuple[int, str, str]:
    """Call the command with a password on stdin."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
    return call(capsys, "submission", "password", *arguments)


def test_the_line_can_be_read_back(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It holds the hash of the password and nothing of itself."""
    code, out, _ = said(capsys, monkeypatch, "Web")
    assert code == 0
    assert PASSWORD not in out
    (tmp_path / "passwords").write_text(out)
    assert PasswordHasher().verify(read_passwords(tmp_path / "passwords")["web"], PASSWORD)


def test_a_generated_password_is_told_apart_from_the_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the output can go into the file."""
    code, out, err = said(capsys, monkeypatch, "web", "--generate")
    assert code == 0
    assert PasswordHasher().verify(out.strip().partition(":")[2], err.split()[1])


@pytest.mark.parametrize(("name", "typed"), [("a b", PASSWORD), ("web", "short"), ("web:x", PASSWORD)])
def test_wrong_use_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, typed: str
) -> None:
    """A name that cannot stand on a line, a password that is too short: one line, exit code 2."""
    code, out, err = said(capsys, monkeypatch, name, typed=typed)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
