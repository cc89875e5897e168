"""The units hold what they promise: systemd knows every line, and they have few rights."""

import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = sorted((Path(__file__).parents[2] / "systemd").glob("*.service"))
EXPOSURE = {"listward.service": 16, "listward-gateway.service": 16}  # they may bind port 25; in tenths
NEEDS_SYSTEMD = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd: apt install systemd")


@NEEDS_SYSTEMD
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_knows_every_line(unit: Path, tmp_path: Path) -> None:
    """`systemd-analyze verify` says nothing at all; it exits 0 even for an unknown key."""
    program = tmp_path / "listward"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text(encoding="utf-8").replace("/usr/bin/listward", str(program)), encoding="utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    said = [line for line in checked.stderr.splitlines() if str(copy) in line or unit.name in line]
    assert (checked.returncode, said) == (0, [])


@NEEDS_SYSTEMD
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_exposure_stays_low(unit: Path) -> None:
    """A unit that loses a line of its hardening fails here."""
    threshold = EXPOSURE.get(unit.name, 12)
    checked = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={threshold}", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout.splitlines()[-1]


def test_every_role_has_its_unit() -> None:
    """One unit for all roles together and one for each."""
    commands = {line for unit in UNITS for line in unit.read_text(encoding="utf-8").splitlines() if "ExecStart" in line}
    assert {line.split()[1] for line in commands} == {"run", "gateway", "courier", "console", "store"}


def test_a_bad_configuration_is_not_started_again() -> None:
    """Exit code 2 keeps the unit down with its reason in the journal."""
    assert all("RestartPreventExitStatus=2" in unit.read_text(encoding="utf-8") for unit in UNITS)
