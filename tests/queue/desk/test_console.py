"""The moderators' pages, as a browser without scripts uses them."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desk_world import PASSWORD, World, browser, form_token, log_in, site
from memory_cases import draft, stranger
from messages import build
from starlette.testclient import TestClient

from listward.config.site import Console, PolicyTable
from listward.queue.cases.case import Case, CaseState, CopyTo, Reason
from listward.wire.payload import Payload

Enter = Callable[..., TestClient]
BODY = build(text="Dear all, please send money to me.\n")
WORDS = {"clause": "A 7.3", "sentence": "Please leave it out."}


@pytest.fixture
async def case(world: World) -> Case:
    """A member's message that waits."""
    return await world.cases.hold(draft(), Payload(BODY))


def post(client: TestClient, path: str, version: int = 1, **fields: str) -> Any:
    """Send a form with the page's own token."""
    token = form_token(client.get("/").text)
    return client.post(path, data={"csrf": token, "version": str(version), **fields})


# --- Log-in ---------------------------------------------------------------------------------------------------------


async def test_pages_need_a_log_in_and_lead_back(world: World, case: Case) -> None:
    """A stranger is sent to the log-in, and after it to the case that was asked for."""
    client = browser(world.app())
    answer = client.get(f"/cases/{case.number}")
    assert answer.status_code == 303
    page = client.get(answer.headers["location"])
    onward = re.search(r'name="next" value="([^"]+)"', page.text)
    assert onward is not None
    data = {"csrf": form_token(page.text), "address": "mod@party.example", "password": PASSWORD, "next": onward[1]}
    assert client.post("/login", data=data).headers["location"] == f"/cases/{case.number}"


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/logout",
        "javascript:alert(1)",
        "/cases/1/release",
    ],
)
async def test_the_log_in_leads_nowhere_else(world: World, onward: str) -> None:
    """No open redirect."""
    client = browser(world.app())
    token = form_token(client.get("/login", params={"next": onward}).text)
    data = {"csrf": token, "address": "mod@party.example", "password": PASSWORD, "next": onward}
    assert client.post("/login", data=data).headers["location"] == "/"


async def test_the_cookie_is_not_for_scripts_or_other_sites(world: World, enter: Enter) -> None:
    """HttpOnly, SameSite=Strict; with https also Secure and bound to the host."""
    client = browser(world.app())
    cookie = log_in(client, "mod@party.example").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    secure = World(site=site(console=Console(public_url="https://lists.party.example")))
    await secure.people(["mod@party.example"])
    client = browser(secure.app())
    client.base_url = "https://testserver"  # type: ignore[assignment]  # the client takes text
    cookie = log_in(client, "mod@party.example").headers["set-cookie"]
    assert cookie.startswith("__Host-listward=")
    assert "Secure" in cookie
    assert client.get("/").status_code == 200


async def test_a_wrong_password_is_said_plainly_and_limited(world: World) -> None:
    """401 for wrong pairs, the same for unknown addresses, 429 after five."""
    client = browser(world.app())
    known = log_in(client, "mod@party.example", "wrong password!")
    unknown = log_in(client, "who@party.example", "wrong password!")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert re.sub(r'value="[^"]*"', "", known.text) == re.sub(r'value="[^"]*"', "", unknown.text)
    codes = [log_in(client, "mod@party.example", "wrong password!").status_code for _ in range(5)]
    assert codes[-1] == 429


async def test_nobody_is_logged_in_by_another_sites_form(world: World) -> None:
    """The log-in form has a token of its own, in a cookie that other sites do not send."""
    client = browser(world.app())
    data = {"address": "mod@party.example", "password": PASSWORD, "csrf": "guess"}
    assert client.post("/login", data=data).status_code == 403
    client.get("/login")
    assert client.post("/login", data=data).status_code == 403


