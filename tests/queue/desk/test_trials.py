"""Rules on trial at the desk: who sees counts, who sees examples, and how tuners mark them."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from desk_world import World, browser, form_token, log_in, site
from memory_observations import MemoryObservations
from starlette.testclient import TestClient

from listward.config.policy import Policy, Rule
from listward.config.site import MailingList, PolicyTable
from listward.filters.judgement import Action
from listward.filters.policy.trial import trial_of
from listward.queue.desk.access.person import person_for
from listward.queue.desk.trials import trials_at
from listward.queue.store.observations import Figures
from listward.queue.store.ports import CasePage

BOARD, INNER = "board@party.example", "inner@party.example"
MOD, NOBODY, ADMIN = "mod@party.example", "nobody@party.example", "admin@party.example"
HOP = "smtp://127.0.0.1:2527"
POLICY = Policy(
    rule=(
        Rule(name="heat", stage="content", action="hold", mode="shadow"),
        Rule(name="junk", stage="content", action="hold"),
    ),
    digest="0123456789abcdef",
)
TRIAL = trial_of(POLICY, observing=False)
HEAT = TRIAL.keys["heat"]
PATH = f"/trials/{BOARD}/heat"
LINK = 'href="/trials/board%40party.example/heat"'


@pytest.fixture
def kept() -> MemoryObservations:
    """Counts of the board's heat rule."""
    made = MemoryObservations()
    made.known = {POLICY.digest: {key: TRIAL.standings[name] for name, key in TRIAL.keys.items()}}
    made.by_list[BOARD] = Figures({(POLICY.digest, False): 1902}, {HEAT: {Action.HOLD: 41}}, {}, {HEAT: 38}, {HEAT: 3})
    return made


@pytest.fixture
async def world(kept: MemoryObservations) -> World:
    """A board whose tuners are a moderator and one who is none, and an internal list with the same tuners."""
    lists = tuple(
        MailingList(address=address, zone=zone, next_hop=HOP, tuners=(MOD, NOBODY), moderators=moderators)
        for address, zone, moderators in ((BOARD, "members", ("moderators",)), (INNER, "internal", ("international",)))
    )
    made = World(site=site(list=lists), policy=POLICY, observations=kept)
    await made.people()
    return made


async def test_the_page_has_a_line_for_each_rule(world: World, enter: Callable[..., TestClient]) -> None:
    """In the words of the report, with the criteria, and a way to the examples of one's own lists."""
    page = enter().get("/trials").text
    assert "Would have held 41 of 1,902; you marked 38 right, 3 wrong; not ready." in page
    assert "at least 50 examples marked" in page
    assert LINK in page
    assert "junk" not in page


@pytest.mark.parametrize("address", ["admin@party.example", "auditor@party.example"])
async def test_counts_are_for_who_sees_health_examples_are_not(
    world: World, enter: Callable[..., TestClient], kept: MemoryObservations, address: str
) -> None:
    """An administrator reads numbers, and no word of a message."""
    kept.put(BOARD, HEAT)
    client = enter(address)
    page = client.get("/trials")
    assert (page.status_code, LINK in page.text) == (200, False)
    assert client.get(PATH).status_code == 403
    assert world.reads.noted == []


async def test_other_moderators_see_no_examples(
    world: World, enter: Callable[..., TestClient], kept: MemoryObservations
) -> None:
    """Moderating the list is not enough."""
    kept.put(BOARD, HEAT)
    client = enter("mod2@party.example")
    assert client.get("/trials").status_code == 200
    refused = client.get(PATH)
    assert refused.status_code == 403
    assert "rent" not in refused.text


async def test_who_has_no_list_sees_nothing(kept: MemoryObservations) -> None:
    """Neither the page nor the way to it."""
    world = World(policy=POLICY, observations=kept)
    await world.people()
    client = browser(world.app())
    log_in(client, NOBODY)
    assert client.get("/trials").status_code == 403
    assert "/trials" not in client.get("/").text


