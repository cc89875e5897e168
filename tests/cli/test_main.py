"""The command ends with a plain line and a code, whatever happens."""

import subprocess
import sys
from pathlib import Path

import pytest

from listward.cli import main as entry
from listward.cli.output import printable


def listward(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "listward", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment or None, timeout=30)


def test_an_unknown_command_is_wrong_use() -> None:
    """Exit code 2, one line on stderr, nothing on stdout."""
    ended = listward("fly")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "listward: No such command 'fly'; see `listward --help`\n"


def test_a_promised_command_says_that_it_comes_later() -> None:
    """Exit code 2, and not "no such command"."""
    ended = listward("trace")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "listward: trace is not in this release; CHANGELOG.md says what is\n"


def test_an_unknown_option_is_wrong_use() -> None:
    """The option is named."""
    ended = listward("config", "check", "--fast")
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "--fast" in ended.stderr


def test_version_and_overview() -> None:
    """--version prints one line; --help names every command."""
    assert listward("--version").stdout.startswith("listward ")
    overview = listward("--help").stdout
    assert all(name in overview for name in entry.COMMANDS)


def test_a_broken_configuration_is_told_by_line(tmp_path: Path) -> None:
    """`config check` exits with 1 and one line a fault."""
    (tmp_path / "site.toml").write_text("[organisation]\nname = 1\n", encoding="utf-8")
    ended = listward("config", "check", "--config", str(tmp_path))
    assert ended.returncode == 1
    assert f"{tmp_path}/site.toml:2: organisation.name: 1 does not fit" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_starting_from_nothing(tmp_path: Path) -> None:
    """What `config init` writes, `config check` accepts; a second init refuses."""
    directory = tmp_path / "new"
    assert listward("config", "init", str(directory)).returncode == 0
    checked = listward("config", "check", "--config", str(directory))
    assert checked.returncode == 0, checked.stderr
    assert "valid" in checked.stdout
    again = listward("config", "init", str(directory))
    assert again.returncode == 1
    assert "nothing was written" in again.stderr


def test_a_broken_roster_is_told_by_line(tmp_path: Path) -> None:
    """`config check` reads the rosters too."""
    listward("config", "init", str(tmp_path / "new"))
    roster = tmp_path / "new" / "rosters" / "members.csv"
    roster.write_text("address,name,role\nann@party.example,Ann,king\n", encoding="utf-8")
    ended = listward("config", "check", "--config", str(tmp_path / "new"))
    assert ended.returncode == 1
    assert "members.csv:2" in ended.stderr


def test_a_fault_of_ours_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An unexpected exception prints its kind, not its text and no traceback."""

    def broken(wanted: str) -> object:
        raise RuntimeError(f"redis://user:secret@host {wanted}")

    monkeypatch.setattr(entry, "build_app", broken)
    with pytest.raises(SystemExit) as ended:
        entry.main(["check"])
    assert ended.value.code == 3
    assert capsys.readouterr().err == "listward: unexpected RuntimeError; LISTWARD_TRACEBACK=1 shows where\n"


def test_text_from_a_message_cannot_steer_a_terminal() -> None:
    """Escape sequences, bidi overrides and other invisible characters become visible dots."""
    assert printable("a\x1b[2Jb\u202ec\u200bd\n") == "a·[2Jb·c·d\n"
