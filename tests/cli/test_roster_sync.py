"""`listward roster sync`: plain results, and exit codes that a program can go by."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_config import SITE, call
from fake_mailman import PASSWORD, Answer, FakeMailman, serving
from redis_server import running_server

from listward.cli.main import main
from listward.cli.roster_sync import sentence
from listward.config.site import MailingList
from listward.queue.courier.mailman.trouble import Kind
from listward.queue.courier.roster_sync import Outcome, Result
from listward.queue.store.embedded import EmbeddedServer

Said = tuple[int, str, str]
MORE = """roster = "mailman://127.0.0.1:{port}"

[mailman]
user = "rest"
password_file = "rest"

[[list]]
address = "plain@party.example"
zone = "public"
next_hop = "smtp://127.0.0.1:2527"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """One store."""
    with running_server() as running:
        yield running


@pytest.fixture
def mailman() -> FakeMailman:
    """A Mailman with a board of forty."""
    fake = FakeMailman()
    for number in range(40):
        fake.add(f"p{number}@m.example", display_name=f"Person {number}")
    return fake


@pytest.fixture
def folder(server: EmbeddedServer, mailman: FakeMailman, tmp_path: Path) -> Iterator[Path]:
    """A configuration with that Mailman."""
    with serving(mailman) as port:
        text = SITE.format(socket=server.socket, path=server.directory.parent) + MORE.format(port=port)
        (tmp_path / "site.toml").write_text(text, encoding="utf-8")
        (tmp_path / "rest").write_text(PASSWORD, encoding="utf-8")
        yield tmp_path


@pytest.fixture
def sync(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call `listward roster sync ...` with this configuration."""
    return lambda *arguments: call(capsys, "roster", "sync", *arguments, "--config", str(folder))


def test_what_came_is_said(
    sync: Callable[..., Said], mailman: FakeMailman, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """How many people, how many new and gone; then the roster is there for `roster show`."""
    assert sync() == (0, "board: 40 people, 40 new, 0 gone\n", "")
    mailman.remove("p0@m.example")
    mailman.add("new@m.example")
    assert sync("BOARD@party.example") == (0, "board: 40 people, 1 new, 1 gone\n", "")
    code, out, _ = call(capsys, "roster", "show", "--address", "p7@m.example", "--config", str(folder))
    assert (code, "Person 7" in out) == (0, True)


def test_a_loss_waits_for_a_person(sync: Callable[..., Said], mailman: FakeMailman) -> None:
    """It is named, with what to do; accepted, it counts."""
    sync()
    mailman.rosters["member"] = mailman.rosters["member"][:10]
    code, out, err = sync()
    assert (code, out) == (1, "")
    assert "only 10 people now" in err
    assert "--accept" in err
    code, out, err = sync("--accept")
    assert (code, err) == (0, "")
    assert out.startswith("board: 10 people, 0 new, 3")


def test_a_mailman_that_cannot_be_read(sync: Callable[..., Said], mailman: FakeMailman, folder: Path) -> None:
    """Exit code 3, what is wrong, and that the last good copy stays; never the password."""
    mailman.mischief = lambda path: Answer(500)
    code, out, err = sync()
    assert (code, out) == (3, "")
    assert "it has a fault of its own; its log says which. The last good copy stays in use." in err
    (folder / "rest").write_text("wrong-word", encoding="utf-8")
    code, _, err = sync()
    assert (code, "user or password is wrong" in err, "wrong-word" in err) == (3, True, False)


def test_a_store_that_is_away(folder: Path, sync: Callable[..., Said]) -> None:
    """Exit code 3 as well."""
    site = folder / "site.toml"
    lines = (
        f'url = "unix://{folder}/none"' if line.startswith("url =") else line for line in site.read_text().split("\n")
    )
    site.write_text("\n".join(lines), encoding="utf-8")
    code, _, err = sync()
    assert (code, "nothing was changed" in err) == (3, True)


@pytest.mark.parametrize("name", ["plain", "nobody"])
def test_other_lists_cannot_be_read_from_mailman(sync: Callable[..., Said], name: str) -> None:
    """Wrong use is said as such."""
    code, _, err = sync(name)
    assert (code, name in err) == (2, True)


@pytest.mark.parametrize("kind", Kind)
def test_every_trouble_is_a_sentence(kind: Kind) -> None:
    """With the address of the Mailman, and at most twenty words."""
    mailing_list = MailingList(address="a@b.example", zone="public", next_hop="smtp://h:1", roster="mailman://h:1")
    said = sentence(mailing_list, Outcome(Result.FAILED, trouble=kind))
    assert "mailman://h:1" in said
    assert all(len(part.split()) <= 20 for part in said.split(". "))


def test_bans_that_were_not_understood_are_counted() -> None:
    """Nobody should believe that they hold here."""
    mailing_list = MailingList(address="a@b.example", zone="public", next_hop="smtp://h:1")
    said = sentence(mailing_list, Outcome(Result.FRESH, 3, 2, 1, unread_bans=4))
    assert said == "3 people, 2 new, 1 gone; 4 bans could not be understood"


def test_help_names_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside `show`."""
    with pytest.raises(SystemExit):
        main(["roster", "--help"])
    assert "sync" in capsys.readouterr().out