async def test_reading_examples_is_written_down(
    world: World, enter: Callable[..., TestClient], kept: MemoryObservations
) -> None:
    """Before anything is shown; links cannot be followed by accident, and nobody is named."""
    kept.put(BOARD, HEAT, text="See https://evil.example/ <b>now</b>")
    page = enter().get(PATH).text
    assert world.reads.noted == [(BOARD, "", MOD, "read-examples")]
    assert "hxxps://evil.example/ &lt;b&gt;now&lt;/b&gt;" in page
    assert "<mark>rent</mark>" in page


async def test_abuse_is_covered_until_it_is_touched(
    world: World, enter: Callable[..., TestClient], kept: MemoryObservations
) -> None:
    """As on a case."""
    kept.put(BOARD, HEAT, covered=True)
    assert "Covered, because it may be abusive" in enter().get(PATH).text


async def test_internal_matters_are_for_tuners_who_moderate_the_list(
    world: World, enter: Callable[..., TestClient], kept: MemoryObservations
) -> None:
    """On an internal list all is; elsewhere what is marked so."""
    kept.put(INNER, HEAT, "From the inside")
    kept.put(BOARD, HEAT, "Marked", internal=True)
    kept.put(BOARD, HEAT, "Open")
    tuner, moderator = enter(NOBODY), enter()
    assert "From the inside" not in tuner.get(f"/trials/{INNER}/heat").text
    assert "From the inside" not in moderator.get(f"/trials/{INNER}/heat").text
    assert "Marked" not in tuner.get(PATH).text.replace("<strong>Marked", "")
    assert "Open" in tuner.get(PATH).text
    assert ">Marked<" in moderator.get(PATH).text


def touch(client: TestClient, page: str, said: str, path: str = PATH, **changes: str) -> Any:
    """Press a button of the first example."""
    fields = dict(re.findall(r'name="(day|slot|id)" value="([^"]+)"', page)[:3])
    return client.post(f"{path}/mark", data={"csrf": form_token(page), **fields, "said": said, **changes})


@pytest.mark.parametrize(("said", "mark"), [("right", True), ("wrong", False)])
async def test_one_touch_marks(
    world: World, enter: Callable[..., TestClient], kept: MemoryObservations, said: str, mark: bool
) -> None:
    """It is written down, can be changed and taken back, and what is marked goes behind what is not."""
    kept.put(BOARD, HEAT, "First")
    kept.put(BOARD, HEAT, "Second")
    client = enter()
    answer = touch(client, client.get(PATH).text, said)
    assert (answer.status_code, answer.headers["location"]) == (303, "/trials/board%40party.example/heat#next")
    assert kept.kept[0].mark is mark
    assert world.reads.noted[-1] == (BOARD, "", MOD, "marked-example")
    page = client.get(PATH).text
    assert page.index("Second") < page.index("First")
    assert f"Marked {said}." in page
    kept.kept.pop()
    assert touch(client, client.get(PATH).text, "none").status_code == 303
    assert kept.kept[0].mark is None


async def test_a_mark_needs_its_own_session(
    world: World, enter: Callable[..., TestClient], kept: MemoryObservations
) -> None:
    """A form from elsewhere changes nothing."""
    kept.put(BOARD, HEAT)
    client = enter()
    assert touch(client, client.get(PATH).text, "right", csrf="forged").status_code == 403
    assert kept.kept[0].mark is None


@pytest.mark.parametrize("changes", [{"id": "f" * 16}, {"day": "1"}, {"slot": "x"}, {"said": "maybe"}])
async def test_what_is_gone_cannot_be_marked(
    world: World, enter: Callable[..., TestClient], kept: MemoryObservations, changes: dict[str, str]
) -> None:
    """It says so."""
    kept.put(BOARD, HEAT)
    client = enter()
    page = client.get(PATH).text
    said = changes.pop("said", "right")
    assert touch(client, page, said, **changes).status_code == 404
    assert kept.kept[0].mark is None