async def test_a_session_ends_by_log_out_and_by_a_new_password(world: World, enter: Enter) -> None:
    """Afterwards pages lead to the log-in."""
    client = enter()
    cookies = dict(client.cookies)
    assert client.post("/logout", data={"csrf": form_token(client.get("/").text)}).status_code == 303
    client.cookies.update(cookies)
    assert client.get("/").status_code == 303
    client = enter()
    await world.door.change_password("mod@party.example", "another long password")
    assert client.get("/").status_code == 303


async def test_a_bearer_token_opens_no_pages(world: World, case: Case) -> None:
    """Pages are for sessions alone."""
    fields = await world.token("mod@party.example")
    assert browser(world.app()).get(f"/cases/{case.number}", headers=fields).status_code == 303


# --- Cross-site requests and crawlers -----------------------------------------------------------------------------


POSTS = ("release", "reject", "discard", "claim", "unclaim", "undo", "escalate")


@pytest.mark.parametrize("verb", POSTS)
async def test_every_form_needs_its_own_sessions_token(world: World, enter: Enter, case: Case, verb: str) -> None:
    """Without a token, with a colleague's, with one of an older session: nothing happens."""
    client, colleague = enter(), enter("mod2@party.example")
    others = form_token(colleague.get("/").text)
    old = form_token(client.get("/").text)
    log_in_again = browser(world.app())
    log_in(log_in_again, "mod@party.example")
    for token in ({}, {"csrf": others}, {"csrf": ""}, {"csrf": "é"}):
        answer = client.post(f"/cases/{case.number}/{verb}", data={"version": "1", **WORDS, **token})
        assert answer.status_code == 403
    answer = log_in_again.post(f"/cases/{case.number}/{verb}", data={"version": "1", "csrf": old, **WORDS})
    assert answer.status_code == 403
    assert (await world.cases.get(case.number)).version == 1


async def test_log_out_and_bundle_need_the_token_too(world: World, enter: Enter) -> None:
    """No form is without."""
    spam = await world.cases.hold(stranger(), Payload(BODY))
    client = enter()
    assert client.post("/logout").status_code == 403
    assert client.post("/bundle/discard", data={"case": f"{spam.number}:1"}).status_code == 403
    assert client.get("/").status_code == 200
    assert (await world.cases.get(spam.number)).state is CaseState.HELD


def links(page: str) -> Iterator[str]:
    """Every address that a page names, of links and of forms."""
    yield from (address for address in re.findall(r'(?:href|action|formaction|src)="([^"]*)"', page))


async def test_a_crawler_changes_nothing(world: World, enter: Enter, case: Case) -> None:
    """GET and HEAD of every address on every page leave cases and sessions as they are."""
    await world.cases.hold(stranger(), Payload(BODY))
    client = enter()
    released = await world.cases.hold(draft(), Payload(BODY))
    post(client, f"/cases/{released.number}/release")
    before, users = dict(world.cases.cases), world.redis.keys
    seen: set[str] = set()
    todo = ["/", f"/?done={released.number}", f"/cases/{case.number}/release", f"/cases/{released.number}/undo"]
    while todo:
        address = todo.pop()
        if address in seen or not address.startswith("/"):
            continue
        seen.add(address)
        client.head(address)
        answer = client.get(address)
        if "text/html" in answer.headers.get("content-type", ""):
            todo += [link.partition("#")[0] for link in links(answer.text)]
    assert len(seen) > 12
    assert world.cases.cases == before
    assert world.redis.keys == users
    assert client.get("/").status_code == 200


# --- The walk -----------------------------------------------------------------------------------------------------


