"""The page behind a question's link: opening it changes nothing, its form acts once, and it shows no text."""

import re
from typing import Any

import pytest
from answering_world import (
    ANA,
    BOARD,
    SECRET,
    SIGNED,
    AnasRosters,
    MembersJudge,
    MemoryVouches,
    unproven,
    unproven_body,
)
from desk_world import World, browser, policy, site
from memory_cases import START
from starlette.testclient import TestClient

from listward.config.site import Addresses, MailingList, Organisation
from listward.filters.identity.origin import Role
from listward.filters.judgement import Action
from listward.queue.cases.case import Case, CaseState
from listward.queue.cases.commands import Command, Verb
from listward.queue.notices.tokens import Tokens, Way
from listward.wire.payload import Payload

MOD = "mod@party.example"


class Asked:
    """A desk with one question, and a browser that is not logged in."""

    def __init__(self, rosters: Any = None, judge: Any = None, **tables: Any) -> None:
        tables = {"addresses": Addresses(help="office@party.example"), **tables}
        self.world = World(site=site(**tables), policy=policy(), accounts=MemoryVouches())
        self.world.judge = judge or MembersJudge()
        self.rosters = rosters or AnasRosters()
        self.client: TestClient = browser(self.world.app(self.rosters))
        self.tokens = Tokens(self.world.redis)

    async def ask(self, **changes: Any) -> tuple[Case, str]:
        """Hold a message; return its case and the path of the question."""
        case = await self.world.cases.hold(unproven(**changes), Payload(unproven_body()))
        return case, f"/answer/{await self.tokens.issue(case.number, ANA, Way.LINK, 1000)}"

    async def case(self, number: str) -> Case:
        """The case as it is now."""
        return await self.world.cases.get(number)


@pytest.fixture
def asked() -> Asked:
    """A question to a member."""
    return Asked()


async def test_the_page_says_what_waits_and_who_is_asked(asked: Asked) -> None:
    """List, day, address, the way that can be remembered; nothing of the message itself."""
    _, path = await asked.ask()
    page = asked.client.get(path)
    assert page.status_code == 200
    for part in (
        BOARD,
        ANA,
        "Wednesday, 18 November, 11:06 UTC",
        "mail that small-host.example signs",
        "office@party.example",
    ):
        assert part in page.text
    assert SECRET not in page.text
    assert re.search(r'<input type="checkbox"[^>]* name="remember" value="1" checked', page.text)
    assert 'value="hers"' in page.text
    assert 'value="not-hers"' in page.text


async def test_a_crawler_changes_nothing(asked: Asked) -> None:
    """Whoever follows every link, as mail scanners do: with GET, HEAD, OPTIONS, and once more."""
    case, path = await asked.ask()
    before, kept = await asked.case(case.number), asked.world.redis.dump
    for _ in range(2):
        for method in ("GET", "HEAD", "OPTIONS"):
            asked.client.request(method, path)
            asked.client.request(method, f"{path}?answer=hers&remember=1")
        for link in re.findall(r'(?:href|action)="([^"]*)"', asked.client.get(path).text):
            asked.client.get(link)
            asked.client.head(link)
    assert (await asked.case(case.number), asked.world.redis.dump) == (before, kept)
    assert asked.world.accounts.kept == {}


async def test_the_page_keeps_its_address_to_itself(asked: Asked) -> None:
    """No Referer, nothing stored, nothing loaded from elsewhere, nothing to find for search engines."""
    _, path = await asked.ask()
    page = asked.client.get(path)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert 'content="noindex, nofollow"' in page.text
    assert path.rpartition("/")[2] not in page.text


async def test_yes_sends_it_on_and_remembers_the_way(asked: Asked) -> None:
    """One touch, and the page says what happens now."""
    case, path = await asked.ask()
    page = asked.client.post(path, data={"answer": "hers", "remember": "1"})
    assert page.status_code == 200
    assert "The message is yours. It leaves for the list soon." in page.text
    assert "Your next mail goes straight through" in page.text
    assert (await asked.case(case.number)).state is CaseState.RELEASED
    assert [one.path for one in asked.world.accounts.kept.values()] == [SIGNED]


async def test_yes_without_the_tick_remembers_nothing(asked: Asked) -> None:
    """A box that is not ticked is not sent."""
    _, path = await asked.ask()
    assert "goes straight through" not in asked.client.post(path, data={"answer": "hers"}).text
    assert asked.world.accounts.kept == {}


async def test_no_marks_the_case(asked: Asked) -> None:
    """It stays in the queue as a stranger's."""
    case, path = await asked.ask()
    assert "It is not yours" in asked.client.post(path, data={"answer": "not-hers", "remember": "1"}).text
    now = await asked.case(case.number)
    assert (now.state, now.denied) == (CaseState.HELD, True)
    assert asked.world.accounts.kept == {}


async def test_what_else_holds_it_is_said_kindly() -> None:
    """It waits as other members' messages do."""
    asked = Asked(judge=MembersJudge(Action.HOLD))
    case, path = await asked.ask()
    assert "Now a moderator looks at it" in asked.client.post(path, data={"answer": "hers"}).text
    assert (await asked.case(case.number)).draft.proven_member


