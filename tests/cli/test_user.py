"""`listward user` and `listward token` on a real store."""

import asyncio
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_config import call, write_site
from redis_server import running_server

from listward.config.load import load
from listward.queue.desk.access.door import Entry, NoEntry
from listward.queue.desk.terminal import terminal_desk

pytestmark = pytest.mark.live
Said = tuple[int, str, str]
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A configuration on a store of its own."""
    with running_server() as server:
        yield write_site(tmp_path_factory.mktemp("cli"), server)


@pytest.fixture
def listward(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Call a command with this configuration; `typed` is what stands on stdin."""

    def called(*arguments: str, typed: str = "") -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return call(capsys, *arguments, "--config", str(folder))

    return called


def logs_in(folder: Path, address: str, password: str) -> bool:
    """Whether the pair opens a session."""

    async def trying() -> bool:
        async with terminal_desk(load(folder)) as desk:
            try:
                return bool(await desk.door.log_in(address, password, "test"))
            except NoEntry:
                return False

    return asyncio.run(trying())


def zone_of(folder: Path, address: str) -> str:
    """The time zone of a user."""

    async def looking() -> str:
        async with terminal_desk(load(folder)) as desk:
            user = await desk.access.user(address)
            return user.zone if user else ""

    return asyncio.run(looking())


def by_token(folder: Path, bearer: str) -> Entry | None:
    """Who comes in by a token."""

    async def trying() -> Entry | None:
        async with terminal_desk(load(folder)) as desk:
            return await desk.door.by_token(bearer)

    return asyncio.run(trying())


def test_a_user_reads_times_by_the_organisations_clock(folder: Path, listward: Callable[..., Said]) -> None:
    """Where no other zone is named."""
    site = folder / "site.toml"
    before = site.read_text()
    site.write_text(before.replace("[organisation]\n", '[organisation]\ntimezone = "Europe/Madrid"\n'))
    listward("user", "add", "pia@party.example", typed=f"{PASSWORD}\n")
    listward("user", "add", "leo@party.example", "--zone", "America/Bogota", typed=f"{PASSWORD}\n")
    site.write_text(before)
    assert (zone_of(folder, "pia@party.example"), zone_of(folder, "leo@party.example")) == (
        "Europe/Madrid",
        "America/Bogota",
    )


def test_a_user_is_added_listed_changed_and_disabled(folder: Path, listward: Callable[..., Said]) -> None:
    """The password comes by stdin and is printed nowhere."""
    code, out, err = listward("user", "add", "Luz@party.example", "--role", "moderator", typed=f"{PASSWORD}\n")
    assert (code, out, err) == (0, "added luz@party.example\n", "")
    assert "luz@party.example  moderator  active" in listward("user", "list")[1]
    assert logs_in(folder, "luz@party.example", PASSWORD)
    assert listward("user", "passwd", "luz@party.example", typed="another long password\n")[0] == 0
    assert not logs_in(folder, "luz@party.example", PASSWORD)
    assert logs_in(folder, "luz@party.example", "another long password")
    assert listward("user", "disable", "luz@party.example")[0] == 0
    assert not logs_in(folder, "luz@party.example", "another long password")
    assert "luz@party.example  moderator  disabled" in listward("user", "list")[1]


def test_a_made_password_works(folder: Path, listward: Callable[..., Said]) -> None:
    """It is printed once."""
    _, out, _ = listward("user", "add", "made@party.example", "--generate")
    assert logs_in(folder, "made@party.example", out.rpartition(" ")[2].strip())


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "words"),
    [
        (("user", "add", "nonsense"), PASSWORD, 2, "not a mail address"),
        (("user", "add", "a@b.example\x1b[2J"), PASSWORD, 2, "not a mail address"),
        (("user", "add", "short@party.example"), "short\n", 2, "10 to 1000 characters"),
        (("user", "add", "z@party.example", "--zone", "Moon/Base"), PASSWORD, 2, "not a time zone"),
        (("user", "add", "z@party.example", "--role", "king"), PASSWORD, 2, "king"),
        (("user", "disable", "nobody@party.example"), "", 1, "no user nobody@party.example"),
        (("user", "passwd", "nobody@party.example"), PASSWORD, 1, "no user"),
        (("token", "create", "nobody@party.example"), "", 1, "no user"),
        (("token", "revoke", "lw_none"), "", 1, "no such token"),
    ],
)
def test_refusals_are_one_plain_line(
    listward: Callable[..., Said], arguments: tuple[str, ...], typed: str, code: int, words: str
) -> None:
    """Exit 1 for a no, 2 for wrong use."""
    ended, out, err = listward(*arguments, typed=typed)
    assert ended == code
    assert out == ""
    assert words in err
    assert "\x1b" not in err
    assert "Traceback" not in err


def test_a_user_is_not_added_twice(listward: Callable[..., Said]) -> None:
    """The first one stays as it is."""
    assert listward("user", "add", "twice@party.example", typed=f"{PASSWORD}\n")[0] == 0
    code, _, err = listward("user", "add", "TWICE@party.example", typed=f"{PASSWORD}\n")
    assert code == 1
    assert "is a user already" in err


def test_tokens_are_made_listed_and_revoked(folder: Path, listward: Callable[..., Said]) -> None:
    """The secret is printed once and stands in no list."""
    listward("user", "add", "bot@party.example", "--generate")
    _, out, _ = listward("token", "create", "bot@party.example", "--scope", "check", "--label", "chat", "--days", "7")
    bearer = out.strip()
    entry = by_token(folder, bearer)
    assert entry is not None
    assert entry.scopes == {"check"}
    shown = listward("token", "list")[1]
    assert "bot@party.example  check" in shown
    assert bearer.partition(".")[2] not in shown
    assert listward("token", "revoke", bearer)[0] == 0
    assert by_token(folder, bearer) is None
