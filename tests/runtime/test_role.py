"""A role ends in order on SIGTERM and hears SIGHUP."""

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

reloaded = asyncio.Event()

async def serve(stop):
    print("serving", flush=True)
    if "reload" in sys.argv:
        await reloaded.wait()
        print("reloaded", flush=True)
    await stop.wait()
    print("drained", flush=True)

sys.exit(run_role(serve, reloaded.set if "reload" in sys.argv else None))
"""


def role(*arguments: str) -> subprocess.Popen[str]:
    started = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "serving\n"
    return started


def test_a_role_drains_on_sigterm() -> None:
    """The role gets to finish before the process exits with 0."""
    with role() as running:
        running.send_signal(signal.SIGTERM)
        assert running.communicate(timeout=10)[0] == "drained\n"
        assert running.returncode == 0


def test_a_role_reloads_in_place_when_it_can() -> None:
    """With a reload function SIGHUP calls it and the role goes on."""
    with role("reload") as running:
        running.send_signal(signal.SIGHUP)
        assert running.stdout is not None
        assert running.stdout.readline() == "reloaded\n"
        running.send_signal(signal.SIGTERM)
        assert running.communicate(timeout=10)[0] == "drained\n"


def test_a_role_that_cannot_reload_ends_to_be_started_again() -> None:
    """Without a reload function SIGHUP ends the role in order."""
    with role() as running:
        running.send_signal(signal.SIGHUP)
        assert running.communicate(timeout=10)[0] == "drained\n"


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
