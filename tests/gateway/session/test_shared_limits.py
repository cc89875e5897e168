"""Bounds of clients, networks and times; what several workers count together."""

import asyncio
import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from gateway_fakes import BOARD, NEWS, Client, Rig, make_site, message

from listward.filters.transaction import Listener
from listward.gateway.server import Server
from listward.gateway.session.bounds import CONNECTIONS, Bounds
from listward.gateway.session.terms import Terms, terms_of
from listward.runtime.board import Board
from listward.runtime.handover import Handover, Pairs
from listward.runtime.metrics import Metrics
from listward.runtime.sockets import bind


async def test_one_network_cannot_take_all_places() -> None:
    """Different addresses of one /24 count together; another network still gets in."""
    async with Rig(gateway={"max_clients_per_network": 2}) as rig:
        for source in ("127.0.0.2", "127.0.0.3"):
            assert (await (await rig.connect(greet=False, source=source)).reply())[0] == 220
        third = await rig.connect(greet=False, source="127.0.0.4")
        code, text = await third.reply()
        assert (code, text[:5]) == (421, "4.7.0")
        other = await rig.connect(greet=False, source="127.0.1.1")
        assert (await other.reply())[0] == 220
        assert rig.count("limits_hit_total", limit="clients_per_network") == 1


async def test_how_wide_a_network_is_can_be_said() -> None:
    """With /32 each address is a network of its own."""
    async with Rig(gateway={"max_clients_per_network": 1, "ipv4_prefix": 32}) as rig:
        for source in ("127.0.0.2", "127.0.0.3"):
            assert (await (await rig.connect(greet=False, source=source)).reply())[0] == 220


def test_a_network_of_ipv6_is_counted_as_one() -> None:
    """A /64 belongs to one client; the one beside it to another."""
    site = make_site("smtp://127.0.0.1:1", "smtp://127.0.0.1:1", "smtp://127.0.0.1:1")
    assert site.gateway.clients_per_network == 2 * site.gateway.max_clients_per_address
    limited = site.model_copy(update={"gateway": site.gateway.model_copy(update={"max_clients_per_network": 1})})
    terms, bounds = terms_of(limited, None, None), Bounds(Metrics())
    assert bounds.enter("2001:db8::1", terms) == ""
    assert bounds.enter("2001:db8::2", terms) == "clients_per_network"
    assert bounds.enter("2001:db8:0:1::1", terms) == ""
    bounds.leave("2001:db8::1", terms)
    assert bounds.enter("2001:db8::2", terms) == ""


def test_wrong_logins_count_for_a_network_of_ipv6() -> None:
    """Nobody gets more tries by writing from the next of 2**64 addresses; IPv4 addresses count one by one."""
    bounds = Bounds(Metrics())
    for address in ("2001:db8::1", "192.0.2.1"):
        bounds.wrong_login(address)
    tried = ("2001:db8::2", "2001:db8:0:1::1", "192.0.2.1", "192.0.2.2")
    assert [bounds.may_log_in(address, 1) for address in tried] == [False, True, False, True]


async def test_new_connections_of_one_client_have_a_rate() -> None:
    """So many a minute; the place of a refused one is not kept."""
    async with Rig(gateway={"max_connections_per_minute": 2}) as rig:
        codes = []
        for _ in range(3):
            client = await rig.connect(greet=False)
            codes.append((await client.reply())[0])
            await client.close()
        assert codes == [220, 220, 421]
        assert rig.count("limits_hit_total", limit="connection_rate") == 1
        await rig.until(lambda: rig.bounds.connections == 0)


async def test_a_session_ends_in_the_end() -> None:
    """However busy it is: 421 when its time is over, between two messages."""
    async with Rig(gateway={"session_timeout_s": 1.0}) as rig:
        client = await rig.connect()
        codes = []
        while not codes or codes[-1] == 250:
            codes.append((await client.ask("NOOP"))[0])
            await asyncio.sleep(0.02)
        assert codes[-1] in {421, 0}  # 0 where the last NOOP crossed the end on its way
        assert await client.is_closed()
        assert rig.count("limits_hit_total", limit="session_time") == 1


async def test_a_message_under_way_outlives_the_session() -> None:
    """Content that has begun is taken and answered; then the session ends."""
    async with Rig(gateway={"session_timeout_s": 1.0}) as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        assert (await client.ask("DATA"))[0] == 354
        await asyncio.sleep(1.1)
        client.writer.write(message() + b".\r\n")
        assert (await client.reply())[0] == 250
        assert (await client.reply())[0] == 421
        assert len(rig.news.messages) == 1


async def test_one_message_has_its_time_however_it_is_cut() -> None:
    """Chunk by chunk does not begin it anew (RFC 3030)."""
    async with Rig(gateway={"data_timeout_s": 1.0}) as rig:
        client = await rig.connect()
        await client.envelope(BOARD)
        codes = []
        while not codes or codes[-1] == 250:
            client.writer.write(b"BDAT 4\r\nab")
            await asyncio.sleep(0.1)
            client.writer.write(b"\r\n")
            codes.append((await client.reply())[0])
        assert codes[-1] == 421
        assert len(codes) > 2
        assert rig.count("limits_hit_total", limit="data_time") == 1
        await rig.until(lambda: rig.bounds.octets == 0)


