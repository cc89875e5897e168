"""Every kind of broken configuration is named by file, line and key, with what is allowed."""

from pathlib import Path

import pytest

from listward.config.faults import ConfigError
from listward.config.load import load

BAD = Path(__file__).parent / "bad"


@pytest.mark.parametrize("name", sorted(path.name for path in BAD.iterdir()))
def test_broken_configuration_is_named_with_its_place(name: str) -> None:
    """Each directory under bad/ yields exactly one fault, which begins as its file expected-error says."""
    directory = BAD / name
    with pytest.raises(ConfigError) as raised:
        load(directory)
    faults = [str(fault).removeprefix(f"{directory}/") for fault in raised.value.faults]
    expected = (directory / "expected-error").read_text(encoding="utf-8").rstrip("\n")
    assert len(faults) == 1, faults
    assert faults[0].startswith(expected)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Two faults in one file are both named, so that nobody mends one to meet the next."""
    text = (
        '[organisation]\nname = 1\ndomains = []\n[gateway]\n[[list]]\naddress="a@b.example"\nzone="x"\nnext_hop="y"\n'
    )
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(tmp_path)
    assert [fault.key for fault in raised.value.faults] == [
        "organisation.name",
        "organisation.domains",
        "list[1].zone",
        "list[1].next_hop",
    ]


def test_missing_directory_says_how_to_begin(tmp_path: Path) -> None:
    """A folder without site.toml is told the command that writes one."""
    with pytest.raises(ConfigError, match="config init DIR"):
        load(tmp_path / "nowhere")


def test_bytes_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    """A file in another encoding is named, not guessed."""
    (tmp_path / "site.toml").write_bytes(b'[organisation]\nname = "Mu\xf1oz"\n')
    with pytest.raises(ConfigError, match="is not UTF-8 at byte 25"):
        load(tmp_path)