async def test_the_queue_shows_members_first_and_spam_as_one_line(world: World, enter: Enter) -> None:
    """Unproven roster people, members, known, strangers; the bundle apart."""
    for changes in (
        {"origin": "known", "role": "", "subject": "from a known"},
        {"origin": "member", "subject": "from a member"},
        {"origin": "unproven", "authenticated": False, "subject": "from a roster address"},
        {"origin": "unproven", "authenticated": False, "role": "", "subject": "from a stranger", "reasons": ()},
    ):
        await world.cases.hold(draft(**changes), Payload(BODY))
    await world.cases.hold(stranger(subject="likely spam"), Payload(BODY))
    page = enter().get("/").text
    order = [page.index(f"from a {name}") for name in ("roster address", "member", "known", "stranger")]
    assert order == sorted(order)
    assert "likely spam</bdi>" not in page
    assert "Look through 1 message" in page


async def test_release_is_one_touch_and_undo_is_at_hand(world: World, enter: Enter, case: Case) -> None:
    """One post releases; the next page offers undo, and undo brings the case back."""
    client = enter()
    answer = post(client, f"/cases/{case.number}/release")
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "in 60 seconds" in page
    assert f"/cases/{case.number}/undo" in page
    assert (await world.cases.get(case.number)).state is CaseState.RELEASED
    post(client, f"/cases/{case.number}/undo", version=2)
    assert (await world.cases.get(case.number)).state is CaseState.HELD


async def test_after_its_time_undo_is_offered_no_more(world: World, enter: Enter, case: Case) -> None:
    """Neither on the queue's page nor on the case's."""
    client = enter()
    post(client, f"/cases/{case.number}/release")
    world.clock.at += 61
    for path in (f"/?done={case.number}", f"/cases/{case.number}"):
        assert f"/cases/{case.number}/undo" not in client.get(path).text
    assert post(client, f"/cases/{case.number}/undo", version=2).status_code == 409


async def test_the_reject_form_is_filled_in_from_the_rule(world: World, enter: Enter, case: Case) -> None:
    """Clause and sentence stand there already and can be edited."""
    page = enter().get(f"/cases/{case.number}").text
    assert '<option value="A 7.3" selected>' in page
    assert "Your message seems to ask for money for a person.</textarea>" in page


async def test_a_reject_without_words_shows_the_form_again(world: World, enter: Enter, case: Case) -> None:
    """422, the form open, what was typed still there, nothing decided."""
    client = enter()
    answer = post(client, f"/cases/{case.number}/reject", clause="", sentence="I <b>typed</b> this")
    assert answer.status_code == 422
    assert "Choose a clause and write one sentence" in answer.text
    assert "I &lt;b&gt;typed&lt;/b&gt; this" in answer.text
    assert '<details class="card" name="decide" open>' in answer.text
    assert (await world.cases.get(case.number)).state is CaseState.HELD
    assert post(client, f"/cases/{case.number}/reject", **WORDS).status_code == 303
    assert (await world.cases.get(case.number)).state is CaseState.REJECTED


async def test_the_late_read_who_was_first(world: World, enter: Enter, case: Case) -> None:
    """409 and the name; no second decision."""
    one, two = enter(), enter("mod2@party.example")
    assert post(one, f"/cases/{case.number}/release").status_code == 303
    answer = post(two, f"/cases/{case.number}/reject", **WORDS)
    assert answer.status_code == 409
    assert "mod@party.example" in answer.text
    assert "was first" in answer.text


async def test_claim_and_pass_on(world: World, enter: Enter, case: Case) -> None:
    """Colleagues see who looks at it; a case is passed on without words."""
    client, colleague = enter(), enter("mod2@party.example")
    post(client, f"/cases/{case.number}/claim")
    assert "mod@party.example</bdi> is looking at it" in colleague.get("/").text
    post(client, f"/cases/{case.number}/escalate", version=2)
    assert (await world.cases.get(case.number)).draft.queues == ("secretary",)


