"""`listward replay` judges archives, and compares policies on them."""

import json
from pathlib import Path

import pytest
from messages import build
from policy_bench import write_site

from listward.cli import replay_judging, replay_pool
from listward.cli.main import main
from listward.config.find import DEFAULTS
from listward.filters.learner import SpamModel
from listward.filters.message.parse import parse_message


@pytest.fixture(autouse=True)
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """An untrained model, and judges made anew: a folder's content differs between tests."""
    monkeypatch.setattr(SpamModel, "load_default", classmethod(lambda cls: cls()))
    replay_judging.judges_for.cache_clear()


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


def archive(folder: Path, count: int = 3) -> Path:
    """Messages of a member, a stranger and a barred person, in turn, each with its number as subject."""
    authors = ("ana@party.example", "carl@elsewhere.example", "bert@out.example")
    lines = (
        json.dumps(
            {"id": f"id-{n}", "raw": build(from_=authors[n % 3], to="members@party.example", subject=f"{n}").decode()}
        )
        for n in range(count)
    )
    path = folder / "archive.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def objects(out: str) -> list[dict[str, object]]:
    """One object a line."""
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("jobs", [1, 3])
def test_one_object_a_message_in_input_order(
    jobs: int, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results come in the order of the archive, however many processes judge and however small the chunks."""
    monkeypatch.setattr(replay_pool, "CHUNK_RECORDS", 7)
    path = archive(folder, 200)
    code, out, err = run(capsys, "replay", path, "--json", "--jobs", jobs, "--config", folder)
    found = objects(out)
    assert (code, err) == (0, "")
    assert [one["path"] for one in found] == [f"{path}:{n}" for n in range(1, 201)]
    assert [one["id"] for one in found] == [f"id-{n}" for n in range(200)]
    assert all(set(one["scores"]) == {"spam", "solicitation", "internal"} for one in found)  # type: ignore[call-overload]  # a JSON object


def test_from_is_believed_and_the_roster_decides(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An archive proves nobody: members pass, strangers wait, the barred are refused."""
    _, out, _ = run(capsys, "replay", archive(folder), "--json", "--config", folder)
    assert [one["action"] for one in objects(out)] == ["accept", "hold", "reject"]


def test_origin_and_recipients_can_be_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A given origin counts for every message, a given recipient too."""
    options = ("--json", "--config", folder, "--origin", "unproven", "--rcpt", "board@party.example")
    _, out, _ = run(capsys, "replay", archive(folder), *options)
    assert {one["action"] for one in objects(out)} == {"reject"}
    assert {one["recipients"][0]["address"] for one in objects(out)} == {"board@party.example"}  # type: ignore[index]  # a JSON object


def test_the_summary_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """People read how many messages, what happens to them, and which rules acted."""
    code, out, err = run(capsys, "replay", archive(folder, 9), "--config", folder)
    assert (code, err) == (0, "")
    assert out.startswith("9 messages judged, by author: ")
    for words in ("accept", "hold", "reject", "33.3 %", "barred", "not-on-the-list"):
        assert words in out
    assert "\x1b" not in out


def second_policy(folder: Path) -> Path:
    """The same site with a policy that lets strangers pass and holds members."""
    other = write_site(folder.parent / "other")
    (other / "policy.toml").write_text(
        '[[rule]]\nname = "members-wait"\nstage = "identity"\naction = "hold"\nwhen = { role = ["member"] }\n',
        encoding="utf-8",
    )
    return other


def test_a_policy_that_observes_can_be_taken_as_in_force(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the first weeks everything passes; before switching on one wants to see what would have been held."""
    with (folder / "site.toml").open("a") as site:
        site.write('[policy]\nmode = "observe"\n')
    path = archive(folder)
    _, out, err = run(capsys, "replay", path, "--json", "--config", folder)
    assert {one["action"] for one in objects(out)} == {"accept"}
    assert "--in-force shows what its rules would do" in err
    _, out, err = run(capsys, "replay", path, "--json", "--config", folder, "--in-force")
    assert "--in-force" not in err
    assert [one["action"] for one in objects(out)] == ["accept", "hold", "reject"]


def test_rules_on_the_hour_go_by_the_date(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When a message was sent is what its Date says; one of tomorrow, or none, counts as of now."""
    (folder / "policy.toml").write_text(
        '[[rule]]\nname = "night"\nstage = "content"\naction = "hold"\n'
        'when = { time = { since = "22:00", until = "06:00" } }\n'
    )
    mail = folder / "mail"
    mail.mkdir()
    for name, date in (("1-night", "Sat, 21 Nov 2020 23:30:00 +0000"), ("2-day", "Sat, 21 Nov 2020 12:00:00 +0000")):
        (mail / f"{name}.eml").write_bytes(build(to="members@party.example", date=date))
    _, out, _ = run(capsys, "replay", mail, "--json", "--config", folder)
    assert [one["action"] for one in objects(out)] == ["hold", "accept"]
    for value in ("", "Sat, 21 Nov 2999 23:30:00 +0000", "no date", "Sat, 21 Nov 99999999999999 1:1:1 +0000"):
        message = parse_message(build(date=None, headers=[("Date", value)]))
        assert replay_judging.sent_at(message, 1000.0) == 1000.0


def test_what_would_change_between_two_policies(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Changed messages are counted by what they change to, and named with the rules that differ."""
    other = second_policy(folder)
    _, out, _ = run(capsys, "replay", archive(folder, 6), "--config", folder, "--against", other)
    assert "6 messages would be treated differently:" in out
    assert "accept -> hold: 2" in out
    assert "hold -> accept: 2" in out
    assert "archive.jsonl:1: accept -> hold (members-wait)" in out
    _, out, _ = run(capsys, "replay", archive(folder, 6), "--config", folder, "--against", folder)
    assert "Nothing would change." in out


def test_both_verdicts_are_in_the_objects(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --against each object has the second policy's verdict, and whether it differs."""
    options = ("--json", "--config", folder, "--against", second_policy(folder))
    _, out, _ = run(capsys, "replay", archive(folder), *options)
    found = objects(out)
    assert [(one["action"], one["against"]["action"], one["changed"]) for one in found] == [  # type: ignore[index]  # a JSON object
        ("accept", "hold", True),
        ("hold", "accept", True),
        ("reject", "accept", True),
    ]


def test_unreadable_records_are_counted_and_the_others_judged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken line ends nothing; at the end it is named, and the answer is no."""
    path = archive(folder)
    path.write_text("nonsense\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    code, out, err = run(capsys, "replay", path, "--json", "--config", folder, "--jobs", 1)
    assert (code, len(objects(out))) == (1, 3)
    assert err == f"listward: 1 record could not be read; the first: {path}:1: is not a line of JSON\n"


def test_wrong_use_is_told_before_any_work(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing archives and broken configurations are wrong use, in a line."""
    code, out, err = run(capsys, "replay", folder / "nothing.mbox", "--config", folder)
    assert (code, out, err.count("\n")) == (2, "", 1)
    code, out, err = run(capsys, "replay", archive(folder), "--config", folder, "--against", folder / "nowhere")
    assert (code, out) == (2, "")
    assert "site.toml" in err


def test_check_and_replay_agree(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same message gets the same verdict from both."""
    path = folder / "one.eml"
    path.write_bytes(build(to="board@party.example, x@out.example", subject="[internal] Budget"))
    _, checked, _ = run(capsys, "check", path, "--json", "--origin", "member", "--config", folder)
    _, replayed, _ = run(capsys, "replay", path, "--json", "--origin", "member", "--config", folder)
    assert json.loads(checked) == json.loads(replayed)


def test_shipped_defaults_replay_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two configurations may both be what ships."""
    _, out, _ = run(capsys, "replay", archive(tmp_path), "--config", DEFAULTS, "--against", DEFAULTS)
    assert "Nothing would change." in out
