"""Frozen and stolen accounts, through a whole gateway with a real store: what waits, what flows, what is learnt."""

from collections.abc import AsyncIterator
from pathlib import Path as File

import pytest_asyncio
from vouching_world import ANA, SITE, STRANGER, World, vouching_world

from listward.filters.identity.freezing import FROZEN
from listward.filters.identity.habits import HIJACK, LANGUAGE, PAYEE, path_key
from listward.filters.identity.standing import Method, Path, Post, Sighting
from listward.queue.courier.teaching import Teaching
from listward.queue.store.accounts import Freeze
from listward.queue.store.ports import Event

BEN, HOME = "ben@other-host.test", "ben@elsewhere.example"
SENT = {"author": BEN, "host": "other-host.test", "sender": BEN}
PEOPLE = f"""address,name,role,other_addresses
{ANA},Ana Ruiz,member,
{BEN},Ben Okoro,member,{HOME}
"""
OWNER = "members-owner@lists.party.example"
USUAL = Path(Method.DKIM, "other-host.test", "s0")
DAY_S = 86_400
GERMAN = (
    "Liebe alle, ich bin auf der Reise und brauche das Geld von euch, weil mir nicht nur die Tasche fehlt. "
    "Bitte zahlt es auf das Konto DE89 3704 0044 0532 0130 00, und wir sehen uns nach der Reise wieder.\r\n"
)


@pytest_asyncio.fixture
async def world(tmp_path: File) -> AsyncIterator[World]:
    """A gateway, its store and its next hop; Ben's mail proves his address."""
    async with vouching_world(tmp_path, roster=PEOPLE) as running:
        yield running


def relayed(reply: tuple[int, str]) -> bool:
    """Whether the reply says that the list server has it."""
    return reply[0] == 250 and "Case" not in reply[1]


def held(reply: tuple[int, str]) -> bool:
    """Whether the reply says that people look first."""
    return reply[0] == 250 and "Case" in reply[1]


async def freeze(world: World, *addresses: str) -> None:
    """Turn the switch."""
    await world.store.accounts.freeze(addresses, "mod@party.example", "His mailbox was broken into.", world.now())


async def teach(world: World, posts: int = 6) -> None:
    """What Ben did in the last days: he wrote in English, by his own provider."""
    usual = Post((path_key(BEN, USUAL),), (), "en")
    days = (world.now() - DAY_S * (1 + number % 5) for number in range(posts))
    await world.store.accounts.note([Sighting(BEN, at, post=usual) for at in days])


# --- Frozen -----------------------------------------------------------------------------------------------------------


async def test_a_frozen_members_mail_waits_until_it_is_thawed(world: World) -> None:
    """Although his mail proves who he is; and the reply is that of any hold."""
    assert relayed(await world.send(**SENT))
    await freeze(world, BEN)
    reply = await world.send(**SENT)
    assert held(reply)
    assert "frozen" not in reply[1]
    (case,) = await world.cases()
    assert (case.draft.origin, case.draft.reasons[0].rule) == ("member", FROZEN)
    assert await world.store.accounts.thaw((BEN,)) == (BEN,)
    assert relayed(await world.send(**SENT))


async def test_owners_and_commands_stay_open(world: World) -> None:
    """He may complain, and he may leave."""
    await freeze(world, BEN)
    assert relayed(await world.send(**SENT, to=OWNER))
    assert relayed(await world.send(**SENT, to="members-leave@lists.party.example"))


async def test_nobody_learns_of_a_freeze_by_writing_in_his_name(world: World) -> None:
    """Unproven mail gets the same reply whether the account is frozen or not, and the case says nothing of it."""
    words = []
    for frozen in (False, True):
        if frozen:
            await freeze(world, ANA, STRANGER)
        for author in (ANA, STRANGER):
            code, text = await world.send(author, host="")
            words.append((code, " ".join(word for word in text.split() if not word.strip(".-").isdigit())))
    assert len(set(words)) == 1
    assert not any(reason.rule == FROZEN for case in await world.cases() for reason in case.draft.reasons)


async def test_a_frozen_account_is_listed_with_who_and_why(world: World) -> None:
    """In the store it lies sealed."""
    await freeze(world, BEN, HOME)
    found = await world.store.accounts.frozen()
    assert {one.address for one in found} == {BEN, HOME}
    assert isinstance(found[0], Freeze)
    assert found[0].reason == "His mailbox was broken into."


# --- Signs of a stolen account ----------------------------------------------------------------------------------------


async def test_a_stolen_account_is_held_and_its_mail_teaches_nothing(world: World) -> None:
    """Another language and a new account to pay to: held, however often it comes, with its reasons."""
    await teach(world)
    assert held(await world.send(**SENT, text=GERMAN))
    assert held(await world.send(**SENT, text=GERMAN + "Danke.\r\n"))
    assert relayed(await world.send(**SENT))
    case = (await world.cases())[0]
    rules = {reason.rule for reason in case.draft.reasons}
    assert {HIJACK, PAYEE, LANGUAGE} <= rules
    assert case.draft.post is not None
    assert case.draft.post.language == "de"
    assert "DE8937" not in repr(case.draft.post)


async def test_what_a_person_releases_is_usual_from_then_on(world: World) -> None:
    """The same again is no sign: a move, a collection, another tongue are held once."""
    await teach(world)
    assert held(await world.send(**SENT, text=GERMAN))
    case = (await world.cases())[0]
    assert case.draft.reasons[0].rule == "hijack-signs"
    event = Event("e1", case.draft.list, case.number, "delivered", 4, world.now(), "courier")
    await Teaching(world.store.accounts.note).on_event(event, case)
    await world.send(**SENT, text=GERMAN + "Danke.\r\n")  # held as a plea for money, and for nothing else
    assert not {reason.rule for reason in (await world.cases())[1].draft.reasons} & {HIJACK, PAYEE, LANGUAGE}


async def test_somebody_without_history_is_never_conspicuous(world: World) -> None:
    """A new member's first mails are compared with nothing."""
    await teach(world, posts=3)
    judged = await world.send(**SENT, text=GERMAN.replace("brauche das Geld von euch", "komme zu euch"))
    assert all(reason.rule != HIJACK for case in await world.cases() for reason in case.draft.reasons)
    assert judged[0] == 250


async def test_each_post_counts_once_and_what_is_held_does_not(world: World) -> None:
    """Only what went to the list is a habit."""
    await world.send(**SENT)
    await freeze(world, BEN)
    await world.send(**SENT)
    habits = (await world.store.accounts.of(BEN, ())).habits
    assert (habits.posts, habits.posts_today, habits.days) == (1, 1, 1)
    assert habits.paths == {path_key(BEN, USUAL)}


async def test_a_retry_is_no_second_post(world: World) -> None:
    """A server that lost our answer sends the same message again: the list gets it once, and it counts once."""
    assert relayed(await world.send(**SENT))
    world._sent = 0
    assert (await world.send(**SENT))[0] == 250
    assert len(world.hop.messages) == 1
    assert (await world.store.accounts.of(BEN, ())).habits.posts == 1


async def test_remembering_can_be_switched_off(tmp_path: File) -> None:
    """With habit_days = 0 nothing is kept and nothing is found; the switch that freezes still works."""
    async with vouching_world(tmp_path, PEOPLE, f"{SITE}\n[accounts]\nhabit_days = 0\n") as world:
        await teach(world)
        assert relayed(await world.send(**SENT))
        assert (await world.store.accounts.of(BEN, ())).habits.posts == 0
        await freeze(world, BEN)
        assert held(await world.send(**SENT))
