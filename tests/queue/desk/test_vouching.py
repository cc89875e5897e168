"""Vouching at release, and what was vouched for: who may, who sees it, and its end."""

import re
from dataclasses import replace
from typing import Any

import pytest
from answering_world import ANA, BOARD, SENT, SIGNED, AnasRosters, MemoryVouches, unproven, unproven_body
from desk_world import PEOPLE, World, browser, form_token, log_in, site
from memory_cases import START, draft
from starlette.testclient import TestClient

from listward.config.site import Group
from listward.filters.identity.origin import Role
from listward.filters.identity.standing import How
from listward.queue.cases.case import Answer, Case, CaseState, Said
from listward.queue.cases.commands import Command, Verb
from listward.wire.payload import Payload

MOD = "mod@party.example"
VOUCH = {"version": 1, "vouch": True}


@pytest.fixture
def world(world: World) -> World:
    """A desk that remembers ways of sending."""
    world.accounts = MemoryVouches()
    return world


@pytest.fixture
def client(world: World) -> TestClient:
    """A program's client, with Ana on the board's roster."""
    return browser(world.app(AnasRosters()))


async def hold(world: World, **changes: Any) -> Case:
    """An unproven member's message."""
    return await world.cases.hold(unproven(**changes), Payload(unproven_body()))


async def test_a_release_can_vouch(world: World, client: TestClient) -> None:
    """The message leaves as ever, and its way is remembered with the moderator's name."""
    case = await hold(world)
    answer = client.post(f"/api/v1/cases/{case.number}/release", headers=await world.token(MOD), json=VOUCH).json()
    assert (answer["state"], answer["vouched"], answer["vouch_problem"]) == ("released", True, "")
    (kept,) = world.accounts.kept.values()
    assert (kept.list, kept.author, kept.path, kept.by, kept.how) == (BOARD, ANA, SIGNED, MOD, How.RELEASE)


async def test_a_release_alone_vouches_for_nothing(world: World, client: TestClient) -> None:
    """One touch stays one touch."""
    case = await hold(world)
    answer = client.post(f"/api/v1/cases/{case.number}/release", headers=await world.token(MOD), json={"version": 1})
    assert answer.json()["state"] == "released"
    assert "vouched" not in answer.json()
    assert world.accounts.kept == {}


@pytest.mark.parametrize(
    ("rosters", "changes"),
    [
        (AnasRosters(Role.OFFICER), {}),
        (AnasRosters(Role.MODERATOR), {}),
        (AnasRosters(Role.BANNED), {}),
        (AnasRosters(), {"author": "kim@home.example"}),
        (AnasRosters(), {"internal": True}),
        (AnasRosters(), {"paths": ()}),
        (AnasRosters(), {"origin": "forged"}),
        (AnasRosters(), {"origin": "known", "authenticated": True}),
    ],
)
async def test_nobody_vouches_for_these(world: World, rosters: Any, changes: dict[str, Any]) -> None:
    """Officers, moderators, strangers, the banned, internal matters, forged or proven mail."""
    case = await hold(world, **changes)
    client = browser(world.app(rosters))
    answer = client.post(f"/api/v1/cases/{case.number}/release", headers=await world.token(MOD), json=VOUCH)
    assert answer.status_code == 403
    assert (await world.cases.get(case.number)).state is CaseState.HELD
    log_in(client, MOD)
    assert 'name="vouch"' not in client.get(f"/cases/{case.number}").text
    assert world.accounts.kept == {}


async def test_nobody_vouches_for_people_of_our_groups(world: World) -> None:
    """Whoever decides for a queue is an officer here, whatever the roster says."""
    groups = (Group(name="international", members=("intl@party.example", ANA)),)
    world.configuration = replace(world.configuration, site=site(group=groups))
    case = await hold(world)
    client = browser(world.app(AnasRosters()))
    answer = client.post(f"/api/v1/cases/{case.number}/release", headers=await world.token(MOD), json=VOUCH)
    assert answer.status_code == 403


async def test_what_was_disowned_is_not_vouched_for(world: World, client: TestClient) -> None:
    """She says that it is not hers."""
    case = await hold(world)
    answer = Answer(Said.NOT_HERS, START)
    case = await world.cases.apply(case.number, 1, Command(Verb.DENY, ANA, START, answer=answer))
    body = {"version": case.version, "vouch": True}
    headers = await world.token(MOD)
    assert client.post(f"/api/v1/cases/{case.number}/release", headers=headers, json=body).status_code == 403


