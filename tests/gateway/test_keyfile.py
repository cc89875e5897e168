"""The secret of this machine."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from listward.gateway.keyfile import load_or_make


def test_the_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    """A second start reads what the first wrote; nobody else may."""
    path = tmp_path / "state" / "gateway.key"
    secret = load_or_make(path)
    assert len(secret) == 32
    assert load_or_make(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_many_workers_get_one_secret(tmp_path: Path) -> None:
    """Whoever is first, the others take what stands there."""
    path = tmp_path / "gateway.key"
    with ThreadPoolExecutor(8) as workers:
        assert len(set(workers.map(lambda _: load_or_make(path), range(32)))) == 1


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """A short secret is not used."""
    path = tmp_path / "gateway.key"
    path.write_bytes(b"short")
    with pytest.raises(ValueError, match=r"gateway\.key is damaged"):
        load_or_make(path)
