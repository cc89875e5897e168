"""The desk on a real socket: whom it believes, and requests that two servers could read differently."""

import socket
from collections.abc import Iterator

import httpx2
import pytest
from desk_server import served
from desk_world import World, form_token

from listward.config.site import Console
from listward.queue.desk.access.door import TRIES_TOGETHER
from listward.queue.desk.serving import server_settings

WRONG = {"address": "mod@party.example", "password": "wrong wrong wrong", "next": "/"}


def site_url(world: World, public_url: str) -> Iterator[str]:
    """A desk on its own socket, with the settings of the console's process."""
    site = world.site.model_copy(update={"console": Console(public_url=public_url)})
    with served(world.app(), server_settings(world.app(), site)) as url:
        yield url


@pytest.fixture
def open_url(world: World) -> Iterator[str]:
    """A desk with no proxy before it."""
    yield from site_url(world, "")


@pytest.fixture
def proxied_url(world: World) -> Iterator[str]:
    """A desk behind a proxy on the same machine."""
    yield from site_url(world, "http://lists.party.example")


def tries(url: str, clients: list[str]) -> list[int]:
    """One wrong log-in for each named client; what came back."""
    with httpx2.Client(base_url=url, timeout=20) as client:
        return [wrong_log_in(client, name) for name in clients]


def wrong_log_in(client: httpx2.Client, name: str) -> int:
    """Fill in a fresh form with a wrong password."""
    fill = {**WRONG, "csrf": form_token(client.get("/login").text)}
    return client.post("/login", data=fill, headers={"X-Forwarded-For": name}).status_code


def test_a_client_cannot_name_itself_anew_for_each_try(open_url: str) -> None:
    """Without a proxy X-Forwarded-For is anybody's word: the tries count together."""
    clients = [f"203.0.113.{number}" for number in range(TRIES_TOGETHER + 1)]
    assert tries(open_url, clients) == [401] * TRIES_TOGETHER + [429]


def test_behind_a_proxy_the_clients_are_told_apart(proxied_url: str) -> None:
    """One person's tries do not shut out the next; what stands before the proxy's own entry is not believed."""
    assert tries(proxied_url, [f"203.0.113.{number}" for number in range(TRIES_TOGETHER + 1)])[-1] == 401
    invented = [f"198.51.100.{number}, 203.0.113.99" for number in range(TRIES_TOGETHER + 1)]
    assert tries(proxied_url, invented)[-1] == 429


def exchange(url: str, request: bytes) -> bytes:
    """Send bytes, read until the server closes."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as client:
        client.sendall(request)
        with client.makefile("rb") as answer:
            return answer.read()


def test_a_request_with_two_lengths_is_refused_and_the_connection_closed(open_url: str) -> None:
    """RFC 9112 section 6.1: else a proxy could be made to see another request behind this one."""
    smuggled = b"GET /login HTTP/1.1\r\nHost: x\r\n\r\n"
    body = b"0\r\n\r\n" + smuggled
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n" % len(body)
    answer = exchange(open_url, head + body)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in answer.lower()


def test_answers_name_no_software(open_url: str) -> None:
    """No Server field."""
    assert b"\nserver:" not in exchange(open_url, b"GET /login HTTP/1.0\r\n\r\n").lower()
