"""`listward account` on a real store: freeze, list, thaw; who may; what is written down and left to be told."""

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from desk_config import call, write_site
from redis_server import running_server

from listward.config.load import load
from listward.queue.audit.export import export
from listward.queue.desk.access.person import AccessRole
from listward.queue.desk.terminal import terminal_desk
from listward.queue.store.connect import Store, connect
from listward.queue.store.switches import Switches

pytestmark = pytest.mark.live
Said = tuple[int, str, str]
T = TypeVar("T")
ANA, HOME = "ana@party.example", "ana@home.example"
WHY = "She telephoned: the mailbox was broken into."
ROSTER = f"address,name,role,other_addresses\n{ANA},Ana Ruiz,member,{HOME}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A configuration on a store of its own, with Ana's two addresses in the roster."""
    with running_server() as server:
        made = write_site(tmp_path, server)
        (made / "members.csv").write_text(ROSTER)
        site = made / "site.toml"
        site.write_text(site.read_text() + 'roster = "members.csv"\n')
        yield made


@pytest.fixture
def account(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call `listward account ...` with this configuration."""
    return lambda *arguments: call(capsys, "account", *arguments, "--config", str(folder))


def ask(folder: Path, question: Callable[[Store], Awaitable[T]]) -> T:
    """Ask the store."""

    async def asking() -> T:
        store = connect(load(folder).site)
        try:
            return await question(store)
        finally:
            await store.close()

    return asyncio.run(asking())


def test_freeze_list_thaw(folder: Path, account: Callable[..., Said]) -> None:
    """All addresses of the person, by any of them; the list shows age, who and why."""
    code, out, err = account("freeze", ANA, "--reason", WHY)
    assert (code, err) == (0, "")
    assert out == f"frozen: {ANA}, {HOME}\n  The person is told by another address.\n"
    code, out, _ = account("list")
    assert out.startswith(f"{ANA}, {HOME}  just now  by terminal:{getpass.getuser()}\n") or HOME in out
    assert WHY in out
    code, out, _ = account("thaw", HOME, "--reason", "She has a new password.")
    assert (code, out.startswith("no longer frozen: ")) == (0, True)
    assert account("list")[1] == "No account is frozen.\n"


def test_it_is_written_down_and_left_to_be_told(folder: Path, account: Callable[..., Said]) -> None:
    """The list's audit log names who did it and why; the courier finds what to tell, without either."""
    account("freeze", ANA, "--reason", WHY)

    async def waiting(store: Store) -> list[tuple[str, tuple[str, ...]]]:
        switches = await Switches(store.redis, store.codec).waiting()
        return [(switch.address, switch.others) for switch in switches]

    async def written(store: Store) -> list[dict[str, object]]:
        return [json.loads(line) async for line in export(store.lanes, "board@party.example")]

    assert ask(folder, waiting) == [(ANA, (HOME,))]
    (entry,) = ask(folder, written)
    assert (entry["verb"], entry["addresses"]) == ("freeze", 2)
    assert entry["clear"] == {"by": f"terminal:{getpass.getuser()}", "author": ANA, "sentence": WHY}


def test_json_is_what_the_api_answers(account: Callable[..., Said]) -> None:
    """For scripts."""
    out = account("freeze", "eve@elsewhere.example", "--reason", WHY, "--json")[1]
    assert json.loads(out) == {
        "addresses": ["eve@elsewhere.example"],
        "on_the_way": [],
        "told_elsewhere": False,
        "all_rosters_read": True,
        "on_roster": False,
    }
    (found,) = json.loads(account("list", "--json")[1])
    assert (found["addresses"], found["reason"]) == (["eve@elsewhere.example"], WHY)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("freeze", ANA, "--reason", " "), 1, "Write one sentence"),
        (("freeze", "\x1b[2Jx", "--reason", WHY), 1, "not a mail address"),
        (("freeze", ANA), 2, "--reason"),
        (("thaw", ANA, "--reason", WHY), 1, "not frozen"),
        (("freeze", ANA, "--reason", WHY, "--as", "nobody@party.example"), 1, "no active user"),
    ],
)
def test_what_cannot_be_done_is_one_plain_line(
    account: Callable[..., Said], arguments: tuple[str, ...], code: int, says: str
) -> None:
    """No traceback, and nothing that steers a terminal."""
    found, out, err = account(*arguments)
    assert (found, out, says in err) == (code, "", True)
    assert "\x1b" not in err


def test_it_can_be_done_with_a_users_rights(folder: Path, account: Callable[..., Said]) -> None:
    """An auditor looks, and freezes nobody."""

    async def add() -> None:
        async with terminal_desk(load(folder)) as desk:
            await desk.door.add_user("auditor@party.example", frozenset({AccessRole.AUDITOR}), "correct horse battery")

    asyncio.run(add())
    user = ("--as", "auditor@party.example")
    assert account("freeze", ANA, "--reason", WHY, *user)[0] == 1
    assert account("list", *user)[0] == 0


def test_while_it_only_observes_the_command_says_so(folder: Path, account: Callable[..., Said]) -> None:
    """Nobody believes an account stopped whose mail passes."""
    site = folder / "site.toml"
    site.write_text(site.read_text() + '\n[policy]\nmode = "observe"\n')
    assert "only observes now" in account("freeze", ANA, "--reason", WHY)[1]
