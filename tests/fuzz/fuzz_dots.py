"""Dot-stuffing, line ends and the end of DATA: equal to slow readers that look at one octet after another."""

from fuzzing import cuts

from listward.gateway.session.content import DotFinder
from listward.wire.dots import malformed, normalise, stuff, unstuff

GROW = (b"\r\n.\r", b"\r\n", b".", b"\r\n..\r\n", b"\r")
END = b"\r\n.\r\n"


def one(data: bytes) -> None:
    """Compare with the references below."""
    assert stuff(data) == lines(data, lambda line: b"." + line if line.startswith(b".") else line)
    assert unstuff(data) == lines(data, lambda line: line[1:] if line.startswith(b".") else line)
    assert unstuff(stuff(data)) == data
    assert (malformed(data) is None) == (not bare(data))
    clean = normalise(data)
    assert not bare(clean)
    assert normalise(clean) == clean
    assert found(cuts(data)) == end(data)
    assert found((data,)) == end(data)


def lines(data: bytes, change: object) -> bytes:
    """RFC 5321, section 4.5.2, as it is written."""
    assert callable(change)
    return b"\r\n".join(change(line) for line in data.split(b"\r\n"))


def bare(data: bytes) -> bool:
    """Whether a CR, LF or NUL stands alone."""
    left = data.replace(b"\r\n", b"")
    return any(octet in left for octet in b"\r\n\0")


def end(data: bytes) -> bytes | None:
    """What follows the first dot that stands alone on a line, None where none does."""
    whole = b"\r\n" + data
    return next((whole[at + 5 :] for at in range(len(whole)) if whole[at : at + 5] == END), None)


def found(blocks: tuple[bytes, ...]) -> bytes | None:
    """What follows the end of DATA by the finder."""
    finder = DotFinder()
    for at, block in enumerate(blocks):
        _, rest = finder.split(block)
        if rest is not None:
            return rest + b"".join(blocks[at + 1 :])
    return None
