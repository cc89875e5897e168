"""`listward check --store` sees what people vouched for, and leaves no trace in the store."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path as File

import pytest
from dns_server import DnsServer
from identity_world import signed
from messages import build
from redis_server import running_server
from vouching_world import ANA, MEMBERS, PATH, ROSTER, SENDER, SITE, ZONE

from listward.cli.main import main
from listward.config.load import load
from listward.filters.identity.standing import How
from listward.queue.store.connect import connect


@pytest.fixture
def folder(tmp_path: File) -> Iterator[File]:
    """A configuration whose store runs and has one vouch."""
    with running_server() as server, DnsServer(ZONE) as names:
        (tmp_path / "members.csv").write_text(ROSTER)
        hop = "smtp://127.0.0.1:9"
        text = SITE.format(dns=names.port, store=server.socket, folder=server.directory.parent, hop=hop)
        (tmp_path / "site.toml").write_text(text)
        (tmp_path / "message.eml").write_bytes(signed(build(from_=f"Ana <{ANA}>", to=MEMBERS), "small-host.test", "s1"))
        yield tmp_path


def of_store(folder: File, vouch: bool = False) -> int:
    """How many keys the store has, after a vouch where one is wanted."""

    async def work() -> int:
        site = load(folder).site
        store = connect(site)
        try:
            if vouch:
                now = store.accounts._clock.now()
                await store.accounts.vouch(MEMBERS, ANA, PATH, "mod@party.example", How.RELEASE, now)
            return int(await store.lanes.one("any", "DBSIZE"))
        finally:
            await store.close()

    return asyncio.run(work())


def origin(capsys: pytest.CaptureFixture[str], folder: File, *options: str) -> tuple[str, str]:
    """Kind of origin, and whole output, of `check`."""
    arguments = ("check", str(folder / "message.eml"), "--json", "--client-ip", "127.0.0.1", "--mail-from", SENDER)
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--config", str(folder), *options])
    assert not ended.value.code
    out = capsys.readouterr().out
    return str(json.loads(out)["origin"]["kind"]), out


def test_check_knows_vouches_with_the_store_alone(folder: File, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --store there are none; with it the vouch counts, is explained, and nothing is written."""
    assert origin(capsys, folder, "--store")[0] == "unproven"
    keys = of_store(folder, vouch=True)
    assert origin(capsys, folder)[0] == "unproven"
    kind, out = origin(capsys, folder, "--store")
    assert kind == "member"
    assert "A moderator vouched for this way of sending on" in out
    assert of_store(folder) == keys