async def test_a_command_line_has_its_length() -> None:
    """`max_command_line`, its end included."""
    async with Rig(gateway={"max_command_line": 512}) as rig:
        client = await rig.connect()
        assert (await client.ask("NOOP " + "x" * 505))[0] == 250
        assert (await client.ask("NOOP " + "x" * 506))[0] == 500
        assert rig.count("limits_hit_total", limit="command_line") == 1


class Door:
    """A door that only greets, under a name that tells the worker."""

    listener = Listener.INGRESS

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def terms(self) -> Terms:
        """What holds here."""
        return self._terms

    def admits(self, address: str | None) -> bool:
        """Everybody."""
        return True

    def size_limit(self) -> int:
        """No bound of its own."""
        return 1 << 40

    def offers_dsn(self) -> bool:
        """No."""
        return False


class Workers:
    """Forked workers on one port. With `one_door` only the first of them listens."""

    def __init__(self, count: int, limits: dict[str, int], one_door: bool) -> None:
        self._one_door = one_door
        sockets = bind("127.0.0.1:0", 1 if one_door else count) * (count if one_door else 1)
        self.port = int(sockets[0].getsockname()[1])
        board, pairs = Board(count), Pairs(count)
        reading, writing = os.pipe()
        self.pids = []
        for index in range(count):
            pid = os.fork()
            if not pid:
                self._serve(index, sockets[index], board, pairs, writing, limits)
            self.pids.append(pid)
        for opened in sockets:
            opened.close()
        pairs.close()
        ready = 0
        while ready < count:
            ready += len(os.read(reading, count))

    def _serve(
        self, index: int, bound: socket.socket, board: Board, pairs: Pairs, writing: int, limits: dict[str, int]
    ) -> None:
        try:
            asyncio.run(self._main(index, bound, board, pairs, writing, limits))
        finally:
            os._exit(0)

    async def _main(
        self, index: int, bound: socket.socket, board: Board, pairs: Pairs, writing: int, limits: dict[str, int]
    ) -> None:
        hops = ("smtp://127.0.0.1:1",) * 3
        site = make_site(*hops, gateway={"hostname": f"worker{index}.example", **limits})
        column = board.column(index)
        server = Server(Bounds(Metrics(), column), Handover(pairs, index, column, CONNECTIONS))
        sockets = [] if self._one_door and index else [bound]
        await server.listen(Door(terms_of(site, None, None)), sockets)  # type: ignore[arg-type]  # only greets
        server.share()
        os.write(writing, b"x")
        await asyncio.sleep(60)

    async def greetings(self, count: int) -> tuple[list[str], list[Client]]:
        """Connect so often, and return the first line of each."""
        clients = [await Client.open(self.port, greet=False) for _ in range(count)]
        return [f"{code} {text.split()[0]}" for code, text in [await client.reply() for client in clients]], clients


@contextmanager
def workers(count: int, one_door: bool = False, **limits: int) -> Iterator[Workers]:
    """Run workers for a while."""
    running = Workers(count, limits, one_door)
    try:
        yield running
    finally:
        for pid in running.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@pytest.mark.parametrize("limits", [{"max_clients": 5}, {"max_clients_per_address": 5}, {"max_clients_per_network": 5}])
async def test_bounds_hold_over_all_workers(limits: dict[str, int]) -> None:
    """Five are five with three workers as with one, and a place that is given back is there for all."""
    with workers(3, **limits) as running:
        greetings, clients = await running.greetings(8)
        assert Counter(line[:3] for line in greetings) == {"220": 5, "421": 3}
        for client in clients:
            await client.close()
        again: list[str] = []
        while again != ["220"]:  # the other end's close takes a moment
            lines, opened = await running.greetings(1)
            again = [line[:3] for line in lines]
            for client in opened:
                await client.close()


@pytest.mark.parametrize(("count", "one_door"), [(20, True), (20, False), (200, False)])
async def test_connections_spread_evenly(count: int, one_door: bool) -> None:
    """Not by chance: each worker has as many as the next, give or take a few, wherever they came in."""
    with workers(2, one_door, max_clients=1000, max_clients_per_address=1000) as running:
        greetings, clients = await running.greetings(count)
        per_worker = Counter(greetings)
        assert set(per_worker) == {"220 worker0.example", "220 worker1.example"}
        assert max(per_worker.values()) - min(per_worker.values()) <= 4
        for client in clients:
            await client.close()


async def test_idle_clients_lose_their_places_where_these_run_out() -> None:
    """With four of five places taken the next ones wait for a short while only; a crowd keeps nobody out for long."""
    async with Rig(gateway={"max_clients": 5, "crowded_idle_timeout_s": 0.2}) as rig:
        early = [await rig.connect(greet=False) for _ in range(4)]
        for client in early:
            assert (await client.reply())[0] == 220
        late = await rig.connect(greet=False)
        assert [(await late.reply())[0], (await late.reply())[0]] == [220, 421]
        assert rig.count("limits_hit_total", limit="idle") == 1
        again = await rig.connect(greet=False)
        assert (await again.reply())[0] == 220
        assert (await early[0].ask("NOOP"))[0] == 250
