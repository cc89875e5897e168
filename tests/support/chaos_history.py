"""What happened in a run under faults: plain values, one JSON line each, so that a history can be kept and read again.

Times are Unix seconds. A message is named by its Message-ID, without angle brackets.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a client has to bring in. `body` is the hex SHA-256 of what follows the header."""

    message: str
    recipients: tuple[str, ...]
    body: str
    kind: str = "post"


@dataclass(frozen=True, slots=True)
class Told:
    """One try of a client. `code` is the reply to the dot, or the one that ended the try; 0 where none came."""

    message: str
    attempt: int
    code: int
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """A copy that a next hop took. `acked` says whether it got its 250 out: without, the reply was lost."""

    hop: str
    message: str
    recipients: tuple[str, ...]
    body: str
    at: float
    acked: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """A case as the store has it in the end, with who decided it."""

    number: str
    message: str
    recipients: tuple[str, ...]
    state: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that was broken on purpose, from `began` to `ended`. `part`: worker, store, hop, way, dns, disk."""

    part: str
    what: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Counted:
    """What the gateway has counted itself, or how many copies its audit says were discarded."""

    name: str
    value: float


Event = Sent | Told | Arrival | Kept | Fault | Counted
KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in (Sent, Told, Arrival, Kept, Fault, Counted)}


@dataclass(slots=True)
class History:
    """All events of one run, in the order they were learnt."""

    events: list[Event] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Remember one event."""
        self.events.append(event)

    def sent(self) -> Iterator[Sent]:
        """What was sent."""
        return (event for event in self.events if isinstance(event, Sent))

    def told(self) -> Iterator[Told]:
        """What clients heard."""
        return (event for event in self.events if isinstance(event, Told))

    def arrivals(self) -> Iterator[Arrival]:
        """What came to the next hops."""
        return (event for event in self.events if isinstance(event, Arrival))

    def kept(self) -> Iterator[Kept]:
        """What lies in the store."""
        return (event for event in self.events if isinstance(event, Kept))

    def faults(self) -> Iterator[Fault]:
        """What was broken."""
        return (event for event in self.events if isinstance(event, Fault))

    def counted(self, name: str) -> float:
        """Sum of what was counted under a name."""
        return sum(event.value for event in self.events if isinstance(event, Counted) and event.name == name)

    def write(self, path: Path) -> None:
        """Keep it as JSON lines."""
        path.write_text("".join(f"{line_of(event)}\n" for event in self.events), encoding="utf-8")


def line_of(event: Event) -> str:
    """One event as a line of JSON."""
    return json.dumps({"event": type(event).__name__, **asdict(event)})


def read_history(lines: Iterable[str]) -> History:
    """Read a history back."""
    return History([_event(json.loads(line)) for line in lines if line.strip()])


def _event(values: dict[str, object]) -> Event:
    kind = KINDS[str(values.pop("event"))]
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})  # type: ignore[arg-type]  # as written
