"""Content by blocks, as DATA and BDAT bring it: the same message as if the whole had been looked at at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fuzzing import cuts

from listward.wire import spool
from listward.wire.dots import malformed, normalise, terminated, unstuff


@contextmanager
def opened() -> Iterator[Callable[[bytes], None]]:
    """Small inputs take the way of large messages too: the header in memory, the rest in a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "SPOOL_OVER", 40)
        patch.setattr(spool, "AT_ONCE", 24)
        yield one


def one(data: bytes) -> None:
    """Take it in with every setting."""
    for content in (data, b"A: b\r\n\r\n" + data):
        for stuffed in (True, False):
            for mend in (True, False):
                whole = unstuff(content) if stuffed else content
                fault = malformed(whole) or ""
                expected = terminated(normalise(whole) if mend and fault else whole)
                taken, named = take(content, stuffed, mend)
                assert named == "header" or bool(named) == bool(fault and not mend)
                assert named or taken == expected


def take(content: bytes, stuffed: bool, mend: bool) -> tuple[bytes, str]:
    """The message and its fault."""
    intake = spool.Intake(None, stuffed, mend)
    try:
        for block in cuts(content):
            intake.add(block)
        return intake.ended().whole(), intake.fault
    except spool.HeaderTooLong:
        return b"", "header"
    finally:
        intake.close()
