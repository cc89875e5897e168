"""Serves a desk on a real socket of 127.0.0.1, in a thread, for a browser to open."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def served(app: Any, config: uvicorn.Config | None = None) -> Iterator[str]:
    """Serve until the block ends, with these settings if given; yields http://127.0.0.1:port."""
    listener = socket.create_server(("127.0.0.1", 0))
    usual = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config or usual)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "the server starts"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
