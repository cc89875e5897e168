"""Freezing an account: who may, what it does, what is written down; by API and by console."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_world import PEOPLE, World, browser, form_token
from memory_cases import draft, stranger
from starlette.testclient import TestClient

from listward.filters.identity.origin import Role
from listward.filters.probes import ProbeUnavailable, RosterEntry
from listward.queue.cases.commands import Command, Verb
from listward.queue.desk.access.person import AccessRole, Person, operator, person_for
from listward.queue.desk.rulings import NeedsWords, NotYours
from listward.queue.store.accounts import Freeze
from listward.queue.store.switches import Turned
from listward.wire.payload import Payload

ANA, HOME = "ana@party.example", "ana@home.example"
WHY = "She telephoned: the mailbox was broken into."
MAY = {"mod@party.example", "mod2@party.example", "admin@party.example", "sec@party.example"}
LOOKS = {*MAY, "auditor@party.example"}
EVERYBODY = (*PEOPLE, "sec@party.example")


class OnePerson:
    """Rosters in which Ana has two addresses on the board's list; `away` stands for one never read."""

    def __init__(self, *, away: bool = False) -> None:
        self.away = away

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """Ana by either address."""
        if self.away and list_address.startswith("inner"):
            raise ProbeUnavailable("never read")
        if list_address != "board@party.example" or address not in {ANA, HOME}:
            return None
        return RosterEntry(address, "Ana Ruiz", Role.MEMBER, others=(HOME if address == ANA else ANA,))

    def names(self, list_address: str) -> frozenset[Any]:
        """Nobody's."""
        return frozenset()

    def officers(self) -> frozenset[Any]:
        """Nobody's."""
        return frozenset()


def person(world: World, address: str) -> Person:
    """A person with the roles of these tests."""
    return person_for(world.site, address, frozenset(PEOPLE.get(address, set())))


# --- The act itself ---------------------------------------------------------------------------------------------------


async def test_a_freeze_covers_all_addresses_of_a_person(world: World) -> None:
    """One switch: every address that a roster knows; and it is written down before it is done."""
    freezing = world.freezing(OnePerson())
    turning = await freezing.freeze(person(world, "mod@party.example"), " ANA@party.example ", WHY)
    assert (turning.addresses, turning.reachable, turning.whole) == ((ANA, HOME), True, True)
    assert set(world.freezes.kept) == {ANA, HOME}
    personal = {"by": "mod@party.example", "author": ANA, "sentence": WHY}
    assert world.trail.entries == [("board@party.example", "freeze", {"addresses": 2}, personal)]


async def test_what_cannot_be_written_down_is_not_done(world: World) -> None:
    """The audit entry comes first."""

    async def fails(*_: Any) -> int:
        raise ConnectionError

    world.trail.append = fails  # type: ignore[method-assign,assignment]  # the log is away
    with pytest.raises(ConnectionError):
        await world.freezing().freeze(person(world, "mod@party.example"), ANA, WHY)
    assert world.freezes.kept == {}


async def test_thawing_is_as_easy_and_ends_all_of_it(world: World) -> None:
    """By any address of the person, also where the roster has forgotten one since."""
    mod = person(world, "mod@party.example")
    await world.freezing(OnePerson()).freeze(mod, ANA, WHY)
    turning = await world.freezing().thaw(mod, HOME, "She has a new password.")
    assert sorted(turning.addresses) == [HOME, ANA]
    assert world.freezes.kept == {}
    assert [entry[1] for entry in world.trail.entries] == ["freeze", "thaw"]


async def test_the_person_is_told_by_another_address(world: World) -> None:
    """The courier gets what to tell; it never goes to the address in doubt."""
    mod = person(world, "mod@party.example")
    await world.freezing(OnePerson()).freeze(mod, HOME, WHY)
    await world.freezing(OnePerson()).thaw(mod, HOME, "All is well.")
    told = [(one.turned, one.address, one.others) for one in world.to_tell.kept]
    assert told == [(Turned.FROZEN, HOME, (ANA,)), (Turned.THAWED, HOME, (ANA,))]
    assert not any(WHY in repr(one) or "mod@" in repr(one) for one in world.to_tell.kept)


