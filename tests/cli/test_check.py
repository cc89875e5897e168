"""`listward check` judges one message, and says why."""

import io
import json
import socket
import sys
import time
from pathlib import Path

import pytest
from messages import build
from policy_bench import write_site

from listward.cli.main import main
from listward.filters.learner import SpamModel


@pytest.fixture(autouse=True)
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """An untrained model: what ships may change, these verdicts may not."""
    monkeypatch.setattr(SpamModel, "load_default", classmethod(lambda cls: cls()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration folder."""
    return write_site(tmp_path / "etc")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run a command; its exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


def eml(folder: Path, raw: bytes) -> Path:
    """Write a message."""
    path = folder / "message.eml"
    path.write_bytes(raw)
    return path


MARKED = build(to="board@party.example, x@out.example", subject="[internal] Budget", message_id="<m1@party.example>")


def test_the_object_has_the_shape_scripts_rely_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every key is there, with its type and its range."""
    path = eml(folder, MARKED)
    code, out, _ = run(capsys, "check", path, "--json", "--origin", "member", "--config", folder)
    found = json.loads(out)
    assert code == 0
    assert found["path"] == str(path)
    assert found["message_id"] == "<m1@party.example>"
    assert (found["action"], found["queue"]) == ("reject", "")
    assert found["reply"] == {
        "code": 550,
        "enhanced": "5.7.1",
        "text": "Not delivered to anyone. x@out.example is outside the organisation. Remove it and send again. "
        "Questions: office@party.example. Ref (id)",
    }
    origin = found["origin"]
    assert (origin["kind"], origin["address"], origin["basis"]) == ("member", "ana@party.example", "given")
    assert origin["reasons"] == ["This was given, not proven.", "On the roster of this list."]
    assert all(0 <= found["scores"][name] <= 1 for name in ("spam", "solicitation", "internal"))
    outside = next(finding for finding in found["findings"] if finding["rule"] == "internal-outside-address")
    assert (outside["category"], outside["weight"], outside["clause"]) == ("routing", 1.0, "7.2")
    assert outside["reason"]
    assert outside["evidence"] == [{"view": "header", "start": 0, "end": 13, "text": "x@out.example"}]
    first = found["recipients"][0]
    assert (first["address"], first["zone"], first["action"]) == ("board@party.example", "internal", "reject")
    assert first["next_hop"] == "lmtp://127.0.0.1:8024"


def test_scores_are_there_without_any_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A clean message has all three scores, and an empty list of findings."""
    path = eml(folder, build(to="members@party.example", subject="Tuesday", text="See you on Tuesday.\n"))
    _, out, _ = run(capsys, "check", path, "--json", "--origin", "member", "--config", folder)
    found = json.loads(out)
    assert (found["action"], found["findings"]) == ("accept", [])
    assert set(found["scores"]) == {"spam", "solicitation", "internal"}


def test_shipped_defaults_judge_without_a_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any configuration the example organisation's is used; the default recipient is the first list."""
    monkeypatch.delenv("LISTWARD_CONFIG", raising=False)
    monkeypatch.setattr("listward.config.find.SYSTEM", tmp_path / "nothing")
    _, out, _ = run(capsys, "check", eml(tmp_path, build(to="x@out.example")), "--json", "--origin", "member")
    assert json.loads(out)["recipients"][0]["address"] == "members@party.example"


@pytest.mark.parametrize(
    ("to", "options", "recipients"),
    [
        ("news@party.example, x@out.example, Board@party.example", (), ["news@party.example", "Board@party.example"]),
        ("x@out.example", (), ["board@party.example"]),
        (
            "news@party.example",
            ("--rcpt", "members@party.example", "--rcpt", "report@party.example"),
            ["members@party.example", "report@party.example"],
        ),
    ],
)
def test_recipients(
    to: str, options: tuple[str, ...], recipients: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given ones count; else ours in To and Cc; else the first list."""
    path = eml(folder, build(to=to, subject="x"))
    _, out, _ = run(capsys, "check", path, "--json", "--origin", "internal", "--config", folder, *options)
    assert [found["address"] for found in json.loads(out)["recipients"]] == recipients


def test_without_an_origin_it_is_proven(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """DNS is asked; where it is away the verdict is to wait, within a second and without an error."""
    (folder / "site.toml").write_text(
        (folder / "site.toml").read_text() + '[dns]\nservers = ["127.0.0.1:1"]\n', encoding="utf-8"
    )
    path = eml(folder, build(from_="carl@elsewhere.example", to="members@party.example"))
    code, out, _ = run(capsys, "check", path, "--json", "--config", folder, "--client-ip", "192.0.2.1", "--helo", "h")
    found = json.loads(out)
    assert (code, found["action"], found["reply"]["code"]) == (0, "defer", 451)
    assert (found["origin"]["kind"], found["origin"]["address"]) == ("unproven", "carl@elsewhere.example")


def test_dns_that_never_answers_does_not_keep_anybody_waiting(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name server that is silent costs half a second in all, however many questions a message raises."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        (folder / "site.toml").write_text(
            f'{(folder / "site.toml").read_text()}[dns]\nservers = ["127.0.0.1:{silent.getsockname()[1]}"]\n',
            encoding="utf-8",
        )
        signatures = [
            ("DKIM-Signature", f"v=1; a=rsa-sha256; d=d{n}.example; s=s; h=from; bh=eA==; b=eA==") for n in range(5)
        ]
        path = eml(folder, build(from_="carl@elsewhere.example", headers=signatures))
        started = time.monotonic()
        _, out, _ = run(capsys, "check", path, "--json", "--config", folder, "--client-ip", "192.0.2.1")
        elapsed = time.monotonic() - started
    assert json.loads(out)["action"] == "defer"
    assert elapsed < 3


def test_standard_input_and_stored_forms(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message comes by standard input too, with any line ends and an mbox line in front."""
    raw = b"From ana@party.example Sat Nov 21 10:00:00 2026\n" + MARKED.replace(b"\r\n", b"\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    _, out, _ = run(capsys, "check", "-", "--json", "--origin", "member", "--config", folder)
    found = json.loads(out)
    assert (found["path"], found["message_id"], found["action"]) == ("-", "<m1@party.example>", "reject")
    assert not any(finding["category"] in {"ambiguity", "malformed"} for finding in found["findings"])


def test_people_read_the_verdict_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first line says what happens, the next one why with the clause; no colour outside a terminal."""
    code, out, _ = run(capsys, "check", eml(folder, MARKED), "--origin", "member", "--config", folder)
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "Returned: nobody gets it, and the sender is told why."
    assert lines[1].startswith(
        "Why: An internal matter was addressed to somebody outside the organisation. (clause 7.2:"
    )
    assert any("subject: [internal] Budget" in line for line in lines)
    assert "\x1b" not in out


def test_explain_shows_every_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each rule tried is shown with what it saw, fired or not, for people and for scripts."""
    path = eml(folder, MARKED)
    _, out, _ = run(capsys, "check", path, "--explain", "--origin", "member", "--config", folder)
    assert (
        "routing/internal-outside-address (enforce): reject - found internal-outside-address; the author is member"
        in out
    )
    assert "content/junk-member (enforce): no - spam 0.50 is below 0.98" in out
    _, out, _ = run(capsys, "check", path, "--explain", "--json", "--origin", "member", "--config", folder)
    rules = json.loads(out)["recipients"][0]["rules"]
    assert {"rule", "stage", "mode", "fired", "undecided", "action", "observed"} <= set(rules[0])


def test_hostile_mail_cannot_steer_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Control and bidi characters of a message never reach the terminal, whatever field they stand in."""
    evil = "=?utf-8?b?W2ludGVybmFsXSAbWzMxbSDigK5ldmls?="  # [internal], an escape sequence, a right-to-left override
    raw = build(
        from_="ana@party.example", to="board@party.example, x@out.example", subject=None, headers=[("Subject", evil)]
    )
    _, out, _ = run(capsys, "check", eml(folder, raw), "--explain", "--origin", "member", "--config", folder)
    assert "\x1b" not in out
    assert "\u202e" not in out
    _, out, _ = run(capsys, "check", eml(folder, raw), "--json", "--origin", "member", "--config", folder)
    assert out.isascii()
    assert "\x1b" not in out
    json.loads(out)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.eml",), "nowhere.eml: No such file or directory"),
        ((".",), "is a folder"),
        (("x.eml", "--origin", "friend"), "friend"),
        (("x.eml", "--config", "nowhere"), "site.toml"),
        ((), "FILE"),
    ],
)
def test_wrong_use_is_one_plain_line(
    arguments: tuple[str, ...],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was wrong is said in a line on stderr with exit code 2, never as a traceback."""
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "check", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


def test_a_held_message_names_who_decides(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A hold shows the queue, in words and in the object."""
    path = eml(folder, build(to="members@party.example"))
    _, out, _ = run(capsys, "check", path, "--origin", "unproven", "--config", folder)
    assert "Held: a person reads it first." in out
    assert "Who decides: moderators" in out
    _, out, _ = run(capsys, "check", path, "--json", "--origin", "unproven", "--config", folder)
    assert json.loads(out)["queue"] == "moderators"


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--client-ip", "999.1", "--client-ip '999.1' is not an IP address"),
        ("--rcpt", "not an address", "--rcpt 'not an address' is not a mail address"),
        ("--mail-from", "ann", "--mail-from 'ann' is not a mail address"),
    ],
)
def test_slips_are_wrong_use(
    folder: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, said: str
) -> None:
    """What cannot be an address is refused with 2: another message would be explained."""
    code, out, err = run(capsys, "check", eml(folder, MARKED), option, value, "--config", folder)
    assert (code, out) == (2, "")
    assert said in err


def test_explain_says_what_would_alter_the_verdict(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For people as sentences, for programs as lists; and only where somebody asks."""
    path = eml(folder, build(from_="x@else.example", to="news@party.example"))
    _, out, _ = run(capsys, "check", path, "--explain", "--origin", "unproven", "--config", folder)
    assert "What would alter the verdict for news@party.example:\n  if a member had written it: it would be" in out
    _, out, _ = run(capsys, "check", path, "--explain", "--json", "--origin", "unproven", "--config", folder)
    changes = json.loads(out)["alternatives"]["news@party.example"]
    assert {"changes": ["if a member had written it"], "action": "accept"} in changes
    _, out, _ = run(capsys, "check", path, "--json", "--origin", "unproven", "--config", folder)
    assert "alternatives" not in json.loads(out)


def test_an_unconfirmed_author_is_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer's first check of a saved mail is told why its author is not confirmed, and what to give."""
    path = eml(folder, build(from_="Ann <ann@nowhere.invalid>", to="members@party.example"))
    code, out, _ = run(capsys, "check", path, "--config", folder)
    assert code == 0
    assert "--origin member" in out
    assert "--origin member" not in run(capsys, "check", path, "--origin", "known", "--config", folder)[1]


def test_a_site_that_observes_reads_what_would_happen_in_force(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else everything reads as delivered, and what would alter that makes no sense."""
    site = folder / "site.toml"
    site.write_text(site.read_text(encoding="utf-8") + '\n[policy]\nmode = "observe"\n', encoding="utf-8")
    path = eml(folder, build(from_="x@else.example", to="news@party.example"))
    _, out, _ = run(capsys, "check", path, "--origin", "forged", "--config", folder)
    assert out.startswith("Delivered")
    assert "In force they would do this:\n  news@party.example: Returned: nobody gets it" in out
    _, out, _ = run(capsys, "check", path, "--json", "--origin", "forged", "--config", folder)
    assert json.loads(out)["in_force"] == {"news@party.example": "reject"}


def test_a_site_in_force_says_nothing_of_observing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its verdict is what happens."""
    path = eml(folder, build(from_="x@else.example", to="news@party.example"))
    _, out, _ = run(capsys, "check", path, "--json", "--origin", "forged", "--config", folder)
    assert "in_force" not in json.loads(out)
