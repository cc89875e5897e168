"""The desk on a real store: sessions, rulings, reads, and the process that serves it."""

import asyncio
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import httpx2
import pytest
from desk_world import CHEAP, PASSWORD, TurnedClock, form_token, log_in, policy
from memory_cases import draft
from messages import build
from redis_server import running_server, site_for

from listward.config.load import Configuration
from listward.config.site import Site
from listward.config.templates import TemplateSource
from listward.filters.learner import SpamModel
from listward.queue.cases.case import CaseState
from listward.queue.cases.commands import Verb
from listward.queue.desk.access.door import Door
from listward.queue.desk.access.passwords import Passwords
from listward.queue.desk.access.person import AccessRole, person_for
from listward.queue.desk.access.redis_store import RedisAccess
from listward.queue.desk.process import readiness, run_console
from listward.queue.desk.reads import TrailReads
from listward.queue.desk.rulings import Rulings
from listward.queue.store.connect import connect
from listward.queue.store.embedded import EmbeddedServer
from listward.queue.store.ports import Conflict
from listward.runtime.clock import SystemClock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.payload import Payload

pytestmark = pytest.mark.live
MODERATOR = frozenset({AccessRole.MODERATOR})


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """One store for all tests of this file."""
    with running_server() as running:
        yield running


@pytest.fixture
def real_site(server: EmbeddedServer) -> Site:
    """A site on it."""
    return site_for(server)


async def test_log_in_tokens_and_limits_work_on_redis(real_site: Site) -> None:
    """The same as in memory: sessions end, tries lapse, tokens are revoked."""
    store = connect(real_site)
    access = RedisAccess(store.redis)
    door = Door(access, real_site, SystemClock(), Passwords(CHEAP))
    await door.add_user("mod@party.example", MODERATOR, PASSWORD, "Europe/Madrid")
    secret = await door.log_in("mod@party.example", PASSWORD, "192.0.2.1")
    entry = await door.by_session(secret)
    assert entry is not None
    assert entry.person.zone == "Europe/Madrid"
    bearer = await door.issue_token("mod@party.example", "bot", frozenset({"check"}))
    assert await door.by_token(bearer)
    assert [token.label for token in await access.tokens()] == ["bot"]
    assert [user.address for user in await access.users()] == ["mod@party.example"]
    assert await access.count_try("x", 60) == 1
    assert await access.count_try("x", 60) == 2
    await access.uncount_try("x")
    assert 0 < await store.redis.ttl("listward:{access}:tries:x") <= 60
    await door.log_out(secret)
    assert await door.by_session(secret) is None
    await store.close()


async def test_rulings_race_on_redis_and_reads_are_chained(real_site: Site) -> None:
    """One of two rulings wins, the other learns who; a read becomes an audit entry."""
    store = connect(real_site)
    case = await store.cases.hold(draft(ledger_key="race"), Payload(b"Subject: x\r\n\r\nHello\r\n"))
    rulings = Rulings(store.cases, real_site, policy(), SystemClock())
    people = [person_for(real_site, f"mod{number}@party.example", MODERATOR) for number in range(8)]
    outcomes = await asyncio.gather(
        *(rulings.rule(person, case.number, Verb.RELEASE, case.version) for person in people), return_exceptions=True
    )
    conflicts = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert len(conflicts) == len(people) - 1
    assert {conflict.decided_by for conflict in conflicts} <= {person.address for person in people}
    assert (await store.cases.get(case.number)).state is CaseState.RELEASED
    await TrailReads(store.trail).note(case.draft.list, case.number, "mod1@party.example", "opened", 1.0)
    await store.close()


async def test_readiness_names_what_is_wrong(real_site: Site) -> None:
    """ "" while holds are kept; else one sentence."""
    store = connect(real_site)
    ready = readiness(store)
    assert await ready() == ""
    await store.redis.config_set("appendfsync", "everysec")
    try:
        problem = await ready()
        assert problem[:1].isupper()
        assert problem.endswith(".")
    finally:
        await store.redis.config_set("appendfsync", "always")
        await store.close()


