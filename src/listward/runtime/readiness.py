"""Tells systemd how the service is (sd_notify protocol); silent where no manager listens."""

import os
import socket


def notify(state: str) -> None:
    """Send one state such as "READY=1" or "STATUS=waiting for the store" to the manager of this service."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.sendto(state.encode(), address)


def watchdog_interval() -> float:
    """Return half the manager's watchdog time in seconds, 0 where there is none."""
    return int(os.environ.get("WATCHDOG_USEC", "0")) / 2_000_000
