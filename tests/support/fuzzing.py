"""What the fuzz targets share: where they and their corpora lie, how inputs are cut, mutated and made large.

A target is a file tests/fuzz/fuzz_NAME.py. It has `one(data)`, which raises where its property does not hold, or
`opened()`, a context that yields such a function. `GROW` are pieces that repeated many times must cost no more than in
proportion. Its corpus is `SEEDS`, and the folder tests/fuzz/corpus/NAME; text files in it hold Python's escapes.
"""

import importlib.util
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[1] / "fuzz"
NAMES = sorted(path.stem.removeprefix("fuzz_") for path in FOLDER.glob("fuzz_*.py"))
Property = Callable[[bytes], None]
# Pieces that mean something to one parser or another.
TOKENS = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b".",
    b"\r\n.\r\n",
    b"--b",
    b"--b--",
    b":",
    b";",
    b'"',
    b"\\",
    b"(",
    b")",
    b"<",
    b">",
    b"@",
    b",",
    b"=",
    b"=?utf-8?q?a?=",
    b"=?utf-8?b?YQ==?=",
    b"=\r\n",
    b"=3D",
    b"\t",
    b" ",
    b"\xff",
    b"\xe2\x80\x8b",
    b"\xcc\x81",
    b"Content-Type: ",
    b"Content-Transfer-Encoding: base64",
    b"multipart/mixed; boundary=b",
    b"message/rfc822",
    b"name*0*=",
    b"From: ",
    b"To: ",
    b"MAIL FROM:<a@b.example>",
    b"RCPT TO:<news@lists.party.example>",
    b"DATA\r\n",
    b"BDAT 5 LAST\r\n",
    b"EHLO x\r\n",
    b"QUIT\r\n",
    b"250-",
    b"250 ",
    b"<p>",
    b"</p>",
    b"<!--",
    b"-->",
    b"&#",
    b"PK\x03\x04",
    b"9" * 20,
    b"a" * 70,
)


@contextmanager
def target(name: str) -> Iterator[Property]:
    """The property of a target, with what it needs around it."""
    module = load(name)
    if hasattr(module, "opened"):
        with module.opened() as one:
            yield one
    else:
        yield module.one


def load(name: str) -> ModuleType:
    """The module of a target."""
    spec = importlib.util.spec_from_file_location(f"fuzz_{name}", FOLDER / f"fuzz_{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def corpus(name: str) -> list[bytes]:
    """The inputs to begin with: those of the module's SEEDS, if any, and those kept in files, by name."""
    kept = [read_input(path) for path in sorted((FOLDER / "corpus" / name).glob("*"))]
    return [*getattr(load(name), "SEEDS", ()), *kept]


def read_input(path: Path) -> bytes:
    """One input: a .txt file holds escapes, one line an input's line as written by Python, any other its octets."""
    content = path.read_bytes()
    return content.replace(b"\n", b"").decode("unicode_escape").encode("latin-1") if path.suffix == ".txt" else content


def mutated(seeds: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """`count` inputs made of the seeds by a few random changes each; the same ones for the same `seed`."""
    draw = random.Random(seed)
    for _ in range(count):
        data = bytearray(draw.choice(seeds or [b""]))
        for _ in range(draw.randint(1, 6)):
            _change(data, draw, seeds)
        yield bytes(data[:20_000])


def _change(data: bytearray, draw: random.Random, seeds: list[bytes]) -> None:
    """Insert, repeat, drop, flip or splice at a random place."""
    at = draw.randint(0, len(data))
    length = min(draw.choice((1, 2, 5, 20, 100)), len(data) - at)
    kind = draw.randint(0, 4)
    if kind == 0:
        data[at:at] = draw.choice(TOKENS)
    elif kind == 1:
        data[at:at] = data[at : at + length] * draw.choice((1, 2, 30))
    elif kind == 2:
        del data[at : at + length]
    elif kind == 3:
        data[at : at + length] = draw.randbytes(length)
    else:
        other = draw.choice(seeds or [b""])
        data[at:] = other[draw.randint(0, len(other)) :]


def cuts(data: bytes, most: int = 5) -> tuple[bytes, ...]:
    """The input in up to `most` blocks; where it is cut depends on the input alone."""
    draw = random.Random(len(data) ^ sum(data[:64]))
    places = sorted({0, len(data), *(draw.randint(0, len(data)) for _ in range(most - 1))})
    return tuple(data[start:stop] for start, stop in pairwise(places)) or (b"",)
