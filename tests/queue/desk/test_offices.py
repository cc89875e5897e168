"""Mail to the organisation's own addresses: answered, marked as done, never released or rejected."""

from types import SimpleNamespace
from typing import Any

import pytest
from desk_world import World, browser, form_token, log_in
from memory_cases import draft

from listward.queue.cases.case import Case, CaseState, Reason, StoredEnvelope
from listward.queue.cases.commands import Verb
from listward.queue.desk.access.person import Person
from listward.queue.desk.rulings import NotYours, Rulings
from listward.wire.payload import Payload

MOD = Person("mod@party.example", queues=frozenset({"moderators"}))
OWN = (Reason("own-address", "own", "", "This message was written to the organisation's own address."),)


async def report(world: World, **changes: object) -> Case:
    """A member's report."""
    envelope = StoredEnvelope("ana@party.example", ("report@party.example",))
    facts: dict[str, Any] = {"list": "report@party.example", "next_hop": "", "origin": "known", "role": ""}
    return await world.cases.hold(draft(**{**facts, "envelope": envelope, "reasons": OWN, **changes}), Payload(b"x"))


@pytest.mark.parametrize("verb", [Verb.RELEASE, Verb.REJECT])
async def test_there_is_no_list_to_release_to_and_nothing_to_send_back(verb: Verb) -> None:
    """One plain sentence says what to do instead."""
    world = World()
    case = await report(world)
    rulings = Rulings(world.cases, world.site, world.policy, world.clock)
    with pytest.raises(NotYours, match="mail to an office"):
        await rulings.rule(MOD, case.number, verb, case.version, "A 7.3", "No.")


async def test_done_needs_no_words_and_keeps_none() -> None:
    """A sentence would be sent to the author as if the message had been turned down."""
    world = World()
    case = await report(world)
    rulings = Rulings(world.cases, world.site, world.policy, world.clock)
    passed = await rulings.rule(MOD, case.number, Verb.CLAIM, case.version)
    done = await rulings.rule(MOD, case.number, Verb.DISCARD, passed.version, "A 7.3", "No.")
    assert done.state is CaseState.DISCARDED
    assert done.ruling is not None
    assert (done.ruling.clause, done.ruling.sentence) == ("", "")


async def test_the_page_offers_done_and_no_release() -> None:
    """And names a member as one, by any list's roster."""
    world = World()
    await world.people()
    case = await report(world)
    rosters = SimpleNamespace(
        find=lambda on, _: SimpleNamespace(language="") if on == "inner@party.example" else None,
        names=lambda _: frozenset(),
    )
    client = browser(world.app(rosters))
    log_in(client, MOD.address)
    page = client.get(f"/cases/{case.number}").text
    assert "Release to the list" not in page
    assert "Reject" not in page
    assert ">Done</button>" in page
    assert '<span class="badge known">Member</span>' in page
    data = {"csrf": form_token(page), "version": "1"}
    assert client.post(f"/cases/{case.number}/discard", data=data).status_code == 303
    assert "marked it as done" in client.get(f"/cases/{case.number}").text