async def test_whoever_ends_it_by_which_address_the_one_in_doubt_hears_nothing(world: World) -> None:
    """The one that was frozen first is in doubt, also where the end names another one of hers, as the page may."""
    mod = person(world, "mod@party.example")
    await world.freezing(OnePerson()).freeze(mod, ANA, WHY)
    (account,) = await world.freezing(OnePerson()).frozen(mod)
    assert account.addresses == (ANA, HOME)
    await world.freezing(OnePerson()).thaw(mod, HOME, "All is well.")
    told = [(one.turned, one.address, one.others) for one in world.to_tell.kept]
    assert told == [(Turned.FROZEN, ANA, (HOME,)), (Turned.THAWED, ANA, (HOME,))]


async def test_a_slip_in_the_address_is_said(world: World, enter: Callable[..., TestClient]) -> None:
    """Else the thief would write on while the moderator thinks that all is done. A roster that is away is no proof."""
    mod = person(world, "mod@party.example")
    assert not (await world.freezing(OnePerson()).freeze(mod, "anna@party.example", WHY)).on_roster
    assert (await world.freezing(OnePerson()).freeze(mod, ANA, WHY)).on_roster
    assert (await world.freezing(OnePerson(away=True)).freeze(mod, "ane@party.example", WHY)).on_roster
    client = enter(app=world.app(OnePerson()))
    page = send(client, "/accounts/freeze", address="anya@party.example", reason=WHY).text
    assert "This address is on no roster of ours." in page


async def test_where_no_other_address_is_known_the_moderator_is_asked_to_telephone(world: World) -> None:
    """Nobody is written to at the address that may be stolen."""
    turning = await world.freezing().freeze(person(world, "mod@party.example"), ANA, WHY)
    assert not turning.reachable
    assert world.to_tell.kept == []


async def test_a_roster_that_is_away_stops_no_freeze(world: World) -> None:
    """What is known is frozen at once, and the answer says that there may be more."""
    turning = await world.freezing(OnePerson(away=True)).freeze(person(world, "mod@party.example"), ANA, WHY)
    assert (turning.addresses, turning.whole) == ((ANA, HOME), False)


async def test_released_mail_on_its_way_is_named(world: World) -> None:
    """It may still be undone, by those whose case it is."""
    case = await world.cases.hold(draft(author="Ana@party.example"), Payload(b"x"))
    await world.cases.hold(draft(author="ben@party.example", ledger_key="k2"), Payload(b"x"))
    release = Command(Verb.RELEASE, "mod@party.example", world.clock.now(), "moderators", deliver_after=2e9)
    await world.cases.apply(case.number, 1, release)
    turning = await world.freezing().freeze(person(world, "mod@party.example"), ANA, WHY)
    assert turning.leaving == (case.number,)


@pytest.mark.parametrize(
    ("address", "reason", "says"),
    [
        (ANA, " ", "Write one sentence"),
        ("no address", WHY, "not a mail address"),
        ("a@b\r\nX: y", WHY, "not a mail address"),
        ("board@party.example", WHY, "This is a list"),
    ],
)
async def test_words_and_address_are_needed(world: World, address: str, reason: str, says: str) -> None:
    """No freeze without a reason, and none of a list."""
    with pytest.raises(NeedsWords, match=says):
        await world.freezing().freeze(person(world, "mod@party.example"), address, reason)


