"""The API: who may call what, and how refusals are said."""

from typing import Any

import pytest
from desk_world import World, browser, form_token, log_in
from memory_cases import draft, stranger
from starlette.testclient import TestClient

from listward.queue.cases.case import Case, CaseState, CopyTo
from listward.wire.payload import Payload

VERBS = ("release", "reject", "discard", "claim", "unclaim", "undo", "escalate")
WORDS = {"clause": "A 7.3", "reason": "Please leave it out."}
BODY = b"From: ana@party.example\r\nSubject: <script>alert(1)</script>\r\n\r\nHello\r\n"


@pytest.fixture
async def case(world: World) -> Case:
    """A member's message that waits for the moderators."""
    return await world.cases.hold(draft(), Payload(BODY))


@pytest.fixture
def api(world: World) -> TestClient:
    """A program's client."""
    return browser(world.app())


# Who may read and decide a case of the moderators: the matrix of people and endpoints.
ALLOWED = {"mod@party.example", "mod2@party.example"}
PEOPLE = (
    "mod@party.example",
    "intl@party.example",
    "admin@party.example",
    "auditor@party.example",
    "nobody@party.example",
)


@pytest.mark.parametrize("address", PEOPLE)
async def test_only_the_queues_people_read_a_case(world: World, api: TestClient, case: Case, address: str) -> None:
    """Admins and auditors are no moderators: they see no text."""
    fields = await world.token(address)
    expected = 200 if address in ALLOWED else 403
    for path in (f"/api/v1/cases/{case.number}", f"/api/v1/cases/{case.number}/message"):
        assert api.get(path, headers=fields).status_code == expected
    listed = api.get("/api/v1/cases", headers=fields).json()["cases"]
    assert bool(listed) is (address in ALLOWED)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("address", PEOPLE[1:])
async def test_nobody_else_decides(world: World, api: TestClient, case: Case, address: str, verb: str) -> None:
    """403 for everybody who is not of the queue, and nothing changes."""
    fields = await world.token(address)
    answer = api.post(f"/api/v1/cases/{case.number}/{verb}", headers=fields, json={"version": 1, **WORDS})
    assert answer.status_code == 403
    assert answer.json() == {"error": "This case is not in one of your queues."}
    assert (await world.cases.get(case.number)).version == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/cases"),
        ("GET", "/api/v1/cases/10008"),
        ("GET", "/api/v1/cases/10008/message"),
        ("POST", "/api/v1/cases/bulk"),
        ("POST", "/api/v1/check"),
        *(("POST", f"/api/v1/cases/10008/{verb}") for verb in VERBS),
    ],
)
@pytest.mark.parametrize("fields", [{}, {"Authorization": "Bearer x.y"}, {"Authorization": "Basic eA=="}])
async def test_strangers_get_401(api: TestClient, case: Case, method: str, path: str, fields: dict[str, str]) -> None:
    """Without a token or a session nothing is said but that."""
    answer = api.request(method, path, headers=fields)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("release", "released"),
        ("reject", "rejected"),
        ("discard", "discarded"),
        ("claim", "claimed"),
        ("escalate", "held"),
    ],
)
async def test_a_moderator_decides(world: World, api: TestClient, case: Case, verb: str, state: str) -> None:
    """200 with the case as it is now."""
    fields = await world.token("mod@party.example")
    answer = api.post(f"/api/v1/cases/{case.number}/{verb}", headers=fields, json={"version": 1, **WORDS})
    assert (answer.status_code, answer.json()["state"], answer.json()["version"]) == (200, state, 2)


async def test_undo_and_unclaim(world: World, api: TestClient, case: Case) -> None:
    """Both lead back to held."""
    fields = await world.token("mod@party.example")
    version = 1
    for verb in ("release", "undo", "claim", "unclaim"):
        answer = api.post(f"/api/v1/cases/{case.number}/{verb}", headers=fields, json={"version": version})
        assert answer.status_code == 200
        version = answer.json()["version"]
    assert answer.json()["state"] == "held"


@pytest.mark.parametrize("verb", ["reject", "discard"])
@pytest.mark.parametrize("words", [{}, {"clause": "A 7.3"}, {"reason": "Why."}, {"clause": "zzz", "reason": "Why."}])
async def test_missing_words_are_422(
    world: World, api: TestClient, case: Case, verb: str, words: dict[str, str]
) -> None:
    """One plain sentence says what is missing."""
    fields = await world.token("mod@party.example")
    answer = api.post(f"/api/v1/cases/{case.number}/{verb}", headers=fields, json={"version": 1, **words})
    assert answer.status_code == 422
    assert "lause" in answer.json()["error"]


