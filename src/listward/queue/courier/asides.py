"""Blocking work in a thread that nobody has to wait for: a process that ends leaves it behind."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T], name: str) -> T:
    """Do blocking work in a thread of its own, and return or raise what it does. Cancelled, the thread runs to its end.

    asyncio.to_thread would keep the process until the work is done, and a server that answers slowly decides when.
    """
    done: Future[T] = Future()

    def run() -> None:
        done.set_running_or_notify_cancel()
        try:
            done.set_result(work())
        except BaseException as error:  # whatever it is, it belongs to whoever waits
            done.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await asyncio.wrap_future(done)
