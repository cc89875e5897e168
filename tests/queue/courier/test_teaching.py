"""What a released message teaches."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from memory_cases import START, MemoryCases, draft
from policy_bench import FakeRosters

from listward.filters.identity.origin import Role
from listward.filters.identity.standing import Post, Sighting
from listward.filters.probes import RosterEntry
from listward.queue.cases.case import Case
from listward.queue.courier.teaching import Teaching, followed
from listward.queue.store.ports import Event, StoreUnavailable
from listward.wire.payload import Payload

SHOWN = Post(("p1",), ("h1",), "en")
NEW = RosterEntry("ana@party.example", "Ana Ruiz", Role.MEMBER, first_posts_moderated=True)


@dataclass
class Notes:
    """Remembers sightings, or is away."""

    away: bool = False
    kept: list[Sighting] = field(default_factory=list)

    async def note(self, sightings: Iterable[Sighting]) -> None:
        """Keep them."""
        if self.away:
            raise StoreUnavailable("away")
        self.kept += sightings


async def handled(verb: str, notes: Notes, *roster: RosterEntry, **changes: Any) -> None:
    """Hand over one event of one case."""
    cases = MemoryCases()
    case = await cases.hold(draft(**{"post": SHOWN, **changes}), Payload(b"x"))
    event = Event("e1", case.draft.list, case.number, verb, 2, START, "courier")
    await Teaching(notes.note, FakeRosters(*roster)).on_event(event, case)


async def test_a_copy_teaches_nothing() -> None:
    """The message itself went to the list and has been counted."""
    notes = Notes()
    await handled("delivered", notes, NEW, is_copy=True, post=None)
    assert notes.kept == []


async def test_what_people_released_is_usual_from_then_on() -> None:
    """Path, payees and language of a member's message that went to its list."""
    notes = Notes()
    await handled("delivered", notes)
    assert notes.kept == [Sighting("ana@party.example", START, post=SHOWN)]


@pytest.mark.parametrize("verb", ["hold", "release", "reject", "discard", "undo"])
async def test_nothing_else_teaches(verb: str) -> None:
    """Not the hold, not a release that may be undone, and no refusal: a thief's mail never becomes usual."""
    notes = Notes()
    await handled(verb, notes)
    assert notes.kept == []


@pytest.mark.parametrize(
    "changes", [{"post": None}, {"origin": "unproven", "authenticated": False}, {"origin": "known"}]
)
async def test_who_is_not_proven_to_be_of_the_roster_teaches_nothing(changes: dict[str, Any]) -> None:
    """Habits are kept of the organisation's people alone."""
    notes = Notes()
    await handled("delivered", notes, **changes)
    assert notes.kept == []


async def test_first_posts_count_when_they_go_out() -> None:
    """They are all held first, so that their release is what counts."""
    notes = Notes()
    await handled("delivered", notes, NEW)
    assert [sighting.delivered for sighting in notes.kept] == [("board@party.example",)]


async def test_a_delivery_that_is_handed_on_again_counts_once() -> None:
    """A courier that ended between handling and acknowledging leaves the event for the next one."""
    notes, said, cases = Notes(), set[str](), MemoryCases()
    case = await cases.hold(draft(post=SHOWN), Payload(b"x"))
    event = Event("e1", case.draft.list, case.number, "delivered", 2, START, "courier")

    async def first(name: str, seconds: int) -> bool:
        new = name not in said
        said.add(name)
        return new

    for _ in range(2):
        await Teaching(notes.note, FakeRosters(), first).on_event(event, case)
    assert len(notes.kept) == 1


async def test_trouble_with_the_store_stops_nothing() -> None:
    """The delivery stands; only the memory is lost."""
    await handled("delivered", Notes(away=True))


async def test_two_handlers_of_one_event() -> None:
    """The second is tried only once the first has succeeded, since an event that fails comes again."""
    done: list[str] = []

    async def first(event: Event, case: Case) -> None:
        done.append("first")
        if len(done) == 1:
            raise StoreUnavailable("away")

    async def then(event: Event, case: Case) -> None:
        done.append("then")

    case = await MemoryCases().hold(draft(), Payload(b"x"))
    event = Event("e1", case.draft.list, case.number, "delivered", 2, START, "courier")
    with pytest.raises(StoreUnavailable):
        await followed(first, then)(event, case)
    await followed(first, then)(event, case)
    await followed(None, then)(event, case)
    assert done == ["first", "first", "then", "then"]
