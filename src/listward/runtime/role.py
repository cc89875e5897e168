"""Runs one role's event loop in its own process: SIGTERM and SIGINT end it in order."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable

import uvloop

# Next to nothing here makes cycles: looking for them at every 700 new objects costs more than it finds.
_GARBAGE = (10_000, 20, 20)

Serve = Callable[[asyncio.Event], Awaitable[None]]


def run_role(serve: Serve, handle_signals: bool = True) -> int:
    """Run `serve(stop)` until it returns; `stop` is set by SIGTERM and SIGINT. Returns the exit code 0.

    `handle_signals` is False for a role that sets handlers of its own.
    """
    gc.set_threshold(*_GARBAGE)
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    runner.run(_serve(serve, handle_signals))
    runner.close()  # not after an error: what was left open can keep a loop from closing, and the process has to end
    return 0


async def _serve(serve: Serve, handle_signals: bool) -> None:
    stop = asyncio.Event()
    if handle_signals:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    await serve(stop)
