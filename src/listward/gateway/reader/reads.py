"""What the gateway asks of whoever reads a message for it."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from listward.filters.context import Context
from listward.filters.learner import SpamModel
from listward.filters.message.parse import parse_message
from listward.filters.reading import Reading, read
from listward.gateway.reader.wire import Setup, encode_setup
from listward.wire.payload import Payload


class Unread(Exception):
    """Nobody could read this message: the reader overran its bounds, broke, or said what is no answer."""


@dataclass(frozen=True, slots=True)
class ReadingBounds:
    """What reading one message may take, in seconds of processor time and seconds in all.

    Messages above `large_octets` go to the lane for large ones.
    """

    cpu_s: float = 0.5
    large_cpu_s: float = 10.0
    large_octets: int = 262_144
    wall_s: float = 2.0
    large_wall_s: float = 15.0


DEFAULTS = ReadingBounds()


@dataclass(frozen=True)
class ReadingTerms:
    """What a message is read by: those of the configuration that it is judged under."""

    context: Context
    model: SpamModel = field(repr=False)
    bounds: ReadingBounds = DEFAULTS

    def prepare(self) -> None:
        """Make both setups now: packing the model takes some 50 ms, which no message should wait for."""
        _ = self.quick_setup, self.large_setup

    @cached_property
    def quick_setup(self) -> bytes:
        """The setup that a reader of ordinary mail gets, as a frame."""
        return encode_setup(Setup(self.context, self._packed, self.bounds.cpu_s, self.bounds.wall_s))

    @cached_property
    def large_setup(self) -> bytes:
        """The setup that a reader of large mail gets, as a frame."""
        return encode_setup(Setup(self.context, self._packed, self.bounds.large_cpu_s, self.bounds.large_wall_s))

    @cached_property
    def _packed(self) -> bytes:
        return self.model.packed()


@dataclass(frozen=True, slots=True)
class Job:
    """One message to read. `at` is when it came, in Unix seconds; `source` the client's address, "" where unknown.

    `inside` says that it came from a network of ours.
    """

    id: str
    payload: Payload
    at: float
    terms: ReadingTerms
    source: str = ""
    inside: bool = False


class Reads(Protocol):
    """Whoever reads."""

    async def read(self, job: Job) -> Reading:
        """Return what is in the message. Raises Unread."""
        ...

    def close(self) -> None:
        """Let go of every reader."""
        ...


class ReadsHere:
    """Reads in this process: for tools and tests, where no stranger's mail can stop anybody else's."""

    async def read(self, job: Job) -> Reading:
        """Return what is in the message."""
        message = parse_message(job.payload.whole())
        return read(message, job.at, job.terms.context, job.terms.model, inside=job.inside)

    def close(self) -> None:
        """Nothing to let go of."""