async def test_what_one_does_not_see_one_does_not_mark(
    world: World, enter: Callable[..., TestClient], kept: MemoryObservations
) -> None:
    """Guessing its place does not help a tuner who does not moderate the list."""
    kept.put(BOARD, HEAT, "Open")
    inside = kept.put(BOARD, HEAT, "Inside", internal=True).place
    client = enter(NOBODY)
    page = client.get(PATH).text
    answer = touch(client, page, "right", slot=str(inside.slot), id=inside.id)
    assert answer.status_code == 404
    assert kept.kept[1].mark is None


async def test_while_the_site_observes_every_page_says_so(kept: MemoryObservations) -> None:
    """In red, with the way to what the rules would have done."""
    world = World(site=site(policy=PolicyTable(mode="observe")), policy=POLICY, observations=kept)
    await world.people()
    client = browser(world.app())
    log_in(client, MOD)
    page = client.get("/").text
    assert re.search(r'class="observe"[^\n]*Observe mode[^\n]*href="/trials"', page)
    assert "Nothing has effect yet" in client.get("/trials").text
    assert 'href="/trials"' not in browser(world.app()).get("/login").text


async def test_the_api_gives_the_report(world: World, kept: MemoryObservations) -> None:
    """The same counts, for programs."""
    client = browser(world.app())
    found = client.get("/api/v1/trials", headers=await world.token(MOD, "cases")).json()
    (heat,) = found["rules"]
    assert (heat["would"], heat["judged"], heat["right"], heat["wrong"]) == ({"hold": 41}, 1902, 38, 3)
    assert heat["readiness"] == "not ready"
    only = client.get("/api/v1/trials", params={"list": INNER}, headers=await world.token(NOBODY, "cases")).json()
    assert only["rules"][0]["judged"] == 0
    assert client.get("/api/v1/trials", headers=await world.token(MOD, "check")).status_code == 403


async def test_the_api_marks(world: World, kept: MemoryObservations) -> None:
    """With what listing gave; others get nothing."""
    kept.put(BOARD, HEAT, "Half \ud800")
    client = browser(world.app())
    query = {"list": BOARD, "rule": "heat"}
    tuner, other = await world.token(MOD, "cases"), await world.token(ADMIN, "cases")
    (one,) = client.get("/api/v1/trials/examples", params=query, headers=tuner).json()["examples"]
    assert client.get("/api/v1/trials/examples", params=query, headers=other).status_code == 403
    body = {**query, **{name: one[name] for name in ("day", "slot", "id")}, "said": "wrong"}
    assert client.post("/api/v1/trials/mark", headers=other, json=body).status_code == 403
    assert client.post("/api/v1/trials/mark", headers=tuner, json={**body, "rule": "none"}).status_code == 404
    assert client.post("/api/v1/trials/mark", headers=tuner, json=body).json() == {"said": "wrong"}
    assert kept.kept[0].mark is False
    assert (one["subject"], "author" in one) == ("Half ?", False)


async def test_without_counts_the_page_is_empty(enter: Callable[..., TestClient]) -> None:
    """A desk that remembers nothing says so."""
    world = World(policy=POLICY)
    await world.people()
    client = browser(world.app())
    log_in(client, MOD)
    assert "No rule is on trial" in client.get("/trials").text


async def test_no_report_reads_every_case_there_is(world: World, kept: MemoryObservations) -> None:
    """Also where nothing is as young as what was asked for: a store with years of cases stays usable."""
    pages: list[str] = []
    old = SimpleNamespace(changed_at=0.0, draft=SimpleNamespace(policy_hash=""))

    async def page(*_: Any, limit: int, cursor: str, **__: Any) -> CasePage:
        pages.append(cursor)
        return CasePage((old,) * limit, "more" if len(pages) < 50 else "")  # type: ignore[arg-type]  # it has what is needed

    trials = trials_at(world.site, POLICY, kept, SimpleNamespace(page=page), world.reads, world.clock)  # type: ignore[arg-type]  # as above
    person = person_for(world.site, MOD, frozenset())
    await trials.report(person, since=1.0, most_cases=1000)
    assert len(pages) == 5
