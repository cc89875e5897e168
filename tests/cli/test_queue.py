"""`listward queue` on a real store."""

import asyncio
import getpass
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_config import call, write_site
from memory_cases import draft, stranger
from messages import build
from redis_server import running_server

from listward.config.load import load
from listward.queue.cases.case import Case, CaseDraft, Reason
from listward.queue.desk.terminal import terminal_desk
from listward.wire.payload import Payload

pytestmark = pytest.mark.live
Said = tuple[int, str, str]
HOSTILE = "\x1b[2J\x1b]0;owned\x07 rent \u202egnp.exe"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A configuration on a store of its own."""
    with running_server() as server:
        yield write_site(tmp_path_factory.mktemp("cli"), server)


@pytest.fixture
def queue(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call `listward queue ...` with this configuration."""
    return lambda *arguments: call(capsys, "queue", *arguments, "--config", str(folder))


def hold(folder: Path, key: str, made: CaseDraft | None = None, text: str = "Please send money.\n") -> Case:
    """Hold one message; `key` keeps it apart from others."""

    async def holding() -> Case:
        async with terminal_desk(load(folder)) as desk:
            changed = {"ledger_key": key}
            return await desk.cases.hold(draft(**changed) if made is None else made, Payload(build(text=text)))

    return asyncio.run(holding())


def test_the_operator_decides_and_is_named(folder: Path, queue: Callable[..., Said]) -> None:
    """Release, undo, claim, unclaim, reject: each says what the case is now; the ruling names the terminal's user."""
    case = hold(folder, "walk")
    for verb, state in (("release", "released"), ("undo", "held"), ("claim", "claimed"), ("unclaim", "held")):
        code, out, err = queue(verb, case.number)
        assert (code, err) == (0, "")
        assert out.startswith(f"{case.number}  {state}  ")
    code, out, _ = queue("reject", case.number, "--clause", "7.3", "--reason", "Please leave it out.", "--json")
    assert code == 0
    ruled = json.loads(out)
    assert ruled["state"] == "rejected"
    assert ruled["ruling"]["by"] == f"terminal:{getpass.getuser()}"
    assert ruled["ruling"]["clause"] == "7.3"


def test_list_shows_open_cases(folder: Path, queue: Callable[..., Said]) -> None:
    """One a line; states and lists narrow it; JSON is the API's."""
    case = hold(folder, "list")
    assert case.number in queue("list")[1]
    assert case.number not in queue("list", "--state", "rejected")[1]
    assert case.number not in queue("list", "--list", "other@party.example")[1]
    numbers = [entry["number"] for entry in json.loads(queue("list", "--json", "--limit", "500")[1])]
    assert case.number in numbers
    code, _, err = queue("list", "--state", "nonsense")
    assert code == 2
    assert "allowed" in err


def test_show_prints_the_case_with_its_text(folder: Path, queue: Callable[..., Said]) -> None:
    """Why it was held, and what it says."""
    case = hold(folder, "show")
    code, out, _ = queue("show", case.number)
    assert code == 0
    assert "why: It asks for money." in out
    assert "Please send money." in out
    assert json.loads(queue("show", case.number, "--json")[1])["text"].startswith("Please send money.")


def test_show_says_each_reason_once_with_its_words(folder: Path, queue: Callable[..., Said]) -> None:
    """Six finds of one rule are one reason with six quotations."""
    reasons = tuple(
        Reason("solicitation", "solicitation", "7.3", "It asks for money.", "text", n, n + 5, f"words\n number {n}")
        for n in range(6)
    )
    case = hold(folder, "", draft(ledger_key="quotes", reasons=reasons))
    out = queue("show", case.number)[1]
    assert out.count("why: ") == 1
    assert "why: It asks for money. [7.3]\n" in out
    assert all(f'    "words number {n}"\n' in out for n in range(6))


def test_show_says_who_wrote_it_and_how_sure_that_is(folder: Path, queue: Callable[..., Said]) -> None:
    """Each reason of the origin on a line of its own."""
    case = hold(folder, "", draft(ledger_key="grounds", grounds=("It is proven.", "On the roster of this list.")))
    assert "who: It is proven.\nwho: On the roster of this list.\n" in queue("show", case.number)[1]


