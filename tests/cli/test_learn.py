"""`listward learn` trains the site's own model and says what it has learnt."""

import json
from pathlib import Path

import pytest
from messages import build
from policy_bench import write_site

from listward.cli.learn import spread
from listward.cli.main import main
from listward.config.load import load
from listward.filters.learner.load import load_for, model_path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration folder with a state folder of its own."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    return write_site(tmp_path / "etc")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run `listward learn`; its exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as ended:
        main(["learn", *map(str, arguments)])
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


def mail(folder: Path, name: str, text: str) -> Path:
    """Write one message."""
    path = folder / name
    path.write_bytes(build(subject=name, text=f"{text}\n"))
    return path


def test_lists_take_several_paths(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Paths behind one option all belong to it; the model lands in the state folder and is used from then on."""
    spam = [mail(tmp_path, f"s{number}.eml", "wombat prize lottery") for number in range(3)]
    ham = [mail(tmp_path, f"h{number}.eml", "minutes of the board") for number in range(2)]
    shipped = load_for(load(folder).site).model_examples
    code, said, _ = run(capsys, "--spam", *spam, "--ham", *ham, "--config", folder)
    site = load(folder).site
    assert code == 0
    assert str(model_path(site)) in said
    assert load_for(site).model_examples == {"spam": shipped["spam"] + 3, "ham": shipped["ham"] + 2}


def test_learning_moves_the_score(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was learnt as unwanted scores higher than before."""
    path = mail(tmp_path, "s.eml", "quokka quince quiz")
    before = load_for(load(folder).site).score(path.read_bytes())
    run(capsys, "--spam", path, "--config", folder)
    assert load_for(load(folder).site).score(path.read_bytes()) > before


def test_mbox_is_read_message_by_message(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Archives count by their messages."""
    archive = tmp_path / "archive.mbox"
    archive.write_bytes(
        b"".join(b"From a@b Sat Nov 21 10:00:00 2026\n" + build().replace(b"\r\n", b"\n") + b"\n" for _ in "abcd")
    )
    before = load_for(load(folder).site).ham_examples
    run(capsys, "--ham", archive, "--config", folder)
    assert load_for(load(folder).site).ham_examples == before + 4


def test_status_of_what_ships(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a model of its own, the status names the one that ships."""
    code, said, _ = run(capsys, "--status", "--config", folder)
    assert code == 0
    assert said.startswith("Model in use: the one that ships with Listward\nLearnt from ")


def test_status_as_json(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The status can be read by programs."""
    assert json.loads(run(capsys, "--status", "--json", "--config", folder)[1])["model"] == "shipped"
    run(capsys, "--ham", mail(tmp_path, "h.eml", "minutes"), "--config", folder)
    status = json.loads(run(capsys, "--status", "--json", "--config", folder)[1])
    assert Path(status["model"]) == model_path(load(folder).site)


def test_nothing_to_learn_is_wrong_use(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without paths and without --status the command says how it is used."""
    code, _, said = run(capsys, "--config", folder)
    assert code == 2
    assert "--spam PATH" in said


def test_absent_path_is_wrong_use_and_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that is not there is named, and no model is written."""
    code, _, said = run(capsys, "--spam", folder / "none", "--config", folder)
    assert code == 2
    assert "there is no such file" in said
    assert not model_path(load(folder).site).exists()


def test_unreadable_record_is_told_and_the_rest_learnt(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken record ends in "the answer is no", after the others were learnt."""
    archive = tmp_path / "a.jsonl"
    archive.write_text(json.dumps({"raw": build().decode()}) + "\nnot json\n")
    before = load_for(load(folder).site).ham_examples
    code, _, said = run(capsys, "--ham", archive, "--config", folder)
    assert code == 1
    assert "1 record could not be read" in said
    assert load_for(load(folder).site).ham_examples == before + 1


def test_damaged_model_is_one_plain_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged model ends the command with its name and the fault."""
    path = model_path(load(folder).site)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"damaged")
    code, _, said = run(capsys, "--status", "--config", folder)
    assert code == 1
    assert said.count("\n") == 1
    assert "not a spam model" in said


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["--spam", "a", "b", "--ham", "c"], ["--spam", "a", "--spam", "b", "--ham", "c"]),
        (["--status"], ["--status"]),
        (["--config", "d", "--spam", "a", "b", "c"], ["--config", "d", "--spam", "a", "--spam", "b", "--spam", "c"]),
        (["--spam", "a", "--config", "d", "b"], ["--spam", "a", "--config", "d", "b"]),
        ([], []),
    ],
)
def test_spread(given: list[str], meant: list[str]) -> None:
    """Values behind a list option are spread over repeated options; others stay as they are."""
    assert spread(given) == meant
