"""ARC: what reading, verifying and making a set costs, in CPU microseconds of one process."""

import asyncio
import time
from collections.abc import Callable, Iterator
from itertools import count

from cryptography.hazmat.primitives.asymmetric import rsa

from bench.corpus import MIB, Author, large_message, raw_messages
from bench.run import Bench, Part
from bench.tables import markdown
from listward.config.signing_key import zone_line
from listward.filters.identity.arc import Chain, check_chain
from listward.filters.identity.arc_evidence import read_chain
from listward.filters.identity.canonical import relaxed_digest
from listward.filters.identity.source import Source
from listward.gateway.trace.seal import SAME_S, Sealer

TIMES = 300
SERVER = "mx.party.example"
FOUND = f"{SERVER}; spf=pass smtp.mailfrom=mail.example; dmarc=pass header.from=mail.example"
BLOCK = 262_144
_Message = tuple[bytes, bytes]  # header with its last line end, body


class _Known:
    """A resolver that has the one key in memory."""

    def __init__(self, record: bytes) -> None:
        self._record = record

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        return (self._record,)

    def spent(self) -> None:
        """Nobody counts here."""

    async def exists(self, name: str) -> bool:
        return True

    def remembered(self, name: str, kind: str) -> tuple[bytes, ...] | None:
        return (self._record,)


def measure(bench: Bench) -> Part:
    """Measure each step by itself on an ordinary message, and the hashing of a large one."""
    bench.settle("seals")
    key = rsa.generate_private_key(65537, 2048)
    sealer = Sealer("party.example", "bench", SERVER, key)
    known = _Known("".join(zone_line(key, "party.example", "bench").split('"')[1::2]).encode())
    raw = max((raw for _, raw in raw_messages(1, 50, Author("mail.example", "news@lists.party.example"))), key=_header)
    one = _sealed(sealer, raw, FOUND)
    three = _sealed(sealer, _sealed(sealer, one, f'{FOUND}; arc=pass reason="i=1"'), f'{FOUND}; arc=pass reason="i=2"')
    now = time.time()
    rows = [("looking for a set where there is none", _each(lambda: read_chain(Source.of(raw), now)))]
    for name, message in (("one set", one), ("three sets", three)):
        rows.append((f"reading {name}", _each(lambda message=message: read_chain(Source.of(message), now))))
        chain = read_chain(Source.of(message), now)
        assert asyncio.run(check_chain(chain, known)).result == "pass"
        rows.append((f"verifying {name}", _verifying(chain, known)))
    moments = count(0, SAME_S + 1)
    header, body = _parted(raw)
    rows.append(("sealing", _each(lambda: sealer.seal(header, relaxed_digest([body]), FOUND, next(moments)))))
    rows.append(("sealing the same again", _each(lambda: sealer.seal(header, relaxed_digest([body]), FOUND, 1e12))))
    _, large = large_message(50 * MIB, Author("mail.example", "news@lists.party.example"))
    began = time.process_time()
    relaxed_digest(_blocks(large))
    rows.append(("hashing 50 MB in a thread", (time.process_time() - began) * 1e6))
    bench.tell(", ".join(f"{name}: {cost:.0f} us" for name, cost in rows))
    table = markdown(("step", "CPU us"), [(name, f"{cost:,.0f}") for name, cost in rows])
    text = f"One process, RSA-2048, keys in memory, a message of {len(raw):,} octets.\n\n{table}"
    return Part("ARC", text, {})


def _header(raw: bytes) -> int:
    return len(raw.partition(b"\r\n\r\n")[0])


def _parted(raw: bytes) -> _Message:
    header, _, body = raw.partition(b"\r\n\r\n")
    return header + b"\r\n", body


def _sealed(sealer: Sealer, raw: bytes, results: str) -> bytes:
    header, body = _parted(raw)
    return sealer.seal(header, relaxed_digest([body]), results, 0) + raw


def _each(work: Callable[[], object]) -> float:
    """CPU microseconds of one, the least of some rounds."""
    return min(_round(work) for _ in range(5))


def _round(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(TIMES):
        work()
    return (time.process_time() - began) / TIMES * 1e6


def _verifying(chain: Chain, known: _Known) -> float:
    async def rounds() -> float:
        began = time.process_time()
        for _ in range(TIMES):
            await check_chain(chain, known)
        return (time.process_time() - began) / TIMES * 1e6

    return min(asyncio.run(rounds()) for _ in range(5))


def _blocks(octets: bytes) -> Iterator[bytes]:
    return (octets[start : start + BLOCK] for start in range(0, len(octets), BLOCK))
