"""The whole machinery with tiny numbers: real processes, one rival that is a second sink."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.__main__ import main, options_from, setting
from bench.parts import memory, path, rulings
from bench.processes import NotStarted, end, free_ports, python, running
from bench.rivals.postfix import Queue
from bench.rivals.rival import Around, Relay, Rival
from bench.tables import markdown

TINY = ("--messages", "5", "--seconds", "0.1", "--repetitions", "1", "--connections", "2", "--corpus", "12")
QUICKLY = (*TINY, "--patience", "0", "--workers", "1", "--cases", "150", "--idle", "0", "3")


@contextmanager
def second_sink(folder: Path, around: Around) -> Iterator[Relay]:
    """Stands for a rival: it relays nothing."""
    del around
    [port] = free_ports(1)
    folder.mkdir()
    with running(python("bench.sink", str(port)), folder / "log", port) as pid:
        yield Relay(port, (pid,))


@contextmanager
def broken(folder: Path, around: Around) -> Iterator[Relay]:
    """A rival that does not start."""
    del folder, around
    raise NotStarted("it said no")
    yield Relay(0, ())


RIVALS = (
    Rival(path.PROXY, (), (), second_sink),
    Rival(path.QUEUE, (), (), broken),
    Rival(path.RSPAMD, ("no-such-program",), ("no-such-package",), broken),
)


@pytest.mark.live
@pytest.mark.timeout(120)
def test_the_mail_path_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each workload gets through as it should; a rival that is missing or broken is named and left out."""
    monkeypatch.setattr(path, "RIVALS", RIVALS)
    monkeypatch.setattr(path, "WARM_UP", 4)
    monkeypatch.setattr(Rival, "missing", lambda rival: "not installed: apt install x" if rival.programs else None)
    told: list[str] = []
    with setting(options_from(QUICKLY), told.append) as bench:
        part, samples = path.measure(bench)
    said = {sample.system: set(sample.replies) for sample in samples}
    assert said == {**{name: {"250"} for name in (path.FLOOR, *path.OURS, path.PROXY)}, path.STRANGER: {"250 held"}}
    assert all(sample.errors == 0 and sample.messages >= 1 for sample in samples)
    assert "Left out: Postfix queue, it said no." in part.text
    assert "Left out: Postfix + rspamd, not installed: apt install x." in part.text
    assert any("is left out" in line for line in told)
    cpu = {sample.system: sample.cpu_ms for sample in samples}
    assert cpu[path.FLOOR] is None
    assert all(cpu[name] is not None for name in path.OURS)


@pytest.mark.live
@pytest.mark.timeout(120)
def test_idle_clients_and_memory_are_measured() -> None:
    """Roles have names, and as many clients are greeted as were asked for."""
    told: list[str] = []
    with setting(options_from(QUICKLY), told.append) as bench:
        idle, start = memory.measure_idle(bench), memory.measure(bench)
    assert "| 3 | 3 |" in idle.text
    assert "| gateway-0 |" in start.text
    assert start.figures["start: bound_s"] <= start.figures["start: accepted_s"]
    assert 0 < start.figures["memory: worker_mb"] < start.figures["memory: all_mb"]


@pytest.mark.live
@pytest.mark.timeout(120)
def test_rulings_are_measured_and_a_choice_of_parts_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page goes where it is told, the figures into the JSON."""
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    assert main([*QUICKLY, "--page", str(page), "--json", str(figures), "rulings"]) == 0
    assert "## Rulings" in page.read_text()
    assert "| 200 |" in page.read_text()
    assert '"ruling: per_second"' in figures.read_text()
    assert "## Rulings" in capsys.readouterr().out


def test_a_rival_says_what_would_install_it() -> None:
    """The line names the packages that are missing, not the others."""
    rival = Rival("x", ("sh", "no-such-program"), ("dash", "that-package"), second_sink)
    assert rival.missing() == "not installed: apt install that-package"


def test_a_process_of_others_is_ended() -> None:
    """Nothing is left of a process that is no child of whoever ends it; ending it twice does no harm."""
    script = (
        "import subprocess; q = subprocess.DEVNULL; print(subprocess.Popen(['sleep', '60'], stdout=q, stderr=q).pid)"
    )
    pid = int(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, timeout=20).stdout)
    end(pid)
    assert not Path(f"/proc/{pid}/exe").exists()
    end(pid)


def test_a_queue_is_empty_without_files(tmp_path: Path) -> None:
    """Folders alone are no mail."""
    (tmp_path / "active" / "A").mkdir(parents=True)
    assert Queue(tmp_path).empty()
    (tmp_path / "active" / "A" / "1").touch()
    assert not Queue(tmp_path).empty()


def test_ports_differ() -> None:
    """No port is given twice at once, and none is one that the kernel gives to clients."""
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert max(ports) < 32_000


def test_a_table_has_its_lines() -> None:
    """Head, rule, rows."""
    assert markdown(("a", "b"), [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_rulings_make_distinct_cases() -> None:
    """The ledger key tells one case from another, so none is taken for a repeat."""
    assert rulings.draft("1").ledger_key != rulings.draft("2").ledger_key