async def test_the_second_gets_409_with_the_first_ones_name(world: World, api: TestClient, case: Case) -> None:
    """Who decided, and which version stands."""
    one, two = await world.token("mod@party.example"), await world.token("mod2@party.example")
    path = f"/api/v1/cases/{case.number}/release"
    assert api.post(path, headers=one, json={"version": 1}).status_code == 200
    answer = api.post(path, headers=two, json={"version": 1})
    assert answer.status_code == 409
    assert answer.json() == {
        "error": "mod@party.example was first.",
        "decided_by": "mod@party.example",
        "version": 2,
        "state": "released",
    }


@pytest.mark.parametrize("number", ["99999", "abc", "..", "%00", "1" * 400])
async def test_unknown_cases_are_404(world: World, api: TestClient, number: str) -> None:
    """In words, as JSON."""
    fields = await world.token("mod@party.example")
    answer = api.get(f"/api/v1/cases/{number}", headers=fields)
    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": "x"}',
        b'{"version": -1}',
        b'{"version": 1, "by": "boss"}',
        b"\xff",
        b'{"version": true, "x": 1}',
    ],
)
async def test_nonsense_bodies_are_422(world: World, api: TestClient, case: Case, content: bytes) -> None:
    """Unknown keys and wrong types are named, never obeyed; no exception text shows."""
    fields = {**await world.token("mod@party.example"), "Content-Type": "application/json"}
    answer = api.post(f"/api/v1/cases/{case.number}/release", headers=fields, content=content)
    assert answer.status_code in {400, 422}
    assert set(answer.json()) == {"error"}
    assert "Traceback" not in answer.text
    assert (await world.cases.get(case.number)).version == 1


async def test_a_session_needs_its_token_for_every_post(world: World, case: Case) -> None:
    """A browser's session calls the API too, but not by another site's form."""
    client = browser(world.app())
    log_in(client, "mod@party.example")
    path = f"/api/v1/cases/{case.number}/release"
    assert client.get("/api/v1/cases").status_code == 200
    assert client.post(path, json={"version": 1}).status_code == 403
    assert client.post(path, json={"version": 1}, headers={"X-CSRF-Token": "wrong"}).status_code == 403
    good = form_token(client.get("/").text)
    assert client.post(path, json={"version": 1}, headers={"X-CSRF-Token": good}).status_code == 200


async def test_a_token_for_checking_reads_no_cases(world: World, api: TestClient, case: Case) -> None:
    """And one for cases checks nothing."""
    only_check = await world.token("mod@party.example", "check")
    only_cases = await world.token("mod@party.example", "cases")
    assert api.get("/api/v1/cases", headers=only_check).status_code == 403
    assert api.post(f"/api/v1/cases/{case.number}/claim", headers=only_check, json={"version": 1}).status_code == 403
    text = {"Content-Type": "text/plain"}
    assert api.post("/api/v1/check", headers={**only_cases, **text}, content="x").status_code == 403
    assert api.post("/api/v1/check", headers={**only_check, **text}, content="x").status_code == 200


async def test_who_gets_a_copy_is_part_of_the_case(world: World, api: TestClient) -> None:
    """And whether the case is such a copy itself."""
    fields = await world.token("mod@party.example")
    copied = await world.cases.hold(draft(copies=(CopyTo("a", ("office@party.example",), "k:copy"),)), Payload(BODY))
    shown = api.get(f"/api/v1/cases/{copied.number}", headers=fields).json()
    assert (shown["copy_to"], shown["is_copy"]) == (["office@party.example"], False)


async def test_reads_are_written_down(world: World, api: TestClient, case: Case) -> None:
    """Opening, downloading and searching; looking at the list is none of these."""
    fields = await world.token("mod@party.example")
    api.get("/api/v1/cases", headers=fields)
    assert world.reads.noted == []
    api.get(f"/api/v1/cases/{case.number}", headers=fields)
    api.get(f"/api/v1/cases/{case.number}/message", headers=fields)
    api.get("/api/v1/cases?q=rent", headers=fields)
    assert [(what, by) for _, _, by, what in world.reads.noted] == [
        ("opened", "mod@party.example"),
        ("downloaded", "mod@party.example"),
        ("searched", "mod@party.example"),
    ]


