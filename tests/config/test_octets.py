"""A configuration is read from files alone: whatever else stands in their place is a fault with a name, and no wait."""

import os
from pathlib import Path

import pytest
from policy_bench import write_site

from listward.config import octets
from listward.config.faults import ConfigError
from listward.config.load import load

RULE = '[[rule]]\nname = "one"\nstage = "content"\naction = "hold"\nwords = "Words."\nwhen = { text = ["x"] }\n'


def fault(folder: Path) -> str:
    """What is wrong with the folder, without the folder's own name."""
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize("name", ["site.toml", "policy.toml", "clauses.toml", "phrases/own.txt", "payees/own.txt"])
def test_pipes_and_devices_are_no_files(tmp_path: Path, name: str) -> None:
    """A pipe keeps nobody waiting, and a link to a device fills no memory."""
    for put in (os.mkfifo, lambda path: path.symlink_to("/dev/zero"), Path.mkdir):
        path = write_site(tmp_path / str(put), "") / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        put(path)
        assert fault(path.parents[name.count("/")]) == f"{name}:1: is not a file"


def test_a_file_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond every use is not read to its end."""
    monkeypatch.setattr(octets, "MOST_OCTETS", 2 * 1024**2)
    folder = write_site(tmp_path / "site", "")
    (folder / "policy.toml").write_bytes(b"#" * (2 * 1024**2 + 1))
    assert fault(folder) == "policy.toml:1: is larger than 2 MiB"


def test_rules_that_are_lost_are_not_replaced_in_silence(tmp_path: Path) -> None:
    """A link to rules that are gone is a fault; the shipped rules do not take their place."""
    folder = write_site(tmp_path / "site", "")
    (folder / "policy.toml").symlink_to(tmp_path / "gone.toml")
    assert fault(folder).startswith("policy.toml:1: there is no such file")
    (tmp_path / "gone.toml").write_text(RULE, encoding="utf-8")
    assert [rule.name for rule in load(folder).policy.rules] == ["one"]


def test_lists_in_other_letters_are_named(tmp_path: Path) -> None:
    """A list that is not UTF-8 is named, whichever of the lists it is."""
    for name in ("phrases", "payees"):
        folder = write_site(tmp_path / name, "")
        (folder / name).mkdir()
        (folder / name / "own.txt").write_bytes(b"caf\xe9\n")
        assert fault(folder) == f"{name}/own.txt:1: cannot be read as UTF-8 text"