async def test_a_link_works_once(asked: Asked) -> None:
    """Afterwards it says so, and what to do; nothing more happens."""
    case, path = await asked.ask()
    asked.client.post(path, data={"answer": "not-hers"})
    before = await asked.case(case.number)
    for page in (asked.client.get(path), asked.client.post(path, data={"answer": "hers"})):
        assert page.status_code == 404
        assert "This link does not work any more" in page.text
        assert "<form" not in page.text
    assert await asked.case(case.number) == before


async def test_links_that_lead_nowhere_look_alike(asked: Asked) -> None:
    """Guessed, too old, another way's: one page, whoever asks."""
    case, path = await asked.ask()
    reply = await asked.tokens.issue(case.number, ANA, Way.REPLY, 1000)
    asked.world.redis.now = 1001
    pages = [asked.client.get(where) for where in (path, f"/answer/{'0' * 32}", "/answer/%00", f"/answer/{reply}")]
    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1


@pytest.mark.parametrize("data", [{}, {"answer": ""}, {"answer": "HERS"}, {"answer": "other", "remember": "1"}])
async def test_a_form_that_says_nothing_changes_nothing(asked: Asked, data: dict[str, str]) -> None:
    """The question stands there again."""
    case, path = await asked.ask()
    page = asked.client.post(path, data=data)
    assert "<form" in page.text
    assert (await asked.case(case.number)).version == 1


async def decide(asked: Asked, case: Case, *verbs: Verb) -> None:
    """What people and the courier do."""
    for verb in verbs:
        by = "courier" if verb in {Verb.DELIVERING, Verb.DELIVERED} else MOD
        now = await asked.case(case.number)
        act = Command(verb, by, START, clause="A 7.3", sentence="No.", deliver_after=START + 60)
        await asked.world.cases.apply(case.number, now.version, act)


@pytest.mark.parametrize(
    ("verbs", "says", "buttons"),
    [
        ((Verb.RELEASE,), "This message is on its way", ["not-hers"]),
        ((Verb.RELEASE, Verb.DELIVERING, Verb.DELIVERED), "the message was let through", []),
        ((Verb.REJECT,), "the message was not sent to the list", []),
        ((Verb.CLAIM,), "Is this message yours?", ["hers", "not-hers"]),
    ],
)
async def test_who_comes_after_a_ruling_is_told_kindly(
    asked: Asked, verbs: tuple[Verb, ...], says: str, buttons: list[str]
) -> None:
    """And can still stop what has not left."""
    case, path = await asked.ask()
    await decide(asked, case, *verbs)
    page = asked.client.get(path)
    assert page.status_code == 200
    assert says in page.text
    assert re.findall(r'name="answer" value="([^"]+)"', page.text) == buttons
    late = asked.client.post(path, data={"answer": "hers"})
    if "hers" not in buttons:
        assert (await asked.case(case.number)).answer is None
        assert late.status_code in {200, 404}


@pytest.mark.parametrize(
    ("rosters", "changes", "says"),
    [
        (AnasRosters(Role.OFFICER), {}, "because you hold an office or moderate"),
        (AnasRosters(), {"paths": ()}, "your mail company puts no mark on it"),
    ],
)
async def test_where_nothing_can_be_remembered_the_page_says_why(
    rosters: Any, changes: dict[str, Any], says: str
) -> None:
    """And offers no box to tick."""
    asked = Asked(rosters=rosters)
    _, path = await asked.ask(**changes)
    page = asked.client.get(path).text
    assert says in page
    assert 'name="remember"' not in page


@pytest.mark.parametrize(
    ("rosters", "languages", "list_languages", "shown"),
    [
        (AnasRosters(language="es"), ("en",), (), ["es"]),
        (AnasRosters(), ("en", "es"), ("es",), ["es"]),
        (AnasRosters(), ("en", "es"), (), ["en", "es"]),
        (AnasRosters(language="fi"), ("en",), (), ["en"]),
    ],
)
async def test_the_page_is_in_the_readers_languages(
    rosters: Any, languages: tuple[str, ...], list_languages: tuple[str, ...], shown: list[str]
) -> None:
    """By roster, list, else all; each part says which it is in."""
    organisation = Organisation(name="The Party", domains=("party.example",), languages=languages)
    board = MailingList(address=BOARD, zone="members", next_hop="smtp://127.0.0.1:2527", languages=list_languages)
    asked = Asked(rosters=rosters, organisation=organisation, list=(board,))
    _, path = await asked.ask()
    page = asked.client.get(path).text
    assert re.findall(r'<section class="narrow" lang="(\w+)"', page) == shown
    assert f'<html lang="{shown[0]}"' in page


async def test_a_store_that_is_away_asks_to_try_again(asked: Asked) -> None:
    """The token is still good afterwards."""
    case, path = await asked.ask()
    asked.world.cases.away = True
    assert asked.client.post(path, data={"answer": "hers"}).status_code == 503
    asked.world.cases.away = False
    asked.client.post(path, data={"answer": "hers"})
    assert (await asked.case(case.number)).state is CaseState.RELEASED


async def test_without_tokens_there_is_no_such_page() -> None:
    """A desk that asks nobody answers as for a wrong link."""
    asked = Asked()
    _, path = await asked.ask()
    asked.client.app._app.state.desk.__dict__["confirming"] = None  # type: ignore[attr-defined]  # as built without tokens
    assert asked.client.get(path).status_code == 404
