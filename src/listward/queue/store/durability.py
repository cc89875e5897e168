"""Whether the server can keep the promise of a hold. Asked at the start, and again in the pipeline of every write."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from listward.queue.store.lanes import Lanes
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.words import Words

WANTED: Mapping[str, str] = {
    "appendonly": "yes",
    "appendfsync": "always",
    "maxmemory-policy": "noeviction",
    "no-appendfsync-on-rewrite": "no",
}
ASK: Words = ("CONFIG", "GET", *WANTED, "min-replicas-to-write")


@dataclass(frozen=True, slots=True)
class Durability:
    """What the server said of itself. `reason` is "" when it can keep the promise; `run_id` changes with a restart."""

    reason: str
    run_id: str = ""

    @property
    def durable(self) -> bool:
        """Whether holds may be promised."""
        return not self.reason


class Guard:
    """Runs writes, and returns only when the server that ran them keeps what it wrote."""

    def __init__(self, lanes: Lanes, replicas: int = 0, wait_s: float = 2.0) -> None:
        self._lanes = lanes
        self._replicas = replicas
        self._wait_s = wait_s
        self._sound = False

    async def inspect(self, key: str) -> Durability:
        """Ask the server of a key for all that the promise rests on. Raises StoreUnavailable when it is away."""
        settings, info = await self._lanes.run(key, ASK, ("INFO",))
        facts = {_text(name): _text(value) for name, value in info.items()}
        reason = self._fault(settings) or _fault_of_facts(facts, self._replicas)
        self._sound = not reason
        return Durability(reason, facts.get("run_id", ""))

    async def write(self, key: str, *commands: Words) -> list[Any]:
        """Run writes on keys of one tag and return their replies once they are safe.

        The settings are asked for after the writes on the same connection, so no restart or CONFIG SET slips between;
        WAIT counts only there. Raises StoreUnavailable; then nothing was promised, though it may be written.
        """
        if not self._sound:
            await self._refuse_unsound(key)
        tail: list[Words] = [ASK]
        if self._replicas:
            tail.append(("WAIT", self._replicas, int(self._wait_s * 1000)))
        replies = await self._lanes.run(key, *commands, *tail, extra_s=self._wait_s if self._replicas else 0.0)
        if reason := self._fault(replies[len(commands)]):
            self._sound = False
            raise StoreUnavailable(reason)
        if self._replicas and int(replies[-1]) < self._replicas:
            raise StoreUnavailable(f"only {int(replies[-1])} of {self._replicas} replicas have the write")
        return replies[: len(commands)]

    async def _refuse_unsound(self, key: str) -> None:
        found = await self.inspect(key)
        if found.reason:
            raise StoreUnavailable(found.reason)

    def _fault(self, settings: Mapping[Any, Any]) -> str:
        found = {_text(name): _text(value) for name, value in settings.items()}
        for name, wanted in WANTED.items():
            if found.get(name) != wanted:
                return f"the store's setting {name} is {found.get(name, 'hidden')}, it must be {wanted}"
        if int(found.get("min-replicas-to-write", "0")) < self._replicas:
            return f"the store's setting min-replicas-to-write must be at least {self._replicas}"
        return ""


def _fault_of_facts(facts: Mapping[str, str], replicas: int) -> str:
    if facts.get("role") != "master":
        return f"the store is a {facts.get('role', 'server without a role')}, it must be a master"
    if facts.get("loading") == "1":
        return "the store is still loading its data"
    if facts.get("aof_last_write_status", "ok") != "ok":
        return "the store could not write its last change to disk"
    if int(facts.get("connected_slaves", "0")) < replicas:
        return f"the store has {facts.get('connected_slaves', '0')} of {replicas} replicas"
    return ""


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
