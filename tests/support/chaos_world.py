"""A whole world for a run under faults: name server, next hops behind proxies, store, and `listward run` amid them."""

import asyncio
import re
import shutil
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from chaos_history import Counted, Fault, History, Kept
from chaos_parts import ChaosRunning, HopProcess, StoreProcess, small_disk, why_no_mount
from chaos_proxy import Proxy
from dns_server import DnsServer
from free_ports import free_ports
from running import ZONE

from listward.config.load import load
from listward.queue.cases.case import Case, CaseState
from listward.queue.cases.commands import Command, Verb
from listward.queue.store.connect import Store, connect
from listward.queue.store.ports import Conflict, StoreUnavailable

STORE_MB, SPOOL_MB = 256, 4
_SAMPLE = re.compile(r"^listward_(\w+?)(\{[^}]*\})? (\S+)$", re.MULTILINE)


@dataclass
class World:
    """All parts, and the history they write. `store` is None where the gateway runs its own."""

    folder: Path
    names: DnsServer
    hops: dict[str, HopProcess]
    ways: dict[str, Proxy]
    gateway: ChaosRunning
    store: StoreProcess | None
    history: History = field(default_factory=History)
    disks: dict[str, Path] = field(default_factory=dict)

    @asynccontextmanager
    async def fault(self, part: str, what: str) -> AsyncIterator[None]:
        """Write down that something is broken inside this block."""
        began = time.time()
        try:
            yield
        finally:
            self.history.add(Fault(part, what, began, time.time()))

    def heal(self) -> None:
        """Let the ways pass and the hops answer."""
        for way in self.ways.values():
            way.heal()
        for hop in self.hops.values():
            hop.order(heal=True)
        self.names.zone = ZONE

    def scrape(self) -> str:
        """The metrics as they are now."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.gateway.metrics}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    async def count(self) -> None:
        """Add what the gateway has counted since it was started. A whole restart begins anew, so count before it."""
        for name, labels, value in _SAMPLE.findall(await asyncio.to_thread(self.scrape)):
            if name == "duplicates_possible_total":
                self.history.add(Counted("duplicates_possible", float(value)))
            elif name == "duplicates_suppressed_total":
                self.history.add(Counted("duplicates_suppressed", float(value)))
            elif name == "next_hop_errors_total" and ('kind="lost"' in labels or 'kind="unknown"' in labels):
                self.history.add(Counted("released_possible", float(value)))

    @asynccontextmanager
    async def opened_store(self) -> AsyncIterator[Store]:
        """The store as a desk sees it, past the proxy's faults."""
        store = connect(load(self.gateway.folder).site)
        try:
            yield store
        finally:
            await store.close()

    async def cases(self, store: Store) -> list[Case]:
        """Every case there is."""
        found: list[Case] = []
        cursor = ""
        while True:
            page = await store.cases.page(tuple(CaseState), limit=500, cursor=cursor)
            found += page.cases
            cursor = page.cursor
            if not cursor:
                return found

    async def release(self, every: int) -> int:
        """Release each n-th held case; returns how many."""
        released = 0
        async with self.opened_store() as store:
            held = [case for case in await self.cases(store) if case.state is CaseState.HELD]
            for case in held[::every]:
                now = time.time()
                command = Command(Verb.RELEASE, "mod@party.example", now, queue="moderators", deliver_after=now)
                with suppress(Conflict, StoreUnavailable):
                    await store.cases.apply(case.number, case.version, command)
                    released += 1
        return released

    async def collect(self) -> None:
        """Write down what arrived and what is kept, and what the gateway has counted."""
        async with self.opened_store() as store:
            for case in await self.cases(store):
                recipients = case.draft.envelope.recipients
                by = case.ruling.by if case.ruling else ""
                message = case.draft.message_id.strip("<>")
                self.history.add(Kept(case.number, message, recipients, case.state.value, by))
        for hop in self.hops.values():  # after the cases: what a case says is delivered has arrived by now
            self.history.events.extend(hop.arrivals())
        await self.count()

    async def until(self, holds: Callable[[], bool], what: str, seconds: float = 30) -> None:
        """Wait for something outside. Raises TimeoutError."""
        await asyncio.to_thread(self.gateway.wait_for, holds, what, seconds)

    async def until_delivered(self, seconds: float) -> bool:
        """Wait until no case is on its way any more; say whether that came."""
        deadline, quiet = time.monotonic() + seconds, 0
        moving = (CaseState.RELEASED, CaseState.DELIVERING)
        async with self.opened_store() as store:
            while time.monotonic() < deadline:
                with suppress(StoreUnavailable):
                    page = await store.cases.page(moving)
                    quiet = 0 if page.cases or page.cursor else quiet + 1
                if quiet == 3:  # a case that moves on while the page is read is on none
                    return True
                await asyncio.sleep(0.3)
        return False


@asynccontextmanager
async def world(embedded: bool = False, workers: int = 2, reply_deadline_s: float = 8) -> AsyncIterator[World]:
    """Start everything in a folder of its own; all of it is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="lw-chaos-", dir="/tmp"))
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        names = stack.enter_context(DnsServer(ZONE))
        one, two, data = free_ports(3)
        hops = {
            "one": HopProcess("one", one, protocol="lmtp", file=folder / "one.jsonl"),
            "two": HopProcess("two", two, protocol="smtp", file=folder / "two.jsonl"),
        }
        targets = {"one": one, "two": two, **({} if embedded else {"store": data})}
        ways = {name: await stack.enter_async_context(Proxy(port)) for name, port in targets.items()}
        disks = {}
        if not why_no_mount():
            disks["spool"] = stack.enter_context(small_disk(folder / "site" / "var" / "spool", SPOOL_MB))
            place = folder / "site" / "var" / "store" if embedded else folder / "store"
            disks["store"] = stack.enter_context(small_disk(place, STORE_MB))
        store = None if embedded else StoreProcess("store", data, folder=folder / "store")
        for process in (*hops.values(), *([store] if store else [])):
            stack.callback(process.end)
            await asyncio.to_thread(process.start)
        url = "embedded" if embedded else f"redis://127.0.0.1:{ways['store'].port}"
        next_hops = (f"lmtp://127.0.0.1:{ways['one'].port}", f"smtp://127.0.0.1:{ways['two'].port}")
        gateway = ChaosRunning(folder / "site", names.address, *next_hops, url, workers, reply_deadline_s)
        stack.push_async_callback(asyncio.to_thread, gateway.stop)
        try:
            await asyncio.to_thread(gateway.start)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; the log ends: {gateway.log()[-2000:]}") from None
        yield World(folder, names, hops, ways, gateway, store, disks=disks)