def get(url: str) -> tuple[int, str]:
    """Status and text of one page."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


async def test_the_process_serves_on_an_inherited_socket_until_it_is_stopped(real_site: Site) -> None:
    """Pages and API answer; stopping ends it in order and says no word of a traceback."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    configuration = Configuration(real_site, policy(), Path(), TemplateSource(()))
    stop, log = asyncio.Event(), StringIO()
    mail_log = MailLog(b"k", log, TurnedClock())
    serving = asyncio.create_task(run_console(configuration, Metrics(), mail_log, listener, stop, SpamModel()))
    for path, expected in (("/login", 200), ("/readyz", 200), ("/api/v1/cases", 401), ("/static/console.css", 200)):
        status, _ = await asyncio.to_thread(get, url + path)
        assert status == expected
    stop.set()
    await asyncio.wait_for(serving, 15)
    assert '"event":"serving"' in log.getvalue()


async def test_a_console_without_a_store_says_so_and_stays(tmp_path: Path) -> None:
    """No store, no log-in, but a page that says what to do; not a dead process."""
    with running_server() as absent:
        lost = site_for(absent)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    lost = lost.model_copy(update={"store": lost.store.model_copy(update={"path": tmp_path})})
    configuration = Configuration(lost, policy(), Path(), TemplateSource(()))
    stop = asyncio.Event()
    serving = asyncio.create_task(
        run_console(configuration, Metrics(), MailLog(b"k", StringIO()), listener, stop, SpamModel())
    )
    assert (await asyncio.to_thread(get, url + "/healthz"))[0] == 200
    assert (await asyncio.to_thread(get, url + "/readyz"))[0] == 503
    status, text = await asyncio.to_thread(get, url + "/login")
    assert status == 200
    assert "Log in" in text
    stop.set()
    await asyncio.wait_for(serving, 15)


async def test_a_walk_over_http_on_a_real_store(real_site: Site) -> None:
    """Log in, list, open, release, undo, decided and search; and a check with a token."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    store = connect(real_site)
    door = Door(RedisAccess(store.redis), real_site, SystemClock(), Passwords(CHEAP))
    await door.add_user("walker@party.example", MODERATOR, PASSWORD)
    bearer = await door.issue_token("walker@party.example", "bot", frozenset({"check"}))
    case = await store.cases.hold(draft(ledger_key="walk"), Payload(build(text="Dear all, please send money to me.\n")))
    configuration = Configuration(real_site, policy(), Path(), TemplateSource(()))
    stop = asyncio.Event()
    log = MailLog(b"k", StringIO())
    serving = asyncio.create_task(run_console(configuration, Metrics(), log, listener, stop, SpamModel()))
    await asyncio.to_thread(walk, url, case.number)
    await asyncio.to_thread(check_with, url, bearer)
    assert (await store.cases.get(case.number)).state is CaseState.HELD
    stop.set()
    await asyncio.wait_for(serving, 15)
    await store.close()


def walk(url: str, number: str) -> None:
    """A person's way through the pages."""
    with httpx2.Client(base_url=url, follow_redirects=True, timeout=20) as client:
        assert "Waiting for you" in log_in(client, "walker@party.example").text
        assert "Help with my rent" in client.get("/").text
        assert "<mark>please send money</mark>" in client.get(f"/cases/{number}").text
        token = form_token(client.get("/").text)
        released = client.post(f"/cases/{number}/release", data={"csrf": token, "version": "1"})
        assert "It leaves for the list in" in released.text
        assert "walker@party.example released it" in client.get("/decided").text
        assert "Help with my rent" in client.get("/find", params={"q": "rent"}).text
        back = client.post(f"/cases/{number}/undo", data={"csrf": token, "version": "2"})
        assert "Waiting" in back.text
        assert client.get("/status").status_code == 200
        assert client.get("/bundle").status_code == 200


def check_with(url: str, bearer: str) -> None:
    """A program asks the real judge."""
    fields = {"Authorization": f"Bearer {bearer}", "Content-Type": "text/plain"}
    answer = httpx2.post(f"{url}/api/v1/check", headers=fields, content="Hello everybody", timeout=20)
    assert answer.status_code == 200
    assert answer.json()["recipients"][0]["address"] == "board@party.example"
    assert answer.json()["origin"]["kind"] == "member"