@pytest.mark.parametrize(("refuses", "says"), [("shared", "Others send by this way too"), ("too-many", "Revoke one")])
async def test_a_way_that_the_store_refuses_is_said_and_the_release_stands(
    world: World, client: TestClient, refuses: str, says: str
) -> None:
    """Nobody has to do it again."""
    case = await hold(world)
    world.accounts.refuses = refuses
    answer = client.post(f"/api/v1/cases/{case.number}/release", headers=await world.token(MOD), json=VOUCH).json()
    assert (answer["state"], answer["vouched"]) == ("released", False)
    assert says in answer["vouch_problem"]


async def test_a_store_that_goes_away_after_the_release_is_said(world: World, client: TestClient) -> None:
    """What was promised stands, what was not is said."""
    case = await hold(world)
    world.accounts.away = True
    answer = client.post(f"/api/v1/cases/{case.number}/release", headers=await world.token(MOD), json=VOUCH).json()
    assert (answer["state"], answer["vouched"]) == ("released", False)


async def test_while_another_queue_is_asked_nothing_is_remembered(world: World, client: TestClient) -> None:
    """The release is not one yet."""
    case = await hold(world, queues=("moderators", "international"))
    answer = client.post(f"/api/v1/cases/{case.number}/release", headers=await world.token(MOD), json=VOUCH).json()
    assert (answer["state"], answer["vouched"]) == ("held", False)
    assert world.accounts.kept == {}


async def test_undo_takes_the_vouch_back_and_no_other(world: World, client: TestClient) -> None:
    """What stood before stays."""
    await world.accounts.vouch(BOARD, ANA, SENT, ANA, How.CONFIRMATION, START - 100)
    case, headers = await hold(world), await world.token(MOD)
    client.post(f"/api/v1/cases/{case.number}/release", headers=headers, json=VOUCH)
    assert len(world.accounts.kept) == 2
    assert client.post(f"/api/v1/cases/{case.number}/undo", headers=headers, json={"version": 2}).status_code == 200
    assert [one.path for one in world.accounts.kept.values()] == [SENT]


@pytest.mark.parametrize("address", PEOPLE)
async def test_only_the_lists_moderators_see_and_revoke(world: World, client: TestClient, address: str) -> None:
    """The matrix of people and doors."""
    mine = await world.accounts.vouch(BOARD, ANA, SIGNED, MOD, How.RELEASE, START)
    headers, allowed = await world.token(address), address in {MOD, "mod2@party.example"}
    seen = client.get("/api/v1/vouches", headers=headers)
    assert seen.status_code == (200 if allowed else 403)
    assert (ANA in seen.text) is allowed
    ended = client.post(f"/api/v1/vouches/{mine}/revoke", headers=headers)
    assert ended.status_code == (200 if allowed else 403)
    assert world.accounts.ended == ([(mine, address)] if allowed else [])


async def test_another_lists_moderators_do_not_even_learn_of_it(world: World) -> None:
    """Its id is answered as one that is not there."""
    lists = tuple(entry.model_copy(update={"moderators": ("international",)}) for entry in world.site.lists)
    tables = world.site.model_copy(update={"lists": (lists[0], world.site.lists[1])})
    world.configuration = replace(world.configuration, site=tables)
    mine = await world.accounts.vouch(BOARD, ANA, SIGNED, MOD, How.RELEASE, START)
    client, headers = browser(world.app(AnasRosters())), await world.token(MOD)
    assert client.get("/api/v1/vouches", headers=headers).json() == {"vouches": []}
    for identity in (mine, "v99"):
        answer = client.post(f"/api/v1/vouches/{identity}/revoke", headers=headers)
        assert (answer.status_code, answer.json()["error"][:25]) == (404, "There is no such way of s")
    assert world.accounts.kept


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/vouches"), ("POST", "/api/v1/vouches/v1/revoke")])
async def test_strangers_and_other_tokens_get_nothing(world: World, client: TestClient, method: str, path: str) -> None:
    """401 without a token, 403 with one for checking only."""
    assert client.request(method, path).status_code == 401
    assert client.request(method, path, headers=await world.token(MOD, "check")).status_code == 403


async def test_the_answer_names_the_way_and_who_vouched(world: World, client: TestClient) -> None:
    """And the reading is written down."""
    await world.accounts.vouch(BOARD, ANA, SIGNED, MOD, How.RELEASE, START)
    (one,) = client.get("/api/v1/vouches", headers=await world.token(MOD)).json()["vouches"]
    assert one["path"] == {"method": "dkim", "domain": "small-host.example", "selector": "s1"}
    assert (one["words"], one["how"], one["by"]) == ("mail that small-host.example signs", "release", MOD)
    assert world.reads.noted == [(BOARD, "", MOD, "read-vouches")]


