"""Content by blocks, as DATA and BDAT bring it: the same message as if the whole had been looked at at once."""

from fuzzing import cuts

from listward.wire.dots import malformed, normalise, terminated, unstuff
from listward.wire.spool import HeaderTooLong, Intake


def one(data: bytes) -> None:
    """Take it in with every setting."""
    head = b"A: b\r\n\r\n"
    large = head + b"x" * 1_048_600 + data  # beyond what stays in memory
    for content in (data, large) if len(data) % 64 == 1 else (data,):
        for stuffed in (True, False):
            for mend in (True, False):
                whole = unstuff(content) if stuffed else content
                fault = malformed(whole) or ""
                expected = terminated(normalise(whole) if mend and fault else whole)
                taken, named = take(content, stuffed, mend)
                assert bool(named) == bool(fault and not mend)
                assert named or taken == expected


def take(content: bytes, stuffed: bool, mend: bool) -> tuple[bytes, str]:
    """The message and its fault."""
    intake = Intake(None, stuffed, mend)
    try:
        for block in cuts(content):
            intake.add(block)
        return intake.ended().whole(), intake.fault
    except HeaderTooLong:
        return b"", "header"
    finally:
        intake.close()
