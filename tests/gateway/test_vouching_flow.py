"""From an unproven member's first post to the one that goes straight through, and every way that must not work."""

from collections.abc import AsyncIterator
from pathlib import Path as File

import pytest
import pytest_asyncio
from vouching_world import ANA, INNER, MEMBERS, OLA, PATH, SOL, STRANGER, World, vouching_world

from listward.filters.identity.standing import How, Method, Path
from listward.queue.store.accounts import CannotVouch


@pytest_asyncio.fixture
async def world(tmp_path: File) -> AsyncIterator[World]:
    """A gateway, its store and its next hop."""
    async with vouching_world(tmp_path) as running:
        yield running


def relayed(reply: tuple[int, str]) -> bool:
    """Whether the reply says that the list server has it."""
    return reply[0] == 250 and "Case" not in reply[1]


def held(reply: tuple[int, str]) -> bool:
    """Whether the reply says that people look first."""
    return reply[0] == 250 and "Case" in reply[1]


async def test_one_look_and_her_mail_goes_straight_through(world: World) -> None:
    """Held while nobody has looked, however often she writes; then by the same way at once, and only so."""
    assert held(await world.send())
    assert held(await world.send())
    case = (await world.cases())[0]
    assert (case.draft.origin, case.draft.paths[0]) == ("unproven", PATH)
    path = case.draft.paths[0]
    await world.store.accounts.vouch(case.draft.list, ANA, path, "mod@party.example", How.RELEASE, world.now())
    assert relayed(await world.send())
    assert len(world.hop.messages) == 1
    assert world.value("vouched_messages_total") == 1
    assert '"basis":"vouched"' in world.log.getvalue().replace(" ", "")


async def test_by_another_way_she_is_a_stranger_still(world: World) -> None:
    """Another host, no signature, a signature broken on the way, another selector's name: each is held."""
    await world.vouch()
    assert held(await world.send(host="other-host.test"))
    assert held(await world.send(host=""))
    assert held(await world.send(host="", sender="x@small-host.test"))
    assert world.hop.messages == []
    assert relayed(await world.send())


async def test_a_way_stands_for_one_author(world: World) -> None:
    """Another member by the same host is held, and from then on the way is nobody's alone: visible, and for good."""
    identity = await world.vouch()
    assert relayed(await world.send())
    assert held(await world.send(SOL))
    assert held(await world.send())
    (shown,) = await world.store.accounts.vouches()
    assert (shown.id, shown.lapsed) == (identity, "shared")
    with pytest.raises(CannotVouch):
        await world.vouch()
    assert len(world.hop.messages) == 1


async def test_mail_that_is_refused_shows_who_shares_a_way(world: World) -> None:
    """A forger who sends by the same service ends the vouch, though nobody took the mail."""
    await world.vouch()
    assert (await world.send("chair@party.example"))[0] == 550
    assert held(await world.send())


async def test_a_revoked_vouch_counts_no_more(world: World) -> None:
    """From the next message on."""
    identity = await world.vouch()
    assert relayed(await world.send())
    await world.store.accounts.revoke(identity, "mod@party.example", world.now())
    assert held(await world.send())


async def test_the_envelope_can_be_the_way(world: World) -> None:
    """Where the host signs nothing: the domain that SPF passes, never its null sender."""
    path = Path(Method.SPF, "small-host.test")
    assert held(await world.send(host="", sender="x@small-host.test"))
    assert (await world.cases())[0].draft.paths == (path,)
    await world.vouch(path=path)
    assert relayed(await world.send(host="", sender="x@small-host.test"))
    assert held(await world.send(host="", sender=""))
    assert held(await world.send(host="", sender="x@other-host.test"))


async def test_no_vouch_for_an_officer_or_a_stranger(world: World) -> None:
    """Not though somebody wrote one into the store."""
    await world.vouch(OLA)
    assert held(await world.send(OLA))
    stranger = Path(Method.DKIM, "other-host.test", "s1")
    await world.vouch(STRANGER, path=stranger)
    assert held(await world.send(STRANGER, host="other-host.test"))
    assert world.hop.messages == []


async def test_no_vouch_for_an_internal_list(world: World) -> None:
    """Its mail is proven, or it does not go in."""
    await world.vouch(on=INNER)
    await world.vouch()
    assert (await world.send(to=INNER))[0] == 550
    assert world.hop.messages == []
    assert relayed(await world.send())


async def test_a_signed_message_sent_on_is_one_post(world: World) -> None:
    """Whoever got her signed post can send it in again by any server: it is known, under any envelope."""
    await world.vouch()
    for sender in ("x@small-host.test", "y@other-host.test", "z@none.test"):
        assert (await world.send(number=1, sender=sender))[0] == 250
    assert len(world.hop.messages) == 1


async def test_a_post_of_hers_that_comes_back_gains_nothing(world: World) -> None:
    """Our list server has signed it, as it signs everybody's: that is no way of hers, whoever vouched."""
    await world.vouch(path=Path(Method.DKIM, "lists.party.example", "s1"))
    assert held(await world.send(host="lists.party.example", sender="members-bounces@lists.party.example"))
    assert (await world.cases())[0].draft.paths == ()


async def test_a_frozen_account_gains_nothing(world: World) -> None:
    """Whoever froze it meant every way."""
    await world.vouch()
    await world.store.accounts.freeze((ANA,), "mod@party.example", "Her account sends bills.", world.now())
    assert held(await world.send())
    await world.store.accounts.thaw((ANA,))
    assert relayed(await world.send())


@pytest.mark.parametrize("to", [MEMBERS, INNER])
@pytest.mark.parametrize("host", ["small-host.test", "other-host.test", ""])
async def test_nothing_tells_who_is_in_the_roster(world: World, to: str, host: str) -> None:
    """Member, officer and stranger, none of them proven, hear the same; a vouch for one changes nothing for others."""
    await world.vouch(path=Path(Method.DKIM, "third.test", "s1"))
    replies = [await world.send(author, host=host, to=to) for author in (ANA, SOL, OLA, STRANGER)]
    words = {
        (code, " ".join(word for word in text.split() if not word.strip(".-").isdigit())) for code, text in replies
    }
    assert len(words) == 1


async def test_without_the_store_all_wait_alike(world: World) -> None:
    """Nobody hears another answer for being vouched for, a member or a stranger."""
    await world.vouch()
    assert relayed(await world.send())
    world.server.stop()
    replies = {
        (await world.send(author, host=host))[0] for author in (ANA, SOL, STRANGER) for host in ("small-host.test", "")
    }
    assert replies == {451}
    assert world.metrics.registry.get_sample_value("listward_standings_errors_total", {"kind": "write"})