async def test_the_interface_is_described(client: TestClient) -> None:
    """Programs find it in the OpenAPI document."""
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {"/api/v1/vouches", "/api/v1/vouches/{id}/revoke"} <= set(paths)


async def test_a_moderator_vouches_sees_and_revokes_on_pages(world: World, client: TestClient) -> None:
    """Second button, list, revoke; each form only with the session's own token."""
    case = await hold(world)
    log_in(client, MOD)
    page = client.get(f"/cases/{case.number}").text
    assert "mail that small-host.example signs" in page
    token = form_token(page)
    form = {"csrf": token, "version": "1", "vouch": "1"}
    done = client.post(f"/cases/{case.number}/release", data=form)
    assert done.headers["location"] == f"/?done={case.number}&vouched=yes"
    assert "goes straight through from now on" in client.get(done.headers["location"]).text
    listed = client.get("/vouches").text
    assert ANA in listed
    assert "Mail that small-host.example signs" in listed
    path = re.findall(r'action="(/vouches/[^"]+/revoke)"', listed)[0]
    assert client.post(path, data={"csrf": "x"}).status_code == 403
    assert world.accounts.kept
    assert client.post(path, data={"csrf": token}).headers["location"] == "/vouches?revoked=1"
    assert world.accounts.kept == {}
    assert "Revoked." in client.get("/vouches?revoked=1").text


@pytest.mark.parametrize("address", ["admin@party.example", "intl@party.example"])
async def test_others_are_shown_no_page_and_no_way_to_it(world: World, client: TestClient, address: str) -> None:
    """Who decides for no list has nothing to see there."""
    made = await world.accounts.vouch(BOARD, ANA, SIGNED, MOD, How.RELEASE, START)
    log_in(client, address)
    page = client.get("/status").text
    assert "/vouches" not in page
    assert client.get("/vouches").status_code == 403
    assert client.post(f"/vouches/{made}/revoke", data={"csrf": form_token(page)}).status_code == 403
    assert world.accounts.kept


async def test_a_way_that_lapsed_says_so(world: World, client: TestClient) -> None:
    """It stands there until somebody revokes it or it is forgotten."""
    made = await world.accounts.vouch(BOARD, ANA, SIGNED, ANA, How.CONFIRMATION, START)
    kept = world.accounts.kept[made]
    world.accounts.kept[made] = replace(kept, lapsed="shared")
    log_in(client, MOD)
    page = client.get("/vouches").text
    assert "It counts no more" in page
    assert "Confirmed by the person" in page


async def test_such_cases_come_first_and_explain_themselves(world: World, client: TestClient) -> None:
    """Before proven members; what she disowned comes last, and she is named as having done so."""
    await world.cases.hold(draft(subject="Proven", ledger_key="p"), Payload(b"x"))
    disowned = await hold(world, subject="Disowned", ledger_key="d")
    await world.cases.apply(disowned.number, 1, Command(Verb.DENY, ANA, START, answer=Answer(Said.NOT_HERS, START)))
    case = await hold(world, subject="Unproven", ledger_key="u")
    log_in(client, MOD)
    order = re.findall(r"<h3><bdi>(\w+)</bdi></h3>", client.get("/").text)
    assert order == ["Unproven", "Proven", "Disowned"]
    assert "is no fault of the message" in client.get(f"/cases/{case.number}").text
    assert "this is not from me" in client.get(f"/cases/{disowned.number}").text


async def test_disowned_spam_joins_the_bundle(world: World, client: TestClient) -> None:
    """A member's address alone keeps it out; her word that it is not hers puts it in."""
    case = await hold(world, spam_score=0.95)
    log_in(client, MOD)
    assert "likely spam" not in client.get("/").text
    await world.cases.apply(case.number, 1, Command(Verb.DENY, ANA, START, answer=Answer(Said.NOT_HERS, START)))
    assert "likely spam" in client.get("/").text


@pytest.mark.parametrize(
    ("rosters", "changes", "says"),
    [
        (AnasRosters(), {"paths": ()}, "Nothing marks the way this mail took."),
        (AnasRosters(Role.OFFICER), {}, "Mail of officers and moderators must always be proven."),
        (AnasRosters(), {}, ""),
        (AnasRosters(), {"author": "kim@home.example"}, ""),
    ],
)
async def test_the_page_says_why_nobody_can_vouch(
    world: World, rosters: AnasRosters, changes: dict[str, Any], says: str
) -> None:
    """A button that is missing without a word would be looked for. Of strangers nothing is said."""
    case = await hold(world, **changes)
    client = browser(world.app(rosters))
    log_in(client, MOD)
    page = client.get(f"/cases/{case.number}").text
    assert ("cannot be let through from now on" in page) is bool(says)
    assert says in page
