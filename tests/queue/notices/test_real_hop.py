"""Notices on a real store and a real next hop."""

from io import StringIO
from pathlib import Path

import pytest
from desk_world import policy
from memory_cases import draft
from messages import build
from redis_server import running_server, site_for
from sink import sink

from listward.config.find import DEFAULTS
from listward.config.load import Configuration
from listward.config.site import Limits
from listward.config.site import Notices as NoticesTable
from listward.config.templates import TemplateSource
from listward.queue.notices.ledger import Later, NoticeLedger
from listward.queue.notices.notices import Notices
from listward.queue.store.connect import connect
from listward.runtime.clock import SystemClock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.payload import Payload
from listward.wire.pool import Pool

pytestmark = pytest.mark.live


async def test_a_hold_becomes_a_mail_and_the_rest_waits_for_the_summary() -> None:
    """One notice leaves by the next hop; the second of the day is kept in Redis until tomorrow."""
    with running_server() as server:
        async with sink() as hop:
            notices = NoticesTable(**{"next_hop": hop.url, "from": "listward@party.example"})
            site = site_for(server, notices=notices, limits=Limits(notices_per_author_and_day=1))
            templates = TemplateSource((DEFAULTS / "templates",))
            configuration = Configuration(site, policy(), Path(), templates)
            store = connect(site)
            pool = Pool("mail.party.example")
            ledger, log = NoticeLedger(store.redis, store.codec.lasting_name), MailLog(b"k", StringIO())
            notices = Notices(configuration, pool, store.cases, ledger, SystemClock(), Metrics(), log)
            handlers = notices.handlers()
            for key in ("one", "two"):
                await store.cases.hold(draft(ledger_key=key), Payload(build()))
            async for event in store.cases.events("board@party.example"):
                await handlers[event.verb](event, await store.cases.get(event.number))
            await hop.wait_for(1)
            assert [message.recipients for message in hop.messages] == [("ana@party.example",)]
            assert b"Auto-Submitted: auto-replied" in hop.messages[0].data
            (waiting,) = await ledger.due(9e9)
            assert isinstance(waiting, Later)
            assert waiting.kind == "held"
            assert await ledger.due(0) == ()
            assert await ledger.lease(5)
            assert not await ledger.lease(5)
            await ledger.release()
            await ledger.settle((waiting,))
            assert await ledger.due(9e9) == ()
            await pool.close()
            await store.close()
