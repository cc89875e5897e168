"""The key file: made once, private, and read from a credential where there is one."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from listward.queue.store.keys import BadKey, key_id, load_keys


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_the_first_start_makes_a_private_key(tmp_path: Path) -> None:
    """The file is 0600, and the second start reads the same key."""
    ring = load_keys(tmp_path / "state")
    mode = (tmp_path / "state" / "store-key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert load_keys(tmp_path / "state") == ring
    assert len(ring.current) == 32


def test_many_first_starts_at_once_agree(tmp_path: Path) -> None:
    """Workers that start together use one key, and leave no draft behind."""
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(load_keys, [tmp_path] * 32))
    assert len({ring.current for ring in rings}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["store-key"]


@pytest.mark.parametrize("text", [b"\x07" * 32, b"07" * 32, b" " + b"07" * 32 + b"\n"])
def test_a_credential_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    """Raw bytes or hex; then no file is made in the state folder."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "store-key").write_bytes(text)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert load_keys(tmp_path / "state").current == b"\x07" * 32
    assert not (tmp_path / "state").exists()


def test_older_keys_are_read_too(tmp_path: Path) -> None:
    """After a change of keys what was written before can still be opened."""
    (tmp_path / "store-key").write_text("01" * 32)
    (tmp_path / "store-key-old").write_text("02" * 32 + "\n" + "03" * 32 + "\n")
    ring = load_keys(tmp_path)
    assert ring.current == b"\x01" * 32
    assert set(ring.keys) == {key_id(bytes([number]) * 32) for number in (1, 2, 3)}


@pytest.mark.parametrize("text", [b"", b"short", b"zz" * 32, b"\xff" * 64])
def test_a_key_of_another_form_is_refused(tmp_path: Path, text: bytes) -> None:
    """The error says what is wanted and not what was there."""
    (tmp_path / "store-key").write_bytes(text)
    with pytest.raises(BadKey, match="64 hex digits"):
        load_keys(tmp_path)
