"""Whom a running Listward speaks to: its name server, its next hops, its store and the way out of its notices."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from chaos_parts import ChaosRunning
from dns_server import DnsServer
from hop_thread import HopThread
from messages import build
from redis import Redis
from running import APPEAL, ZONE
from syscall_trace import Call, traced, why_no_trace

WHY_NOT = why_no_trace()
pytestmark = [
    pytest.mark.live,
    pytest.mark.xdist_group("chaos-more"),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "strace works"),
]
MEMBERS, STRANGER = "members@party.example", "eve@elsewhere.example"
EGRESS = "127.0.0.1:9"  # the next hop of the way out, which is asked for its size and is not there
LINKS = "See http://evil.example/a and https://192.0.2.7/b.png, or ftp://evil.example/. "
_ADDRESS = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"')
_PATH = re.compile(r'sun_path=@?"([^"]*)"')


def destinations(calls: list[Call]) -> set[str]:
    """Every address and path that was connected to, or sent to without a connection."""
    found = set()
    for call in calls:
        found |= {f"{host}:{port}" for port, host in _ADDRESS.findall(call.arguments)}
        found |= set(_PATH.findall(call.arguments))
    return found


def test_nobody_else_is_spoken_to(tmp_path: Path) -> None:
    """A walk with posts, holds, links, a stranger, a notice and a release: five kinds of destination, no sixth."""
    hop, way_out = HopThread("lmtp"), HopThread("smtp")
    try:
        with DnsServer(ZONE) as names:
            running = ChaosRunning(tmp_path / "site", names.address, hop.hop.url, hop.hop.url, "embedded", workers=1)
            site = running.folder / "site.toml"
            notices = f'[notices]\nnext_hop = "{way_out.hop.url}"\nfrom = "listward@party.example"\n\n[limits]'
            site.write_text(site.read_text(encoding="utf-8").replace("[limits]", notices), encoding="utf-8")
            with running:
                pids = [pid for name in ("gateway-0", "courier", "console") for pid in running.children(f"lw:{name}")]
                assert len(pids) == 3
                with traced(pids, tmp_path / "trace", "connect,sendto,sendmsg") as trace:
                    cut_off_from_the_store(running)
                    walk(running)
                    running.wait_for(lambda: len(way_out.hop.messages) > 0, "a notice")
                found = destinations(trace.calls())
            allowed = {names.address, *(f"127.0.0.1:{port}" for port in ports(hop.hop.url, way_out.hop.url))}
            store = {place for place in found if place.startswith(str(running.folder)) or place.endswith("/store.sock")}
            assert found - allowed - store <= {EGRESS}
            assert allowed <= found
            assert len(store) == 1
    finally:
        hop.close()
        way_out.close()


def cut_off_from_the_store(running: ChaosRunning) -> None:
    """End every connection to the store, so that the trace shows where the roles connect to; they do so at once."""
    path = next(running.folder.rglob("redis.sock"), None) or Path(
        (next(running.folder.rglob("socket"))).read_text().strip()
    )
    with Redis(unix_socket_path=str(path)) as store:
        store.client_kill_filter(_type="normal", skipme=True)
    running.wait_for(lambda: running.command("queue", "list")[0] == 0, "the store")


def ports(*urls: str) -> list[int]:
    """The ports of next hops."""
    return [int(url.rpartition(":")[2]) for url in urls]


def walk(running: ChaosRunning) -> None:
    """Every way a message can go."""
    letters = (
        ("ann@members.example", "Tea", LINKS),
        ("ben@members.example", "Help", APPEAL + LINKS),
        (STRANGER, "Hello", f'<img src="http://evil.example/pixel.png">{LINKS}'),
    )
    for author, subject, text in letters:
        raw = build(from_=author, to=MEMBERS, subject=subject, text=text, message_id=f"<{uuid4()}@test.example>")
        assert running.send(author, MEMBERS, raw).code == 250
    number = str(running.cases()[0]["number"])
    assert running.command("queue", "release", number)[0] == 0
    running.wait_for(lambda: '"delivered"' in running.log(), "the delivery")
