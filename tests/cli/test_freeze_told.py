"""From the switch to the person's other mailbox: desk, store, courier and next hop, all of them real."""

import asyncio
from io import StringIO
from pathlib import Path

import pytest
from desk_world import policy
from memory_cases import draft
from messages import build
from redis_server import running_server, site_for
from sink import sink

from listward.cli.courier_role import serve_courier
from listward.config.find import DEFAULTS
from listward.config.load import Configuration
from listward.config.site import MailingList, Notices, Site
from listward.config.templates import TemplateSource
from listward.filters.identity.habits import HIJACK
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.standing import Post
from listward.queue.cases.case import Reason
from listward.queue.cases.commands import Command, Verb
from listward.queue.desk.access.person import operator
from listward.queue.desk.freezing import freezing_at
from listward.queue.store.connect import Store, connect
from listward.runtime.clock import SystemClock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.payload import Payload

pytestmark = pytest.mark.live
ANA, HOME = "ana@party.example", "ana@home.example"
LIST = "board@party.example"


def make_site(folder: Path, server: object, hop: str) -> Site:
    """One list whose roster knows two addresses of Ana's."""
    (folder / "members.csv").write_text(f"address,name,role,other_addresses\n{ANA},Ana Ruiz,member,{HOME}\n")
    lists = (MailingList(address=LIST, zone="members", next_hop=hop, roster=str(folder / "members.csv")),)
    notices = Notices(**{"next_hop": hop, "from": "listward@party.example"})
    return site_for(server, notices=notices, list=lists)  # type: ignore[arg-type]  # an embedded server


async def courier(site: Site, until: object) -> None:
    """Run a courier until something has happened."""
    stop = asyncio.Event()
    configuration = Configuration(site, policy(), Path(), TemplateSource((DEFAULTS / "templates",)))
    serving = asyncio.create_task(serve_courier(configuration, Metrics(), MailLog(b"k", StringIO()), stop))
    try:
        await until  # type: ignore[misc]  # a coroutine
    finally:
        stop.set()
        await asyncio.wait_for(serving, 15)


async def release(store: Store, number: str) -> None:
    """Let it go at once."""
    now = SystemClock().now()
    await store.cases.apply(number, 1, Command(Verb.RELEASE, "mod@party.example", now, "moderators"))


async def learnt(store: Store) -> None:
    """Wait until a post counts, at most ten seconds."""
    end = SystemClock().monotonic() + 10
    while not (await store.accounts.of(ANA, ())).habits.posts:
        assert SystemClock().monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


async def test_a_freeze_is_told_to_the_other_mailbox_alone(tmp_path: Path) -> None:
    """And its end."""
    with running_server() as server:
        async with sink() as hop:
            site = make_site(tmp_path, server, hop.url)
            store = connect(site)
            freezing = freezing_at(store, site, SystemClock(), SiteRosters(site))
            await freezing.freeze(operator("root"), ANA, "Her mailbox was broken into.")
            await courier(site, hop.wait_for(1))
            await freezing.thaw(operator("root"), ANA, "She has a new password.")
            await courier(site, hop.wait_for(2))
            assert [list(message.recipients) for message in hop.messages] == [[HOME], [HOME]]
            assert await store.accounts.frozen() == ()
            await store.close()


async def test_a_held_sign_is_told_there_and_its_release_teaches(tmp_path: Path) -> None:
    """Notice to the other mailbox, delivery to the list, and the way is known."""
    with running_server() as server:
        async with sink() as hop:
            site = make_site(tmp_path, server, hop.url)
            store = connect(site)
            reasons = (Reason(HIJACK, "hijack", "", "It came in another way."),)
            made = draft(list=LIST, next_hop=hop.url, reasons=reasons, post=Post(("way",), ("payee",), "de"))
            case = await store.cases.hold(made, Payload(build()))
            await courier(site, hop.wait_for(1))
            assert list(hop.messages[0].recipients) == [HOME]
            assert (await store.accounts.of(ANA, ())).habits.posts == 0
            await release(store, case.number)
            await courier(site, learnt(store))
            assert list(hop.messages[1].recipients) == [LIST]
            habits = (await store.accounts.of(ANA, ())).habits
            assert (habits.posts, habits.paths, habits.payees) == (1, {"way"}, {"payee"})
            assert habits.languages == {"de"}
            await store.close()
