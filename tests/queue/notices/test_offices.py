"""What is told of mail to the organisation's own addresses: it is safe, and by when a person answers."""

from collections.abc import Callable

import pytest
from memory_cases import START, draft
from messages import build
from notices_world import Post

from listward.config.site import Addresses, Clocks, Limits
from listward.queue.cases.case import CaseDraft, Reason
from listward.queue.cases.commands import Command, Verb
from listward.wire.payload import Payload

OWN = (Reason("own-address", "own", "", "This message was written to the organisation's own address."),)
ADDRESSES = Addresses(report="report@party.example", appeal="appeal@party.example", help="office@party.example")


def office(address: str) -> CaseDraft:
    """A member's message to an office."""
    return draft(list=address, next_hop="", reasons=OWN)


@pytest.mark.parametrize(("name", "day"), [("report", "Friday, 20 November"), ("appeal", "Saturday, 21 November")])
async def test_the_receipt_names_the_offices_own_clock(make_post: Callable[..., Post], name: str, day: str) -> None:
    """Nothing of internal matters, nothing of a list that it is not sent to."""
    post = make_post(addresses=ADDRESSES, clocks=Clocks(report=2 * 86_400, appeal=3 * 86_400))
    await post.cases.hold(office(f"{name}@party.example"), Payload(build()))
    await post.handle_all()
    (text,) = post.pool.texts
    assert f"your message to {name}@party.example is safe. A person answers by {day}" in text
    assert "internal" not in text
    assert "not yet sent" not in text


async def test_done_is_told_to_nobody(make_post: Callable[..., Post]) -> None:
    """The answer is a letter of its own."""
    post = make_post(addresses=ADDRESSES)
    case = await post.cases.hold(office("report@party.example"), Payload(build()))
    await post.cases.apply(case.number, 1, Command(Verb.DISCARD, "mod@party.example", START + 5))
    await post.handle_all()
    assert post.pool.sent == []


async def test_in_a_summary_it_is_a_receipt_too(make_post: Callable[..., Post]) -> None:
    """Not "not yet sent"."""
    post = make_post(addresses=ADDRESSES, limits=Limits(notices_per_author_and_day=0))
    await post.cases.hold(office("report@party.example"), Payload(build()))
    await post.handle_all()
    post.clock.at += 86_400
    assert await post.notices.send_summaries() == 1
    assert "A person answers by" in post.pool.texts[0]
    assert "not yet sent" not in post.pool.texts[0]
