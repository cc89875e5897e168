"""Whatever a next hop says and does: one outcome for each recipient, delivered only on its word, never two copies."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from raw_hop import CLOSE, SILENCE, Act, Answer, RawHop, raw_hop, usual

from listward.wire.envelope import Envelope, Recipient
from listward.wire.limits import Limits
from listward.wire.outcome import Delivery, Step
from listward.wire.payload import Payload
from listward.wire.pool import Pool

SMALL = b"Subject: x\r\n\r\n.Hello\r\n"
LARGE = b"Subject: x\r\n\r\n" + b"." * 70 + b"\r\n" * 600_000
LIMITS = Limits(connect_timeout_s=0.05, first_pause_s=60.0)

CODES = st.sampled_from(
    [b"220", b"250", b"251", b"221", b"354", b"421", b"450", b"451", b"503", b"550", b"554", b"100"]
)
LINES = st.builds(
    lambda code, mark, text: code + mark + text + b"\r\n",
    CODES,
    st.sampled_from([b" ", b" ", b"-"]),
    st.sampled_from([b"", b"ok", b"2.1.5 fine", b"5.1.1 no", b"\xff\x00"]),
)
GARBAGE = st.sampled_from(
    [b"\r\n", b"250", b"x" * 5000, b"\0", b"250 ok\n", b"HTTP/1.1 200 OK\r\n\r\n", b"\xff\xfe\r\n"]
)
ODD = st.lists(
    st.one_of(LINES, LINES, LINES, GARBAGE, st.sampled_from([0.0, 0.005]), st.sampled_from([CLOSE, CLOSE, SILENCE])),
    max_size=3,
)
# What goes wrong at which event, the first times it comes; all else is what a good server says.
EVENTS = st.sampled_from(["CONNECT", "EHLO", "LHLO", "RSET", "MAIL", "RCPT", "DATA", "DOT", "DOT", "DOT"])
SCRIPT = st.dictionaries(EVENTS, st.lists(st.one_of(st.none(), ODD, ODD), min_size=1, max_size=2), max_size=3)
Script = dict[str, list[Sequence[Act] | None]]


def scripted(script: Script) -> Answer:
    """Take one entry after another at each event; then be good."""
    entries = {event: iter(acts) for event, acts in script.items()}

    def answer(event: str, text: str) -> Sequence[Act]:
        entry = next(entries[event], None) if event in entries else None
        return usual(event, text) if entry is None else entry

    return answer


def took(hop: RawHop, address: str) -> bool:
    """Whether the hop ever said 2xx behind a whole message for this recipient."""
    return any(
        address in recipients and said.startswith(b"2") for recipients, said in zip(hop.dots, hop.said, strict=True)
    )


def judge(hops: Sequence[RawHop], addresses: Sequence[str], outcomes: Sequence[dict[str, Delivery]]) -> None:
    """Check what must hold after some deliveries to the same recipients."""
    copies: Counter[str] = Counter()
    for hop in hops:
        for recipients in hop.dots:
            copies.update(recipients)
    for outcome in outcomes:
        assert set(outcome) == set(addresses)
    for address in addresses:
        said = [outcome[address] for outcome in outcomes]
        delivered = sum(delivery.delivered for delivery in said)
        assert not delivered or any(took(hop, address) for hop in hops)
        # A whole message reaches a hop at most once a delivery, and never beside an outcome before the dot.
        assert copies[address] <= sum(delivery.step is Step.DOT for delivery in said)
        assert delivered <= copies[address]
        assert all(delivery.reply.code // 100 in {2, 4, 5} and delivery.reply.code != 421 for delivery in said)
        assert all(delivery.reply.code == 451 for delivery in said if delivery.lost)


async def run(scripts: Sequence[Script], protocol: str, recipients: int, data: bytes, times: int) -> None:
    """Deliver some messages to hops of these scripts, the first preferred."""
    addresses = [f"r{number}@y.test" for number in range(recipients)]
    envelope = Envelope("a@x.test", tuple(Recipient(address) for address in addresses))
    async with raw_hop(scripted(scripts[0]), protocol) as one, raw_hop(scripted(scripts[1]), protocol) as two:
        pool = Pool("gateway.test", LIMITS)
        hop = replace(one.hop, spares=(two.hop,))
        outcomes = [await pool.deliver(hop, envelope, Payload(data), 0.1) for _ in range(times)]
        await pool.close()
        judge([one, two], addresses, outcomes)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(SCRIPT, SCRIPT),
    st.sampled_from(["smtp", "lmtp"]),
    st.integers(1, 3),
    st.sampled_from([SMALL, SMALL, SMALL, SMALL, LARGE]),
    st.integers(1, 3),
)
def test_no_hop_breaks_the_promise(
    scripts: tuple[Script, Script], protocol: str, recipients: int, data: bytes, times: int
) -> None:
    """Random replies, cuts, delays and garbage at every step of several messages to two servers."""
    asyncio.run(run(scripts, protocol, recipients, data, times))