async def test_the_bundle_goes_in_one_touch_but_the_unticked(world: World, enter: Enter) -> None:
    """All are ticked; what is unticked stays."""
    spam = [await world.cases.hold(stranger(), Payload(BODY)) for _ in range(3)]
    client = enter()
    page = client.get("/bundle").text
    assert page.count(" checked>") == 3
    data = {"csrf": form_token(page), "case": [f"{one.number}:1" for one in spam[:2]]}
    assert client.post("/bundle/discard", data=data).headers["location"] == "/?discarded=2"
    states = [(await world.cases.get(one.number)).state for one in spam]
    assert states == [CaseState.DISCARDED, CaseState.DISCARDED, CaseState.HELD]


async def test_a_forged_bundle_spares_members(world: World, enter: Enter, case: Case) -> None:
    """A member's case put among the ticks stays, and the page says why."""
    client = enter()
    data = {"csrf": form_token(client.get("/").text), "case": [f"{case.number}:1", "x", ":", "1:2:3"]}
    answer = client.post("/bundle/discard", data=data)
    assert answer.status_code == 409
    assert "open it by itself" in answer.text
    assert (await world.cases.get(case.number)).state is CaseState.HELD


async def test_the_bars_reject_leads_into_the_folded_form(enter: Enter, case: Case) -> None:
    """A link to what lies inside a folded part unfolds it: one touch."""
    page = enter().get(f"/cases/{case.number}").text
    folded = page[page.index("<details class=") : page.index("</details>", page.index("<details class="))]
    assert 'id="reject"' in folded
    assert '<a class="button quiet" href="#reject">' in page


async def test_own_messages_offer_no_buttons(world: World, enter: Enter) -> None:
    """The page says that a colleague decides; a forged post is refused."""
    own = await world.cases.hold(draft(author="mod@party.example"), Payload(BODY))
    client = enter()
    page = client.get(f"/cases/{own.number}").text
    assert "/release" not in page
    assert "A colleague decides" in page
    assert post(client, f"/cases/{own.number}/release").status_code == 403


@pytest.mark.parametrize("path", ["/cases/{}", "/cases/{}/message"])
async def test_other_queues_cases_do_not_open(world: World, enter: Enter, case: Case, path: str) -> None:
    """403 in plain words; admins read no text either."""
    for address in ("intl@party.example", "admin@party.example", "nobody@party.example"):
        client = enter(address)
        assert client.get(path.format(case.number)).status_code == 403
        assert "Help with my rent" not in client.get("/").text
        assert "Help with my rent" not in client.get("/find?q=rent").text


async def test_the_search_finds_numbers_and_words(world: World, enter: Enter, case: Case) -> None:
    """A number opens the case, words list cases, a wrong digit is named."""
    client = enter()
    assert (
        client.get("/find", params={"q": f" {case.number[:-1]}-{case.number[-1]}"})
        .headers["location"]
        .endswith(case.number)
    )
    assert "Help with my rent" in client.get("/find?q=RENT").text
    assert "wrong or missing digit" in client.get("/find?q=10009").text
    assert "No case of yours" in client.get("/find?q=zebra").text
    assert ("board@party.example", "", "mod@party.example", "searched") in world.reads.noted


async def test_decided_cases_stand_for_a_week(world: World, enter: Enter, case: Case) -> None:
    """With who decided; then they leave the page."""
    client = enter()
    post(client, f"/cases/{case.number}/reject", **WORDS)
    assert "mod@party.example rejected it" in client.get("/decided").text
    world.clock.at += 7 * 86_400 + 1
    again = enter()
    assert "rejected it" not in again.get("/decided").text


async def test_the_case_page_marks_the_words_and_names_the_rule(world: World, enter: Enter, case: Case) -> None:
    """The passage is marked where it stands, and the clause is linked to its text."""
    page = enter().get(f"/cases/{case.number}").text
    assert "Dear all, <mark>please send money</mark> to me." in page
    assert '<a href="/rules#A-7.3">Rule A 7.3: No personal appeals</a>' in page
    assert "The mail proves the address" in page
    assert ("board@party.example", case.number, "mod@party.example", "opened") in world.reads.noted