def test_list_has_a_header_and_a_line_for_nothing(folder: Path, queue: Callable[..., Said]) -> None:
    """Whoever sees it first knows what stands in which place; an empty list says so; JSON has neither."""
    hold(folder, "header")
    assert queue("list")[1].splitlines()[0] == "CASE  STATE  WAITING SINCE  LIST  AUTHOR  SUBJECT"
    assert queue("list", "--queue", "international")[1] == "Nothing waits.\n"
    assert queue("list", "--state", "expired")[1] == "No such cases.\n"
    assert json.loads(queue("list", "--queue", "international", "--json")[1]) == []


def test_an_unknown_queue_is_wrong_use(queue: Callable[..., Said]) -> None:
    """An empty answer would hide the slip; those that exist are named."""
    code, out, err = queue("list", "--queue", "moderatosr")
    assert (code, out) == (2, "")
    assert "'moderatosr'" in err
    assert "moderators, international" in err


def test_nothing_of_a_message_steers_the_terminal(folder: Path, queue: Callable[..., Said]) -> None:
    """No escape, no bidi control, no line break from a subject, an author or a text."""
    made = stranger(subject=HOSTILE + "\r\n99999  released", author_name=HOSTILE, ledger_key="hostile")
    case = hold(folder, "hostile", made, text=f"text {HOSTILE}\n")
    for arguments in (("list",), ("show", case.number), ("list", "--json"), ("show", case.number, "--json")):
        out = queue(*arguments)[1]
        assert not [one for one in out if (ord(one) < 32 and one not in "\n\t") or one in "\x7f\u202e\u202d\u2066"]
    assert not any(line.startswith("99999") for line in queue("list")[1].splitlines())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("release", "99999"), 1, "There is no such case"),
        (("show", "nonsense"), 1, "There is no such case"),
        (("reject", "{case}"), 1, "Choose a clause"),
        (("reject", "{case}", "--clause", "99", "--reason", "x"), 1, "no such clause"),
        (("release", "{case}", "--version", "7"), 1, "was first"),
        (("release", "{case}", "--as", "who@party.example"), 1, "no active user"),
        (("escalate", "{case}"), 1, "no queue above"),
        (("undo", "{case}"), 1, "cannot be changed by undo"),
        (("explode", "{case}"), 2, "No such command"),
    ],
)
def test_refusals_are_one_plain_line(
    folder: Path, queue: Callable[..., Said], arguments: tuple[str, ...], code: int, words: str
) -> None:
    """Exit 1 for a no, 2 for wrong use; never a traceback."""
    case = hold(folder, "refusals")
    ended, out, err = queue(*(part.format(case=case.number) for part in arguments))
    assert ended == code
    assert out == ""
    assert words in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_acting_as_somebody_has_their_rights_alone(
    folder: Path, queue: Callable[..., Said], capsys: pytest.CaptureFixture[str]
) -> None:
    """A person of another queue is refused at the terminal too; the case's own person is not."""
    case = hold(folder, "acting")
    for address, role in (("intl@party.example", "auditor"), ("mod@party.example", "moderator")):
        arguments = ("user", "add", address, "--role", role, "--generate", "--config", str(folder))
        assert call(capsys, *arguments)[0] == 0
    code, _, err = queue("release", case.number, "--as", "intl@party.example")
    assert code == 1
    assert "not in one of your queues" in err
    code, out, _ = queue("release", case.number, "--as", "MOD@party.example", "--json")
    assert code == 0
    assert json.loads(out)["ruling"]["by"] == "mod@party.example"


def test_a_store_that_is_away_is_exit_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The system is not reachable; nothing was changed."""
    with running_server() as server:
        gone = write_site(tmp_path / "gone", server)
    code, _, err = call(capsys, "queue", "list", "--config", str(gone))
    assert code == 3
    assert "Nothing was changed" in err


def test_a_broken_configuration_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With file, line and key."""
    (tmp_path / "site.toml").write_text("[organisation]\nname = 3\n")
    code, _, err = call(capsys, "queue", "list", "--config", str(tmp_path))
    assert code == 2
    assert "site.toml:2" in err