async def test_the_message_is_a_download_and_never_a_page(world: World, api: TestClient, case: Case) -> None:
    """text/plain, as an attachment, not to be sniffed; byte for byte as it came."""
    answer = api.get(f"/api/v1/cases/{case.number}/message", headers=await world.token("mod@party.example"))
    assert answer.content == BODY
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["content-disposition"] == f'attachment; filename="case-{case.number}.txt"'
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_listing_filters_and_pages(world: World, api: TestClient) -> None:
    """By state, list and words; pages follow each other by the cursor until it is empty."""
    for number in range(7):
        where = "inner@party.example" if number % 2 else "board@party.example"
        await world.cases.hold(draft(list=where, subject=f"Subject seven-{number}"), Payload(BODY))
    fields = await world.token("mod@party.example")

    def get(query: str) -> dict[str, Any]:
        answer: dict[str, Any] = api.get(f"/api/v1/cases?{query}", headers=fields).json()
        return answer

    assert len(get("list=inner@party.example")["cases"]) == 3
    assert [case["subject"] for case in get("q=sUBJECT+seven-5")["cases"]] == ["Subject seven-5"]
    assert get("state=rejected")["cases"] == []
    first = get("limit=4")
    second = get(f"limit=4&cursor={first['cursor']}")
    assert len(first["cases"] + second["cases"]) == 7
    assert second["cursor"] == ""
    assert "no state is called" in get("state=nonsense")["error"]


async def test_a_page_skips_what_is_not_yours(world: World, api: TestClient) -> None:
    """Cases of other queues take no place on the page."""
    for number in range(10):
        await world.cases.hold(draft(queues=("international",) if number < 8 else ("moderators",)), Payload(BODY))
    page = api.get("/api/v1/cases?limit=2", headers=await world.token("mod@party.example")).json()
    assert len(page["cases"]) == 2


async def test_bulk_discards_and_says_what_it_did_not(world: World, api: TestClient, case: Case) -> None:
    """The stranger's spam goes; the member's message stays, with a sentence."""
    spam = await world.cases.hold(stranger(), Payload(BODY))
    body = {"cases": [{"number": spam.number, "version": 1}, {"number": case.number, "version": 1}]}
    answer = api.post("/api/v1/cases/bulk", headers=await world.token("mod@party.example"), json=body)
    done, left = answer.json()["results"]
    assert (done["done"], done["case"]["state"]) == (True, "discarded")
    assert left["done"] is False
    assert left["error"]
    assert (await world.cases.get(case.number)).state is CaseState.HELD


async def test_a_store_that_is_away_is_503(world: World, api: TestClient, case: Case) -> None:
    """Say "try again", and nothing of the inside."""
    fields = await world.token("mod@party.example")
    world.cases.away = True
    answer = api.post(f"/api/v1/cases/{case.number}/release", headers=fields, json={"version": 1})
    assert answer.status_code == 503
    assert "Try again" in answer.json()["error"]
    world.redis.away = True
    assert api.get("/api/v1/cases", headers=fields).status_code == 503


async def test_an_unforeseen_error_says_nothing_of_itself(world: World, api: TestClient, case: Case) -> None:
    """500 in one plain sentence, without exception text."""
    fields = await world.token("mod@party.example")

    async def broken(number: str) -> Case:
        raise RuntimeError("redis://user:secret@10.0.0.7")

    world.cases.get = broken  # type: ignore[method-assign]
    answer = api.get(f"/api/v1/cases/{case.number}", headers=fields)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
async def test_health(world: World, api: TestClient, prefix: str) -> None:
    """Alive is alive; ready only while the store can keep its promise."""
    assert api.get(f"{prefix}/healthz").json() == {"status": "ok"}
    ready = api.get(f"{prefix}/readyz")
    assert ready.status_code == 200
    rules = {"policy": world.configuration.policy.digest, "approval": "never-approved"}
    assert ready.json() == {"status": "ok", **rules}
    world.trouble = "The store is full."
    answer = api.get(f"{prefix}/readyz")
    assert (answer.status_code, answer.json()["error"]) == (503, "The store is full.")
    assert api.get(f"{prefix}/healthz").status_code == 200


async def test_openapi_names_the_verbs_that_exist(api: TestClient) -> None:
    """Every verb of this release, and none of a later one."""
    paths = api.get("/api/openapi.json").json()["paths"]
    assert {f"/api/v1/cases/{{number}}/{verb}" for verb in VERBS} <= set(paths)
    assert "/api/v1/cases/{number}/uphold" not in paths
    assert not any(path.startswith("/cases") for path in paths)


async def test_bytes_that_are_no_text_break_no_answer(world: World, api: TestClient) -> None:
    """Halves of characters from a stranger's bytes become question marks, in lists and cases alike."""
    odd = await world.cases.hold(draft(subject="\ud800 x", author_name="\udcff"), Payload(BODY))
    fields = await world.token("mod@party.example")
    assert api.get("/api/v1/cases", headers=fields).json()["cases"][0]["subject"] == "? x"
    assert api.get(f"/api/v1/cases/{odd.number}", headers=fields).json()["author_name"] == "?"
    assert api.get("/api/v1/cases?q=%ED%A0%80", headers=fields).status_code == 200
