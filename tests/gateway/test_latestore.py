"""A store that may not be there yet."""

from types import SimpleNamespace
from typing import Any

import pytest
from gateway_fakes import FakeCases, FakeLedger
from memory_accounts import MemoryAccounts

from listward.filters.identity.standing import NO_STANDING, Sighting
from listward.filters.probes import ProbeUnavailable
from listward.gateway.latestore import LateStore
from listward.queue.store.keys import BadKey
from listward.queue.store.ports import StoreUnavailable


class Opener:
    """Opens a fake store after some failures."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.opened = self.closed = 0
        self.ledger, self.accounts = FakeLedger(), MemoryAccounts()
        self.adopted: list[Any] = []

    def __call__(self) -> Any:
        """Open."""
        self.opened += 1
        if self.failures:
            raise self.failures.pop(0)

        async def close() -> None:
            self.closed += 1

        async def seen_elsewhere(digest: str, list_address: str) -> int:
            return 3

        counters = SimpleNamespace(seen_elsewhere=seen_elsewhere)
        return SimpleNamespace(
            cases=FakeCases(),
            ledger=self.ledger,
            counters=counters,
            accounts=self.accounts,
            close=close,
            adopt=self.adopted.append,
        )


@pytest.mark.parametrize("error", [StoreUnavailable("away"), OSError("no folder"), BadKey("short"), ValueError("url")])
async def test_what_keeps_it_closed_is_unavailable_and_tried_again(error: Exception) -> None:
    """Callers know one error; the next try opens it."""
    opener = Opener(error)
    store = LateStore(opener, retry_s=0.0)
    with pytest.raises(StoreUnavailable):
        await store.settled(["k"])
    await store.settle({"k": "relayed"})
    assert await store.settled(["k"]) == {"k": "relayed"}
    assert opener.opened == 2


async def test_a_failure_is_remembered_for_a_moment() -> None:
    """A burst of messages does not try again for each."""
    opener = Opener(StoreUnavailable("away"))
    store = LateStore(opener, retry_s=60.0)
    for _ in range(5):
        with pytest.raises(StoreUnavailable):
            await store.settled([])
    assert opener.opened == 1


async def test_counters_speak_the_filters_language() -> None:
    """Without the store a probe is unavailable; with it, it counts."""
    store = LateStore(Opener(StoreUnavailable("away")), retry_s=0.0)
    with pytest.raises(ProbeUnavailable):
        await store.seen_elsewhere("d", "l")
    assert await store.seen_elsewhere("d", "l") == 3


async def test_standings_speak_the_filters_language() -> None:
    """Without the store a probe is unavailable, and a note is lost; with it, both reach it."""
    opener = Opener(StoreUnavailable("away"), StoreUnavailable("away"))
    store, sighting = LateStore(opener, retry_s=0.0), Sighting("ana@x.example", 1.0)
    with pytest.raises(ProbeUnavailable):
        await store.of("ana@x.example", ())
    with pytest.raises(StoreUnavailable):
        await store.note([sighting])
    assert await store.of("ana@x.example", ()) is NO_STANDING
    await store.note([sighting])
    assert (opener.accounts.asked, opener.accounts.noted) == ([("ana@x.example", ())], [sighting])


async def test_closing_closes_what_is_open() -> None:
    """Once, and not before it was opened."""
    opener = Opener()
    store = LateStore(opener)
    await store.close()
    store.open()
    await store.close()
    await store.close()
    assert opener.closed == 1


def test_a_new_configuration_reaches_the_open_store() -> None:
    """One that is not open yet gets the newest at its opening."""
    opener, site = Opener(), SimpleNamespace()
    store = LateStore(opener)
    store.adopt(site)  # type: ignore[arg-type]
    assert opener.adopted == []
    store.open()
    store.adopt(site)  # type: ignore[arg-type]
    assert opener.adopted == [site]
