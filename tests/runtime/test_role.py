"""A role ends in order on SIGTERM."""

import asyncio
import signal
import subprocess
import sys

import pytest
import uvloop

from listward.runtime.role import run_role

PROGRAM = """
import asyncio, sys
from listward.runtime.role import run_role

async def serve(stop):
    print("serving", flush=True)
    await stop.wait()
    print("drained", flush=True)

sys.exit(run_role(serve))
"""


def role() -> subprocess.Popen[str]:
    started = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "serving\n"
    return started


def test_a_role_drains_on_sigterm() -> None:
    """The role gets to finish before the process exits with 0."""
    with role() as running:
        running.send_signal(signal.SIGTERM)
        assert running.communicate(timeout=10)[0] == "drained\n"
        assert running.returncode == 0


@pytest.mark.parametrize("broken", [True, False])
def test_a_role_that_raised_closes_no_loop(broken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it left open could keep its loop from closing, and the process has to end; an orderly end closes it."""
    loop = uvloop.new_event_loop()
    monkeypatch.setattr(uvloop, "new_event_loop", lambda: loop)

    async def serve(stop: asyncio.Event) -> None:
        if broken:
            raise RuntimeError("broken")

    if broken:
        with pytest.raises(RuntimeError, match="broken"):
            run_role(serve, handle_signals=False)
        assert not loop.is_closed()
        loop.close()
    else:
        assert run_role(serve, handle_signals=False) == 0
        assert loop.is_closed()