async def test_nobody_thaws_their_own_account(world: World) -> None:
    """Who has the mailbox may have the password of the console too."""
    mod = person(world, "mod@party.example")
    await world.freezing().freeze(mod, "mod@party.example", "I have lost my telephone.")
    with pytest.raises(NotYours, match="A colleague does"):
        await world.freezing().thaw(mod, "mod@party.example", "Found it.")
    turning = await world.freezing().thaw(person(world, "mod2@party.example"), "mod@party.example", "She has it back.")
    assert turning.addresses == ("mod@party.example",)


async def test_what_is_not_frozen_is_not_thawed(world: World) -> None:
    """And nothing is written down of it."""
    with pytest.raises(NeedsWords, match="not frozen"):
        await world.freezing().thaw(person(world, "mod@party.example"), ANA, WHY)
    assert world.trail.entries == []


async def test_a_freeze_whose_record_is_damaged_can_be_ended(world: World) -> None:
    """Its address cannot be read; who knows it can end it all the same."""
    world.freezes.kept[ANA] = Freeze("", "", "The record cannot be read.", 0.0)
    turning = await world.freezing().thaw(person(world, "mod@party.example"), ANA, WHY)
    assert turning.addresses == (ANA,)
    assert world.freezes.kept == {}


@pytest.mark.parametrize("address", EVERYBODY)
async def test_who_may_turn_the_switch_and_who_may_look(world: World, address: str) -> None:
    """Moderators, the secretary and administrators turn it; auditors look; offices and others do neither."""
    who = person(world, address)
    freezing = world.freezing()
    assert (freezing.may_turn(who), freezing.may_look(who)) == (address in MAY, address in LOOKS)
    for act in (freezing.freeze, freezing.thaw):
        if address not in MAY:
            with pytest.raises(NotYours):
                await act(who, ANA, WHY)
    assert world.freezes.kept == {}


async def test_the_operator_at_the_terminal_may(world: World) -> None:
    """In the night the administrator of the machine is there first."""
    assert (await world.freezing().freeze(operator("root"), ANA, WHY)).addresses == (ANA,)
    assert Person("x@party.example", frozenset({AccessRole.AUDITOR})) is not None


# --- API --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", tuple(PEOPLE))
async def test_the_api_lets_the_same_people(world: World, address: str) -> None:
    """The matrix of people and verbs."""
    api, fields = browser(world.app()), await world.token(address)
    body = {"address": ANA, "reason": WHY}
    expected = 200 if address in MAY else 403
    assert api.post("/api/v1/accounts/freeze", headers=fields, json=body).status_code == expected
    assert api.get("/api/v1/accounts/frozen", headers=fields).status_code == (200 if address in LOOKS else 403)
    assert api.post("/api/v1/accounts/thaw", headers=fields, json=body).status_code == expected


async def test_the_api_says_what_came_of_it(world: World) -> None:
    """Addresses, and whether the person can be told; the list names who, why and when."""
    api, fields = browser(world.app(OnePerson())), await world.token("mod@party.example")
    answer = api.post("/api/v1/accounts/freeze", headers=fields, json={"address": ANA, "reason": WHY})
    assert answer.json() == {
        "addresses": [ANA, HOME],
        "on_the_way": [],
        "told_elsewhere": True,
        "all_rosters_read": True,
        "on_roster": True,
    }
    (account,) = api.get("/api/v1/accounts/frozen", headers=fields).json()["accounts"]
    assert (account["addresses"], account["by"], account["reason"]) == ([ANA, HOME], "mod@party.example", WHY)
    assert account["at"].startswith("2026-11-1")


async def test_the_api_refuses_what_is_incomplete(world: World) -> None:
    """422 without a reason, 401 without a token, 403 for a token that only checks, 503 where the store is away."""
    api, fields = browser(world.app()), await world.token("mod@party.example")
    path = "/api/v1/accounts/freeze"
    assert api.post(path, headers=fields, json={"address": ANA}).status_code == 422
    assert api.post(path, json={"address": ANA, "reason": WHY}).status_code == 401
    checking = await world.token("mod@party.example", "check")
    assert api.post(path, headers=checking, json={"address": ANA, "reason": WHY}).status_code == 403
    world.freezes.away = True
    assert api.post(path, headers=fields, json={"address": ANA, "reason": WHY}).status_code == 503


