"""Free ports of 127.0.0.1 for servers that cannot take port 0."""

import socket
import time


def free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago, all different."""
    opened = [socket.socket() for _ in range(count)]
    try:
        for candidate in opened:
            candidate.bind(("127.0.0.1", 0))
        return [int(candidate.getsockname()[1]) for candidate in opened]
    finally:
        for candidate in opened:
            candidate.close()


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