async def test_a_moderator_reads_who_gets_a_copy(world: World, enter: Enter, case: Case) -> None:
    """Before the release that sends it; of other messages nothing is said."""
    copies = (CopyTo("a", ("office@party.example",), "k:copy"), CopyTo("b", ("press@party.example",), "l:copy"))
    copied = await world.cases.hold(draft(copies=copies), Payload(BODY))
    says = "Once it is on the list a copy goes to office@party.example, press@party.example. Its author is told."
    assert says in enter().get(f"/cases/{copied.number}").text
    assert "a copy goes to" not in enter().get(f"/cases/{case.number}").text


async def test_abusive_text_is_covered(world: World, enter: Enter) -> None:
    """It shows when it is touched."""
    reasons = (Reason("abuse", "abuse", "", "It may insult a person."),)
    covered = await world.cases.hold(draft(reasons=reasons), Payload(BODY))
    assert "<summary>Covered, because it may be abusive" in enter().get(f"/cases/{covered.number}").text


async def test_a_case_whose_text_is_gone_still_opens(world: World, enter: Enter, case: Case) -> None:
    """Facts stay when the retention rules have deleted the text."""
    del world.cases.bodies[case.number]
    answer = enter().get(f"/cases/{case.number}")
    assert answer.status_code == 200
    assert "Its text is deleted" in answer.text


async def test_a_log_of_reads_that_fails_shows_nothing(world: World, enter: Enter, case: Case) -> None:
    """What cannot be written down is not shown."""
    client = enter()
    world.cases.away = True
    answer = client.get(f"/cases/{case.number}")
    assert answer.status_code == 503
    assert "Nothing was changed" in answer.text


@pytest.mark.parametrize("path", ["/", "/decided", "/status"])
async def test_rules_that_are_no_longer_approved_are_said_on_every_page(path: str) -> None:
    """To those who are logged in; nothing is said where they are approved, or where nobody ever approved any."""
    outdated = World(site=site(policy=PolicyTable(approved_hash="0" * 12, approved_by="The board")))
    await outdated.people(["mod@party.example"])
    client = browser(outdated.app())
    assert "Not yet approved." not in client.get("/login").text
    log_in(client, "mod@party.example")
    assert "Not yet approved." in client.get(path).text
    digest = "a" * 64
    approved = World(
        site=site(policy=PolicyTable(approved_hash=digest, approved_by="The board")),
        policy=outdated.policy.model_copy(update={"digest": digest}),
    )
    for calm in (approved, World()):
        await calm.people(["mod@party.example"])
        client = browser(calm.app())
        log_in(client, "mod@party.example")
        assert "Not yet approved." not in client.get(path).text
        status = client.get("/status").text
        assert ("Approved by The board." if calm is approved else "Nobody has approved these rules.") in status


async def test_observe_mode_is_said_in_red_on_every_page(world: World) -> None:
    """Also on the log-in."""
    watching = World(site=site(policy=PolicyTable(mode="observe")))
    await watching.people(["mod@party.example"])
    client = browser(watching.app())
    assert 'class="observe"' in client.get("/login").text
    log_in(client, "mod@party.example")
    assert 'class="observe"' in client.get("/").text
    assert 'class="observe"' not in browser(world.app()).get("/login").text


async def test_health_shows_counts_and_never_text(world: World, enter: Enter, case: Case) -> None:
    """Admins see how many wait where; a store in trouble is named."""
    client = enter("admin@party.example")
    page = client.get("/status").text
    assert "1 waiting" in page
    assert "Help with my rent" not in page
    world.trouble = "The store is full."
    assert "The store is full." in client.get("/status").text
    assert "The store is full." in enter().get("/").text


async def test_moderators_see_counts_of_their_own_queues(world: World, enter: Enter, case: Case) -> None:
    """Other queues' counts are not theirs."""
    assert "1 waiting" not in enter("intl@party.example").get("/status").text
    assert "1 waiting" in enter().get("/status").text