# --- Console ----------------------------------------------------------------------------------------------------------


def send(client: TestClient, path: str, **fields: str) -> Any:
    """Send a form with the page's own token."""
    return client.post(path, data={"csrf": form_token(client.get("/").text), **fields})


async def test_the_page_freezes_and_thaws(world: World, enter: Callable[..., TestClient]) -> None:
    """A form each; the answer says what was done and how the person hears of it."""
    client = enter(app=world.app(OnePerson()))
    assert "No account is frozen." in client.get("/accounts").text
    page = send(client, "/accounts/freeze", address=ANA, reason=WHY).text
    assert "All mail of theirs to the lists waits" in page
    assert "We tell the person by another address" in page
    assert HOME in page
    assert WHY in client.get("/accounts").text
    assert "No longer frozen" in send(client, "/accounts/thaw", address=HOME, reason="All is well.").text
    assert world.freezes.kept == {}


async def test_a_link_fills_the_form_and_freezes_nothing(world: World, enter: Callable[..., TestClient]) -> None:
    """GET changes nothing, whatever stands behind the question mark."""
    client = enter()
    page = client.get("/accounts", params={"address": '"><script>alert(1)</script>', "reason": WHY}).text
    assert "<script>" not in page
    assert client.get("/accounts/freeze").status_code in {404, 405}
    assert world.freezes.kept == {}


async def test_the_page_asks_again_without_a_reason(world: World, enter: Callable[..., TestClient]) -> None:
    """What was typed stays."""
    answer = send(enter(), "/accounts/freeze", address=ANA, reason="")
    assert answer.status_code == 422
    assert "Write one sentence" in answer.text
    assert f'value="{ANA}"' in answer.text


async def test_without_the_forms_token_nothing_happens(world: World, enter: Callable[..., TestClient]) -> None:
    """Another site cannot turn the switch."""
    answer = enter().post("/accounts/freeze", data={"address": ANA, "reason": WHY})
    assert answer.status_code == 403
    assert world.freezes.kept == {}


@pytest.mark.parametrize("address", tuple(PEOPLE))
async def test_only_who_may_look_finds_the_page(world: World, enter: Callable[..., TestClient], address: str) -> None:
    """Others have no link to it, and get 403; auditors see no form."""
    client = enter(address)
    page = client.get("/accounts")
    assert page.status_code == (200 if address in LOOKS else 403)
    assert ('href="/accounts"' in client.get("/status").text) is (address in LOOKS)
    assert ('action="/accounts/freeze"' in page.text) is (address in MAY)


async def test_a_case_leads_to_the_switch(world: World, enter: Callable[..., TestClient]) -> None:
    """From a proven author's message, with the address filled in; nothing proves a stranger's account."""
    proven = await world.cases.hold(draft(author="ana+x@party.example"), Payload(b"From: a@b.example\r\n\r\nx"))
    other = await world.cases.hold(stranger(ledger_key="k2"), Payload(b"From: a@b.example\r\n\r\nx"))
    client = enter()
    assert 'href="/accounts?address=ana%2Bx%40party.example"' in client.get(f"/cases/{proven.number}").text
    assert "/accounts?" not in client.get(f"/cases/{other.number}").text
    assert 'value="ana+x@party.example"' in client.get("/accounts?address=ana%2Bx%40party.example").text


async def test_a_case_is_shown_whatever_its_authors_address_is(world: World, enter: Callable[..., TestClient]) -> None:
    """Half a character is no text, and no reason to show an error."""
    case = await world.cases.hold(draft(author="\udcff@evil.example"), Payload(b"From: a@b.example\r\n\r\nx"))
    assert enter().get(f"/cases/{case.number}").status_code == 200
