"""A replay that was ended, however, goes on where it was: the same totals, no message twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from messages import build
from policy_bench import write_site

from listward.cli import replay_judging

COUNT = 3000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration, a second one, and an archive of three people's mail in turn."""
    folder = write_site(tmp_path_factory.mktemp("replay") / "etc")
    other = write_site(folder.parent / "other")
    (other / "policy.toml").write_text(
        '[[rule]]\nname = "members-wait"\nstage = "identity"\naction = "hold"\nwhen = { role = ["member"] }\n'
    )
    authors = ("ana@party.example", "carl@elsewhere.example", "bert@out.example")
    samples = [build(from_=author, to="members@party.example").decode() for author in authors]
    lines = (json.dumps({"id": f"id-{n}", "raw": samples[n % 3]}) for n in range(COUNT))
    (folder / "archive.jsonl").write_text("\n".join((*lines, "broken")) + "\n")
    (folder / "few.jsonl").write_text(json.dumps({"raw": samples[0]}) + "\nbroken\n")
    return folder


def command(folder: Path, *options: object, archive: str = "archive.jsonl") -> list[str]:
    """The command line."""
    program = str(Path(sys.executable).parent / "listward")
    archive = str(folder / archive)
    return [program, "replay", archive, "--config", str(folder), "--jobs", "2", "--no-rulings", *map(str, options)]


def finish(folder: Path, *options: object, archive: str = "few.jsonl") -> tuple[int, str, str]:
    """Run it to its end."""
    done = subprocess.run(
        command(folder, *options, archive=archive), capture_output=True, text=True, check=False, timeout=55
    )
    return done.returncode, done.stdout, done.stderr


def is_in_the_midst(state: Path, output: Path) -> bool:
    """Whether something is done, and more has been printed than the file says."""
    if not state.exists():
        return False
    kept = json.loads(state.read_bytes())
    return bool(kept["records"]) and output.stat().st_size > int(kept["printed"]["octets"])


def interrupt(folder: Path, number: signal.Signals, output: Path, state: Path, *options: object) -> str:
    """Start it, end it when something has been kept, and return what it said."""
    with (
        output.open("ab") as out,
        subprocess.Popen(
            command(folder, "--resume", state, *options), stdout=out, stderr=subprocess.PIPE, text=True
        ) as child,
    ):
        until = time.monotonic() + 50
        while not is_in_the_midst(state, output) and child.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        assert child.poll() is None, "it was too quick to be ended"
        child.send_signal(number)
        return child.communicate(timeout=20)[1]


@pytest.fixture(scope="module")
def undisturbed(folder: Path) -> tuple[str, dict[str, object]]:
    """What a run that nobody ends prints, and its totals."""
    state = folder.parent / "undisturbed"
    options = ("--json", "--against", folder.parent / "other")
    code, out, _ = finish(folder, "--resume", state, *options, archive="archive.jsonl")
    assert code == 1  # one record cannot be read
    return out, json.loads(state.read_bytes())["tally"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_ended_goes_on(
    number: signal.Signals, folder: Path, tmp_path: Path, undisturbed: tuple[str, dict[str, object]]
) -> None:
    """Killed at any moment, the objects and totals are those of a run that nobody disturbed."""
    output, state = tmp_path / "out.jsonl", tmp_path / "state"
    said = interrupt(folder, number, output, state, "--json", "--against", folder.parent / "other")
    assert ("The same command goes on" in said) == (number is signal.SIGINT)
    kept = json.loads(state.read_bytes())
    assert 0 < kept["records"] < COUNT
    assert oct(state.stat().st_mode & 0o777) == "0o600"
    with output.open("ab") as out:
        options = ("--resume", state, "--json", "--against", folder.parent / "other")
        done = subprocess.run(command(folder, *options), stdout=out, stderr=subprocess.PIPE, check=False, timeout=55)
    assert done.returncode == 1  # one record cannot be read
    assert [json.loads(line)["id"] for line in output.read_text().splitlines()] == [f"id-{n}" for n in range(COUNT)]
    ended = json.loads(state.read_bytes())["tally"]
    whole, totals = undisturbed
    assert output.read_text() == whole
    for tally in (ended, totals):
        tally.pop("slowest", None)  # how long a message takes differs from run to run
    assert ended == totals


def test_a_run_that_is_done_tells_its_totals_again(folder: Path, tmp_path: Path) -> None:
    """Nothing is judged a second time."""
    state = tmp_path / "state"
    first = finish(folder, "--resume", state)
    kept = state.read_bytes()
    assert finish(folder, "--resume", state) == first
    assert state.read_bytes() == kept


def test_what_differs_is_told_and_nothing_is_mixed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another configuration, archive, option or label: refused in one line that says which."""
    state = tmp_path / "state"
    assert finish(folder, "--resume", state)[0] == 1
    labels = tmp_path / "labels.csv"
    labels.write_text("path,label\nx,keep\n")
    for options, words in (
        (("--origin", "known"), "the options are others"),
        (("--against", folder.parent / "other"), "the configuration has changed since"),
        (("--labels", labels), "the labels have changed since"),
    ):
        code, out, err = finish(folder, "--resume", state, *options)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert words in err
    os.utime(folder / "few.jsonl", (1, 1))
    assert "the archives are others" in finish(folder, "--resume", state)[2]
    roster = folder / "members.csv"
    before = roster.read_text()
    try:
        roster.write_text(before + "carl@elsewhere.example,Carl,member\n")
        assert "the configuration has changed since" in finish(folder, "--resume", state)[2]
    finally:
        roster.write_text(before)
        replay_judging.judges_for.cache_clear()


def test_a_file_that_is_no_state_is_refused(folder: Path, tmp_path: Path) -> None:
    """What does not say where a replay stands is left as it is."""
    state = tmp_path / "state"
    for content in (b"not a state", b"{}", b"[" * 5000):
        state.write_bytes(content)
        code, out, err = finish(folder, "--resume", state)
        assert (code, out) == (2, "")
        assert "does not say where a replay stands" in err
        assert state.read_bytes() == content


def test_another_output_is_refused(folder: Path, tmp_path: Path) -> None:
    """Whoever writes ">" would lose the beginning; another file, however long, is not touched."""
    output, state = tmp_path / "out.jsonl", tmp_path / "state"
    interrupt(folder, signal.SIGKILL, output, state, "--json")
    assert json.loads(state.read_bytes())["printed"]["octets"] > 0
    other = tmp_path / "other.txt"
    other.write_text("x" * 5_000_000)
    for path, mode in ((other, "ab"), (output, "wb")):
        with path.open(mode) as out:
            done = subprocess.run(
                command(folder, "--resume", state, "--json"),
                stdout=out,
                stderr=subprocess.PIPE,
                check=False,
                timeout=55,
            )
        assert done.returncode == 1
        assert b"Append to that file" in done.stderr
    assert other.stat().st_size == 5_000_000