async def test_the_rules_are_open_to_everybody(world: World) -> None:
    """Notices link them, so nobody needs a log-in."""
    page = browser(world.app()).get("/rules")
    assert page.status_code == 200
    assert 'id="A-7.3"' in page.text
    assert "Nobody asks for money for themselves." in page.text


async def test_the_rules_are_read_aloud_to_everybody(world: World) -> None:
    """A letter about a change says that all rules stand here; what would show a way past them does not."""
    page = browser(world.app()).get("/rules").text
    assert "What the program looks at" in page
    assert "<li><p>" in page
    assert "% sure" not in page


async def test_unknown_pages_and_verbs(world: World, enter: Enter, case: Case) -> None:
    """404 and 403 as pages in plain words."""
    client = enter()
    assert client.get("/nothing").status_code == 404
    assert client.get("/cases/99999").status_code == 404
    assert post(client, f"/cases/{case.number}/delivered").status_code == 403
    assert client.post("/", data={}).status_code == 405


async def test_times_are_in_the_readers_zone(world: World, case: Case) -> None:
    """UTC for machines, the user's own zone for people."""
    await world.door.add_user("luz@party.example", frozenset({"moderator"}), PASSWORD, "Europe/Madrid")  # type: ignore[arg-type]
    client = browser(world.app())
    log_in(client, "luz@party.example")
    page = client.get(f"/cases/{case.number}").text
    assert 'datetime="2026-11-18T11:06:40Z"' in page
    assert "Wed 18 Nov, 12:06 CET" in page


@pytest.mark.parametrize(
    "path", ["/", "/login", "/rules", "/nothing", "/api/v1/cases", "/static/console.css", "/healthz"]
)
async def test_every_answer_carries_the_security_fields(world: World, path: str) -> None:
    """Also redirects, errors and the API."""
    fields = browser(world.app()).get(path).headers
    assert fields["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert fields["x-content-type-options"] == "nosniff"
    assert fields["referrer-policy"] == "no-referrer"
    assert fields["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in fields["content-security-policy"]


async def test_pages_have_no_script_and_no_inline_style(world: World, enter: Enter, case: Case) -> None:
    """Nothing needs JavaScript; the policy would stop it anyway."""
    client = enter()
    for path in ("/", f"/cases/{case.number}", "/bundle", "/decided", "/status", "/rules", "/find"):
        page = client.get(path).text
        assert "<script" not in page
        assert " style=" not in page
        assert not re.search(r"\son[a-z]+=", page)
        assert '<html lang="en">' in page
        assert 'class="skip"' in page
        assert page.count("<h1>") == 1


async def test_every_field_has_a_label(world: World, enter: Enter, case: Case) -> None:
    """Screen readers name each field; hidden ones need none."""
    await world.cases.hold(stranger(), Payload(BODY))
    client = enter()
    pages = [client.get(path).text for path in ("/", f"/cases/{case.number}", "/bundle")]
    pages.append(browser(world.app()).get("/login").text)
    for page in pages:
        fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", page)
        for field in (one for one in fields if 'type="hidden"' not in one):
            identity = re.search(r'\bid="([^"]+)"', field)
            assert identity, field
            assert f'<label for="{identity[1]}"' in page


async def test_a_case_says_who_wrote_it_and_how_sure_that_is(world: World, enter: Enter) -> None:
    """The reasons as sentences of their own, and nothing in them can be followed."""
    grounds = ("The address is proven by the signature of http://party.example.", "On the roster of this list.")
    case = await world.cases.hold(draft(basis="dkim-aligned", grounds=grounds), Payload(BODY))
    page = enter().get(f"/cases/{case.number}").text
    assert "Who wrote it, and how sure are we" in page
    assert "On the roster of this list." in page
    assert 'href="http://party.example' not in page
