"""What `reload` and `doctor` say of processes, by what their supervisors say."""

import time
from pathlib import Path

import pytest

from listward.cli import reload as command
from listward.cli import running as said
from listward.cli.doctor_here import _processes, overall
from listward.cli.doctor_words import State
from listward.cli.main import main
from listward.cli.running import Running, ago, read, running_here, write
from listward.config.load import load
from listward.queue.store.presence import Present
from listward.runtime.switch import NOBODY, Runs

SITE = """\
[organisation]
name = "Party"
domains = ["party.example"]

[gateway]
listen = ["127.0.0.1:0"]

[store]
url = "redis://127.0.0.1:9"

[[list]]
address = "news@party.example"
zone = "public"
next_hop = "smtp://127.0.0.1:1"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration with the shipped rules."""
    (tmp_path / "site.toml").write_text(SITE)
    (tmp_path / "var").mkdir()
    return tmp_path


@pytest.fixture
def supervised(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As if process 4711 held the lock of `run`."""
    holds = {"run.lock": 4711}
    monkeypatch.setattr(said, "holder", lambda path: holds.get(path.name, 0))
    return folder


def stand(folder: Path, *labels: str, **changes: object) -> None:
    """Write what the supervisor says; the first label is what it starts processes with."""
    ages = {label: Runs(100, label, time.time() - 40) if label else NOBODY for label in labels}
    processes = {f"gateway-{at}": ages[label] for at, label in enumerate(labels[1:])}
    write(
        folder / "var", Running(**{"role": "run", "pid": 4711, "policy": labels[0], "processes": processes, **changes})
    )  # type: ignore[arg-type]  # mixed values


def test_what_a_supervisor_says_is_read_as_it_was_written(supervised: Path) -> None:
    """Only of one that holds its lock; nonsense is nothing said."""
    stand(supervised, "a", "a", "b", refused=("one reason",))
    found = read(supervised / "var", "run")
    assert found is not None
    assert (found.stragglers, found.refused) == (("gateway-1",), ("one reason",))
    assert running_here(supervised / "var") == {"run": 4711}
    stand(supervised, "a", pid=4712)
    assert read(supervised / "var", "run") is None
    (supervised / "var" / "run.running.json").write_text('{"role": 7}')
    assert read(supervised / "var", "run") is None


def test_reload_names_stragglers(
    supervised: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what they still run, and who runs nothing; exit code 1."""
    digest = load(supervised).policy.digest
    stand(supervised, digest, digest, "1a2b" * 16)
    after = (digest, digest, "1a2b" * 16, "")
    monkeypatch.setattr(command, "signal_holder", lambda *_: stand(supervised, *after, reloads=1))
    with pytest.raises(SystemExit) as ended:
        main(["reload", "--config", str(supervised)])
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines() == [
        "listward: gateway-1 still runs 1a2b1a2b1a2b",
        "listward: gateway-2 has ended, and is started again",
    ]


def test_reload_waits_for_its_own_reload(
    supervised: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that was under way before ends first, and its refusal is not ours."""
    digest = load(supervised).policy.digest
    stand(supervised, "old", "old", phase="preparing", reloads=3)
    turns = iter(
        [
            lambda: stand(supervised, "old", "old", reloads=4, refused=("not ours",)),
            lambda: stand(supervised, digest, digest, reloads=5),
        ]
    )
    monkeypatch.setattr(command, "signal_holder", lambda *_: None)
    monkeypatch.setattr(command.time, "sleep", lambda _: next(turns)())
    with pytest.raises(SystemExit) as ended:
        main(["reload", "--config", str(supervised)])
    assert ended.value.code == 0
    assert capsys.readouterr().out.splitlines()[0] == f"All 1 processes run policy {digest[:12]} now."


async def test_the_doctor_shows_who_stays_behind(supervised: Path) -> None:
    """By name, with what it runs and for how long; a store that is away is named too."""
    digest = load(supervised).policy.digest
    stand(supervised, digest, digest, "1a2b" * 16, "")
    found = await overall(supervised)
    assert found.runs
    lines = [f"{line.state.value}: {line.text}" for part in found.parts.values() for line in part]
    assert f"ok: gateway-0 runs {digest[:12]}, for 40 seconds." in lines
    assert f"missing: gateway-1 runs 1a2b1a2b1a2b, for 40 seconds; the others run {digest[:12]}." in lines
    assert "missing: gateway-2 has ended, and is started again." in lines
    assert any(line.startswith("missing: The store does not serve") for line in lines)


async def test_the_doctor_looks_where_nothing_runs(folder: Path) -> None:
    """And says so."""
    found = await overall(folder)
    assert not found.runs
    assert "Nothing runs here with this state." in [line.text for line in found.parts["What runs here"]]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "5 seconds"), (119, "119 seconds"), (120, "2 minutes"), (7200, "2 hours"), (172_800, "2 days")],
)
def test_ages_are_words(seconds: int, words: str) -> None:
    """Whole units, rounded down."""
    assert ago(time.time() - seconds - 0.1) == words


def test_the_doctor_names_stragglers_elsewhere(folder: Path) -> None:
    """Machine and process, what it runs, and how much older that is than the newest."""
    configuration, now = load(folder), time.time()
    digest = configuration.policy.digest
    found = (Present("one/gateway-1", "1a2b" * 16, now - 100, now), Present("two/courier", digest, now - 60, now))
    straggler, current = _processes(found, configuration)
    assert straggler.state is State.MISSING
    assert straggler.text == (
        "one/gateway-1 runs 1a2b1a2b1a2b, said 0 seconds ago, 40 seconds older: not what is written here."
    )
    assert current.state is State.FINE


def test_approval_is_said_where_rules_are_looked_at(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By `config check`, with what to write, and below the rules."""

    def output(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--config", str(folder)])
        assert ended.value.code == 0
        return capsys.readouterr().out

    digest = load(folder).policy.digest
    assert "Nobody has approved these rules." in output("config", "check")
    path = folder / "site.toml"
    path.write_text(f'{SITE}\n[policy]\nrequire_approval = true\napproved_hash = "{"0" * 12}"\n')
    said = output("config", "check")
    assert "These rules are not yet approved." in said
    assert f'approved_hash is "{digest[:12]}"' in said
    path.write_text(f'{SITE}\n[policy]\nrequire_approval = true\napproved_hash = "{digest}"\n')
    assert "Approved." in output("config", "check")
    assert output("policy", "show").splitlines()[-2:] == ["Approved.", f"Version {digest[:12]}"]
