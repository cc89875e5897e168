"""What is noted of a message once it is answered, and how it reaches the store."""

import asyncio
from dataclasses import replace

import pytest
from memory_accounts import MemoryAccounts

from listward.filters.findings import Scores
from listward.filters.identity.habits import post_of
from listward.filters.identity.origin import Authentication, AuthResult, Origin, OriginKind, Role
from listward.filters.identity.standing import Method, Path, Sighting
from listward.filters.judgement import Action, Judgement, MessageFacts, RecipientVerdict, ReplyWords
from listward.filters.routing.kinds import Kind, Target, Zone
from listward.gateway import soon
from listward.gateway.course import Fate
from listward.gateway.noting import Noting, sighting_of
from listward.runtime.metrics import Metrics

ANA, LIST, NEWS = "ana@isp.example", "members@lists.party.example", "news@lists.party.example"
SENDER = "x@small-host.test"
PATH = Path(Method.DKIM, "small-host.test", "s1")
SIGNED = AuthResult("dkim", "pass", "small-host.test", property="header.d", selector="s1")
FACTS = MessageFacts("s", "<1@x>", "d", "", 1, has_message_id=True, has_date=True)
MEMBER = Origin(OriginKind.MEMBER, ANA, Role.MEMBER)


def judgement(*origins: Origin, kind: Kind = Kind.POST, results: tuple[AuthResult, ...] = (SIGNED,)) -> Judgement:
    """A judgement with one recipient for each origin: the members' list, then the news."""
    targets = [Target(address, kind, Zone.MEMBERS, address, "smtp://127.0.0.1:1") for address in (LIST, NEWS)]
    verdicts = tuple(
        RecipientVerdict(target, origin, Action.ACCEPT) for target, origin in zip(targets, origins, strict=False)
    )
    author = origins[0].address
    proof = Authentication(author, results, aligned=False)
    words = ReplyWords(250, "2.0.0", "")
    return Judgement(Action.ACCEPT, words, origins[0], proof, Scores(), (), verdicts, FACTS, "hash")


def noted(found: Judgement, *fates: Fate) -> Sighting | None:
    """What is noted when the recipients fared so."""
    return sighting_of(found, SENDER, 5.0, dict(zip((LIST, NEWS), fates, strict=False)))


def test_a_post_that_went_out_makes_its_ways_usual() -> None:
    """Of somebody in the roster; by all paths that passed, whosever they are."""
    found = judgement(MEMBER)
    assert noted(found, Fate.RELAYED) == Sighting(ANA, 5.0, (PATH,), post=post_of(ANA, (PATH,), FACTS))
    assert noted(judgement(replace(MEMBER, kind=OriginKind.INTERNAL)), Fate.RELAYED) is not None


def test_a_held_post_is_usual_once_a_person_has_released_it() -> None:
    """Not before; so of a post that is held for one list of two."""
    assert noted(judgement(MEMBER), Fate.HELD) == Sighting(ANA, 5.0, (PATH,))
    assert noted(judgement(MEMBER, MEMBER), Fate.RELAYED, Fate.HELD) == Sighting(ANA, 5.0, (PATH,))


@pytest.mark.parametrize("kind", [OriginKind.UNPROVEN, OriginKind.FORGED, OriginKind.KNOWN])
def test_nobody_else_posts_by_an_account(kind: OriginKind) -> None:
    """A stranger who writes an address of ours into From changes nothing of what is usual for it."""
    assert noted(judgement(Origin(kind, ANA)), Fate.RELAYED) == Sighting(ANA, 5.0, (PATH,))
    role = replace(MEMBER, role=None)
    assert noted(judgement(role), Fate.RELAYED) == Sighting(ANA, 5.0, (PATH,))


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.DEFERRED, Fate.UNKNOWN, Fate.DISCARDED, Fate.REPEATED, None])
def test_what_was_not_taken_only_tells_who_shares_a_path(fate: Fate | None) -> None:
    """It counts where the path is known, and makes no new memory, no post and no use."""
    vouched = replace(MEMBER, vouched=True)
    found = noted(judgement(vouched), *((fate,) if fate is not None else ()))
    assert found == Sighting(ANA, 5.0, (PATH,), accepted=False)


def test_a_vouch_that_was_relied_on_is_used_for_its_list() -> None:
    """And not for another list of the same message."""
    found = noted(judgement(replace(MEMBER, vouched=True), Origin(OriginKind.UNPROVEN, ANA)), Fate.RELAYED, Fate.HELD)
    assert found is not None
    assert found.used == (LIST,)


def test_first_posts_that_went_out_are_counted() -> None:
    """Only where somebody asked for it, and only what the list server has."""
    first = replace(MEMBER, first_posts_moderated=True)
    found = noted(judgement(first, MEMBER), Fate.RELAYED, Fate.RELAYED)
    assert found is not None
    assert found.delivered == (LIST,)
    waits = noted(judgement(first), Fate.HELD)
    assert waits is not None
    assert waits.delivered == ()


def test_nothing_is_noted_where_there_is_nothing_to_tell() -> None:
    """No author, or neither path nor post; a command or a bounce is no post."""
    assert noted(judgement(Origin(OriginKind.UNPROVEN, "")), Fate.RELAYED) is None
    assert noted(judgement(Origin(OriginKind.UNPROVEN, ANA), results=()), Fate.HELD) is None
    assert noted(judgement(MEMBER, kind=Kind.COMMAND, results=()), Fate.RELAYED) is None


async def test_sightings_are_written_together_soon_after() -> None:
    """In one call for all of a moment; nothing waits for it."""
    accounts, calls = MemoryAccounts(), []

    async def note(sightings: object) -> None:
        calls.append(sightings)
        await accounts.note(sightings)  # type: ignore[arg-type]

    notes = Noting(note, Metrics(), every_s=0.01)
    sightings = [Sighting(f"n{n}@x.example", 1.0) for n in range(5)]
    for sighting in sightings:
        notes.add(sighting)
    async with asyncio.timeout(5):
        while len(accounts.noted) < 5:  # noqa: ASYNC110 - the writer tells nobody
            await asyncio.sleep(0.001)
    assert (accounts.noted, len(calls)) == (sightings, 1)
    notes.add(sightings[0])
    await notes.end()
    assert len(accounts.noted) == 6


async def test_a_store_that_is_away_loses_notes_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted, memory stays bounded, and the writer goes on with the next."""
    monkeypatch.setattr(soon, "MOST_WAITING", 3)
    accounts, metrics = MemoryAccounts(), Metrics()
    accounts.away = True
    notes = Noting(accounts.note, metrics, every_s=60)
    for n in range(5):
        notes.add(Sighting(f"n{n}@x.example", 1.0, used=(LIST,)))
    await notes.write()
    value = metrics.registry.get_sample_value
    assert value("listward_standings_errors_total", {"kind": "write"}) == 5
    assert value("listward_vouched_messages_total") == 5
    accounts.away = False
    notes.add(Sighting(ANA, 1.0))
    await notes.end()
    assert [sighting.author for sighting in accounts.noted] == [ANA]
