"""Metric files whose room on the disk is taken beforehand."""

import os
from pathlib import Path

import pytest
from prometheus_client import values

from listward.runtime import exposition
from listward.runtime.allotted import AllottedDict


def is_whole(path: Path) -> bool:
    """Whether a file has no holes."""
    found = path.stat()
    return found.st_blocks * 512 >= found.st_size


def test_a_file_has_no_holes(tmp_path: Path) -> None:
    """Neither at first nor after it has grown; every value is kept, also for who opens it anew."""
    path = tmp_path / "counter_gateway-0.db"
    kept = AllottedDict(str(path))
    assert path.stat().st_size == 65_536
    assert is_whole(path)
    for number in range(3000):
        kept.write_value(f"series number {number} of many", float(number), 0.0)
    kept.close()
    assert path.stat().st_size > 65_536
    assert is_whole(path)
    again = AllottedDict(str(path))
    assert again.read_value("series number 2999 of many") == (2999.0, 0.0)
    again.close()


def test_a_full_disk_is_an_error_and_no_signal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who counts is told by OSError, and what was counted before stands."""
    kept = AllottedDict(str(tmp_path / "counter_gateway-0.db"))
    kept.write_value("one", 1.0, 0.0)

    def full(file: int, start: int, octets: int) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="no space left"):
        kept.write_value("a name longer than all the room there is " * 2000, 1.0, 0.0)
    assert kept.read_value("one") == (1.0, 0.0)
    kept.close()
    with pytest.raises(OSError, match="no space left"):
        AllottedDict(str(tmp_path / "other.db"))


def test_metrics_are_kept_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process of a role counts lies in files without holes."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # given back afterwards
    monkeypatch.setattr(values, "MmapedDict", values.MmapedDict)
    exposition.prepare(tmp_path / "metrics")
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    metrics = exposition.process_metrics("gateway-0")
    metrics.limits_hit.labels("clients").inc()
    files = list(tmp_path.glob("metrics/*_gateway-0.db"))
    assert files
    assert all(is_whole(path) for path in files)
