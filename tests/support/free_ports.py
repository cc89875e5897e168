"""Free ports of 127.0.0.1 for servers that cannot take port 0."""

import os
import random
import socket
import time
from collections.abc import Iterator

FIRST, BEYOND = 16_000, 32_000
"""Below the range from which clients' own ports are taken, so that no connection takes one meanwhile."""
_STRIPES = 16


def _candidates() -> Iterator[int]:
    """Every port of this process's stripe again and again: test processes side by side never choose the same."""
    worker = int("".join(filter(str.isdigit, os.environ.get("PYTEST_XDIST_WORKER", ""))) or 0) % _STRIPES
    width = (BEYOND - FIRST) // _STRIPES
    start = FIRST + worker * width
    at = random.randrange(width)
    while True:
        yield start + at
        at = (at + 1) % width


_CANDIDATES = _candidates()


def free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago, all different."""
    found: list[int] = []
    while len(found) < count:
        port = next(_CANDIDATES)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    return found


def wait_for_port(port: int, seconds: float) -> None:
    """Wait until something accepts connections on the port. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # polling a port, with a deadline above
    raise TimeoutError(f"nothing listens on 127.0.0.1:{port}")
