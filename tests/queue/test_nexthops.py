"""The pool as the configuration wants it, and what it tells metrics and mail log."""

import asyncio
import json
import ssl
from io import StringIO
from pathlib import Path

import pytest
import trustme
from delivering import DATA, letter
from scripted_hop import Delay, Drop, ScriptedHop

from listward.config.site import Site
from listward.queue.nexthops import make_pool
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.capabilities import Capabilities
from listward.wire.hop import Hop
from listward.wire.payload import Payload


def site(directory: Path, **table: object) -> Site:
    """A configuration with these keys of [next_hops]."""
    lists = [{"address": "a@lists.party.example", "zone": "public", "next_hop": "smtp://127.0.0.1:1"}]
    organisation = {"name": "Party", "domains": ["party.example"]}
    values = {"organisation": organisation, "gateway": {}, "list": lists, "next_hops": table}
    return Site.model_validate({**values, "directory": directory})


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """One metric's value."""
    return metrics.registry.get_sample_value(f"listward_{name}", labels)


async def test_a_change_is_shown_and_told(tmp_path: Path) -> None:
    """The gauge by server, one line in the mail log a change, and never the server's words."""
    metrics, stream = Metrics(), StringIO()
    async with ScriptedHop() as hop:
        pool = make_pool(site(tmp_path, first_pause_s=60), metrics, MailLog(b"key", stream))
        hop.on("CONNECT", Drop(), times=1)
        for delivered in (False, True):
            outcome = await pool.deliver(hop.hop, letter(), Payload(DATA), 5)
            assert outcome["b@y.test"].delivered is delivered
            assert value(metrics, "next_hop_up", hop=hop.hop.name) == delivered
        await pool.close()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["event"], line["hop"], line["reason"]) for line in lines] == [
        ("next-hop-aside", hop.hop.name, "451 4.4.2 The connection to the next mail server broke"),
        ("next-hop-back", hop.hop.name, "answers"),
    ]


async def test_a_certificate_that_does_not_fit_is_told_at_the_first_look(tmp_path: Path) -> None:
    """Whoever has set the wrong authority reads that, and not that the server does not answer."""
    stream = StringIO()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(server)
    async with ScriptedHop(tls=server) as hop:
        pool = make_pool(site(tmp_path, first_pause_s=60), Metrics(), MailLog(b"key", stream))
        await pool.probe(Hop("smtp", "localhost", hop.port, tls="must"))
        await pool.close()
    reason = json.loads(stream.getvalue().splitlines()[0])["reason"]
    assert reason == "451 4.7.4 The certificate of the next mail server cannot be verified"


async def test_bounds_of_the_configuration_hold(tmp_path: Path) -> None:
    """max_connections holds, and whoever waits for it is counted."""
    metrics = Metrics()
    learnt: list[tuple[Hop, bool]] = []

    def note(hop: Hop, offers: Capabilities) -> None:
        learnt.append((hop, offers.offers("PIPELINING")))

    async with ScriptedHop() as hop:
        pool = make_pool(site(tmp_path, max_connections=1), metrics, MailLog(b"key", StringIO()), note)
        hop.on("DOT", Delay(0.02))
        await asyncio.gather(*(pool.deliver(hop.hop, letter(), Payload(DATA), 5) for _ in range(3)))
        await pool.close()
    assert (hop.most_open, len(hop.messages)) == (1, 3)
    assert value(metrics, "limits_hit_total", limit="next_hop_connections") == 2
    assert learnt == [(hop.hop, True)]


async def test_authorities_come_from_the_file(tmp_path: Path) -> None:
    """ca_file counts from the configuration's folder; a file that is none is an error at once."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with ScriptedHop("lmtp", tls=server, wrapped=True) as hop:
        pool = make_pool(site(tmp_path, ca_file="ca.pem"), Metrics(), MailLog(b"key", StringIO()))
        assert (await pool.deliver(hop.hop, letter(), Payload(DATA), 5))["b@y.test"].delivered
        await pool.close()
    (tmp_path / "none.pem").write_text("nothing")
    with pytest.raises(ssl.SSLError):
        make_pool(site(tmp_path, ca_file="none.pem"), Metrics(), MailLog(b"key", StringIO()))
