"""The reference in the documents is the one the models give."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_reference_is_current() -> None:
    """A key added to the models is in docs/configuration.md, else the script must be run."""
    command = [sys.executable, str(ROOT / "scripts" / "configuration_reference.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0
