"""Every shape of answer a next hop may give, on a real socket: short, long, late, early, cut, garbled."""

import asyncio
from collections.abc import Sequence

import pytest
from delivering import DATA, is_temporary, letter
from raw_hop import CLOSE, SILENCE, Act, Answer, raw_hop, usual

from listward.wire.envelope import Envelope
from listward.wire.limits import Limits
from listward.wire.outcome import Delivery, Step
from listward.wire.payload import Payload
from listward.wire.pool import Pool

STEPS = {"CONNECT": Step.CONNECT, "HELLO": Step.CONNECT, "MAIL": Step.MAIL, "RCPT": Step.MAIL, "DATA": Step.RCPT}


def at(event: str, *acts: Act, times: int = 1_000, protocol: str = "smtp") -> Answer:
    """A server that is good but for one event."""
    left = [times]
    hello = "LHLO" if protocol == "lmtp" else "EHLO"

    def answer(now: str, text: str) -> Sequence[Act]:
        if now != (hello if event == "HELLO" else event) or not left[0]:
            return usual(now)
        left[0] -= 1
        return acts

    return answer


def dribbled(reply: bytes) -> tuple[Act, ...]:
    """One octet after another."""
    return tuple(part for octet in reply for part in (bytes([octet]), 0.0))


async def ask(answer: Answer, envelope: Envelope | None = None, protocol: str = "smtp") -> dict[str, Delivery]:
    """One message to such a server, in half a second."""
    async with raw_hop(answer, protocol) as hop:
        pool = Pool("gateway.test", Limits(first_pause_s=60))
        outcome = await pool.deliver(hop.hop, envelope or letter(), Payload(DATA), 0.5)
        await pool.close()
    return outcome


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
@pytest.mark.parametrize("event", ["CONNECT", "HELLO", "MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    "acts",
    [
        (CLOSE,),
        (b"2", CLOSE),
        (b"250-first\r\n", CLOSE),
        (b"250 no line end", CLOSE),
        (b"250 ok\n",),
        (b"250-one\r\n251 two\r\n",),
        (b"250-one\r\nmore\r\n",),
        (b"100 wait\r\n",),
        (b"600 what\r\n",),
        (b"25\r\n",),
        (b"2500 ok\r\n",),
        (b"\xb2\xb5\xb0 ok\r\n",),
        (b"\r\n",),
        (b"250\tok\r\n",),
        (b"250-x\r\n" * 300,),
        (b"250 " + b"x" * 10_000 + b"\r\n",),
        (b"\0" * 100_000,),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n",),
        (b"421 4.3.2 closing\r\n", CLOSE),
        (b"421 4.3.2 closing\r\n",),
    ],
)
async def test_what_is_no_answer_is_temporary(protocol: str, event: str, acts: tuple[Act, ...]) -> None:
    """451 of ours at every step; lost only after the dot, and only where no refusal came."""
    outcome = (await ask(at(event, *acts, protocol=protocol), protocol=protocol))["b@y.test"]
    refused = acts[0].startswith(b"421") if isinstance(acts[0], bytes) else False
    assert is_temporary(outcome, STEPS.get(event, Step.DOT), lost=event == "DOT" and not refused)


@pytest.mark.parametrize("event", ["CONNECT", "HELLO", "MAIL", "RCPT", "DATA", "DOT"])
async def test_silence_is_temporary(event: str) -> None:
    """The deadline ends it; lost only after the dot."""
    outcome = (await ask(at(event, SILENCE)))["b@y.test"]
    assert is_temporary(outcome, STEPS.get(event, Step.DOT), lost=event == "DOT")


@pytest.mark.parametrize(
    ("event", "reply"),
    [
        ("CONNECT", b"220-one\r\n220-\r\n220 three\r\n"),
        ("HELLO", b"250-raw.test\r\n250-PIPELINING\r\n250-X-ODD \xff\r\n250 SIZE 1000\r\n"),
        ("MAIL", b"250\r\n"),
        ("MAIL", b"251 2.1.0 odd but kind\r\n"),
        ("RCPT", b"252 2.1.5 \xe9\x00\x1b[31m\r\n"),
        ("DATA", b"354\r\n"),
        ("DATA", b"354-one\r\n354 two\r\n"),
        ("DOT", b"250-2.0.0 one\r\n250 2.0.0 two \x00\xff\r\n"),
        ("DOT", b"299 taken\r\n"),
        ("DOT", b"250\r\n"),
    ],
)
@pytest.mark.parametrize("slowly", [False, True])
async def test_odd_but_valid_answers_count(event: str, reply: bytes, slowly: bool) -> None:
    """Several lines, no text, 8-bit and NUL in the text, one octet at a time: the code decides."""
    outcome = (await ask(at(event, *(dribbled(reply) if slowly else (reply,)))))["b@y.test"]
    assert outcome.delivered
    assert outcome.reply.text.isascii()
    assert outcome.reply.text.replace("\n", "").isprintable() or not outcome.reply.text


@pytest.mark.parametrize("event", ["CONNECT", "HELLO", "MAIL", "RCPT", "DATA"])
async def test_a_delayed_answer_is_waited_for(event: str) -> None:
    """Slow is not broken."""
    outcome = (await ask(at(event, 0.05, *usual(event if event != "HELLO" else "EHLO"))))["b@y.test"]
    assert outcome.delivered


@pytest.mark.parametrize(
    ("event", "acts"),
    [
        ("CONNECT", (b"220 x\r\n250 not asked\r\n",)),
        ("HELLO", (b"250-raw.test\r\n250 PIPELINING\r\n250 not asked\r\n",)),
        ("DATA", (b"354 go\r\n250 2.0.0 taken already\r\n",)),
        ("DATA", (b"250 2.0.0 taken at once\r\n",)),
        ("DATA", (b"354 go\r\n354 go on\r\n",)),
        ("MAIL", (b"250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 taken\r\n",)),
    ],
)
async def test_an_answer_that_nobody_asked_for_ends_it(event: str, acts: tuple[Act, ...]) -> None:
    """More replies than commands: no content goes out, and nothing counts as delivered."""
    async with raw_hop(at(event, *acts)) as hop:
        pool = Pool("gateway.test")
        outcome = (await pool.deliver(hop.hop, letter(), Payload(DATA), 0.5))["b@y.test"]
        await pool.close()
        assert hop.dots == []
    assert (outcome.delivered, outcome.lost, outcome.reply.code) == (False, False, 451)


@pytest.mark.parametrize("stray", [b"550 5.0.0 the second recipient\r\n", b"250 2.0.0 taken\r\n"])
@pytest.mark.parametrize("pause", [None, 0.0, 0.02])
@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_late_second_answer_is_never_the_next_messages(
    stray: bytes, pause: float | None, pipelining: bool
) -> None:
    """A server that answers the dot twice, at once or later: the next message gets its own answers, once."""
    taken = b"250 2.0.0 taken\r\n"
    acts: tuple[Act, ...] = (taken + stray,) if pause is None else (taken, pause, stray)
    good = at("DOT", *acts, times=1)

    def answer(event: str, text: str) -> Sequence[Act]:
        return (b"250 raw.test\r\n",) if event == "EHLO" and not pipelining else good(event, text)

    async with raw_hop(answer) as hop:
        pool = Pool("gateway.test")
        for _ in range(3):
            assert (await pool.deliver(hop.hop, letter(), Payload(DATA), 2))["b@y.test"].delivered
        await pool.close()
        assert len(hop.dots) == 3
    assert hop.connections <= 2


async def test_every_lmtp_recipient_is_a_transaction() -> None:
    """One line for all, a line too many, none at all: nobody is out of step, nobody gets another's answer."""
    replies = iter([b"250 2.0.0 b\r\n", b"501 Message has defects\r\n", b"250 2.0.0 d\r\n550 5.0.0 more\r\n"])

    def answer(event: str, text: str) -> Sequence[Act]:
        return (next(replies, b"452 4.2.2 full\r\n"),) if event == "DOT" else usual(event)

    async with raw_hop(answer, "lmtp") as hop:
        pool = Pool("gateway.test")
        to = ("b@y.test", "c@y.test", "d@y.test", "e@y.test")
        outcome = await pool.deliver(hop.hop, letter(*to), Payload(DATA), 5)
        await pool.close()
    assert [delivery.reply.code for delivery in outcome.values()] == [250, 501, 250, 452]
    assert hop.dots == [(address,) for address in to]
    assert hop.connections == 2


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
async def test_a_go_ahead_for_nobody_ends_with_the_dot(protocol: str) -> None:
    """Every recipient refused, but 354: the empty end, nothing delivered, and the connection is not used again."""
    refusing = at("RCPT", b"550 5.1.1 nobody\r\n", times=1)
    async with raw_hop(refusing, protocol) as hop:
        pool = Pool("gateway.test")
        outcome = (await pool.deliver(hop.hop, letter(), Payload(DATA), 5))["b@y.test"]
        assert (outcome.reply.code, outcome.step, outcome.lost) == (550, Step.RCPT, False)
        assert (await pool.deliver(hop.hop, letter(), Payload(DATA), 5))["b@y.test"].delivered
        await pool.close()
        async with asyncio.timeout(5):
            while len(hop.dots) < 2:  # noqa: ASYNC110 - the server counts in a plain list
                await asyncio.sleep(0.005)
    assert sorted(hop.dots) == [(), ("b@y.test",)]
    assert hop.connections == 2
