"""`listward vouch` and `listward queue release --vouch` on a real store."""

import asyncio
import getpass
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from answering_world import ANA, BOARD, SIGNED, unproven, unproven_body
from desk_config import call, write_site
from redis_server import running_server

from listward.config.load import load
from listward.filters.identity.standing import How
from listward.queue.cases.case import Answer, Case
from listward.queue.cases.case import Said as Answered
from listward.queue.cases.commands import Command, Verb
from listward.queue.desk.access.person import AccessRole
from listward.queue.desk.terminal import terminal_desk
from listward.queue.store.connect import connect
from listward.wire.payload import Payload

pytestmark = pytest.mark.live
Said = tuple[int, str, str]
ROSTER = f"address,name,role\n{ANA},Ana Ruiz,member\nola@home.example,Ola Berg,officer\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A configuration with a roster, on a store of its own."""
    with running_server() as server:
        made = write_site(tmp_path_factory.mktemp("vouch"), server)
        (made / "board.csv").write_text(ROSTER)
        with (made / "site.toml").open("a") as site:
            site.write('roster = "board.csv"\n')
        yield made


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call `listward ...` with this configuration."""
    return lambda *arguments: call(capsys, *arguments, "--config", str(folder))


def hold(folder: Path, key: str, author: str = ANA) -> Case:
    """Hold a message that nothing proves."""

    async def holding() -> Case:
        async with terminal_desk(load(folder)) as desk:
            return await desk.cases.hold(unproven(ledger_key=key, author=author), Payload(unproven_body()))

    return asyncio.run(holding())


def user(folder: Path, address: str, *roles: AccessRole) -> None:
    """Make a user."""

    async def making() -> None:
        async with terminal_desk(load(folder)) as desk:
            await desk.door.add_user(address, frozenset(roles), "correct horse battery")

    asyncio.run(making())


def vouch(folder: Path, author: str) -> str:
    """Vouch for somebody's way."""

    async def vouching() -> str:
        store = connect(load(folder).site)
        try:
            at = store.accounts._clock.now()
            path = SIGNED.__class__(SIGNED.method, f"{author.partition('@')[0]}.example", "s1")
            return await store.accounts.vouch(BOARD, author, path, "mod@party.example", How.RELEASE, at)
        finally:
            await store.close()

    return asyncio.run(vouching())


def test_release_vouches_list_shows_revoke_ends(folder: Path, run: Callable[..., Said]) -> None:
    """From a terminal as on the pages, named after the terminal's user."""
    case = hold(folder, "walk")
    code, out, err = run("queue", "release", case.number, "--vouch")
    assert (code, err) == (0, "")
    assert out.endswith("This sender's mail goes straight through from now on.\n")
    (one,) = json.loads(run("vouch", "list", "--json")[1])
    assert (one["author"], one["by"], one["how"]) == (ANA, f"terminal:{getpass.getuser()}", "release")
    assert one["path"] == {"method": "dkim", "domain": "small-host.example", "selector": "s1"}
    code, out, _ = run("vouch", "list")
    assert "mail that small-host.example signs" in out
    code, out, _ = run("vouch", "revoke", one["id"])
    assert (code, out[:9]) == (0, "revoked: ")
    code, out, err = run("vouch", "revoke", one["id"])
    assert (code, out) == (1, "")
    assert "There is no such way of sending." in err


def test_undo_takes_the_vouch_back(folder: Path, run: Callable[..., Said]) -> None:
    """Both were one act."""
    case = hold(folder, "undone")
    said = json.loads(run("queue", "release", case.number, "--vouch", "--json")[1])
    assert (said["state"], said["vouched"]) == ("released", True)
    assert run("queue", "undo", case.number)[0] == 0
    assert run("vouch", "list")[1] == "Nobody vouched for any.\n"


def test_an_officers_mail_is_released_alone(folder: Path, run: Callable[..., Said]) -> None:
    """One plain line says why not."""
    case = hold(folder, "officer", "ola@home.example")
    code, out, err = run("queue", "release", case.number, "--vouch")
    assert (code, out) == (1, "")
    assert "Nobody can vouch for the way this message took. Release it alone." in err
    assert run("queue", "release", case.number)[0] == 0


def test_only_the_lists_moderators(folder: Path, run: Callable[..., Said]) -> None:
    """`--as` acts with that user's rights alone."""
    user(folder, "mod@party.example", AccessRole.MODERATOR)
    user(folder, "admin@party.example", AccessRole.ADMIN)
    made = vouch(folder, "sol@home.example")
    for arguments in (("list",), ("revoke", made)):
        code, out, err = run("vouch", *arguments, "--as", "admin@party.example")
        assert (code, out) == (1, "")
        assert "Only the moderators of a list" in err
    assert "sol@home.example" in run("vouch", "list", "--as", "mod@party.example")[1]
    assert json.loads(run("vouch", "revoke", made, "--as", "mod@party.example", "--json")[1])["id"] == made


def test_a_case_shows_what_its_author_answered(folder: Path, run: Callable[..., Said]) -> None:
    """In one line of words, and for programs."""
    case = hold(folder, "answered")

    async def deny() -> None:
        async with terminal_desk(load(folder)) as desk:
            answer = Answer(Answered.NOT_HERS, desk.clock.now())
            await desk.cases.apply(case.number, 1, Command(Verb.DENY, ANA, desk.clock.now(), answer=answer))

    asyncio.run(deny())
    assert "the person with this address says: this is not from me" in run("queue", "show", case.number)[1]
    assert json.loads(run("queue", "show", case.number, "--json")[1])["answer"] == "not-hers"
