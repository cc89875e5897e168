"""`listward policy test`, on the organisations that ship as examples and on what goes wrong."""

import shutil
from pathlib import Path

import pytest
from desk_config import call

from listward.config.find import DEFAULTS
from listward.config.starter import EXAMPLES, example_names

TEST = '[[test]]\nsays = "x"\nfile = "lift.eml"\n'


@pytest.fixture
def residents(tmp_path: Path) -> Path:
    """The residents' association as `config init` writes it."""
    shutil.copytree(EXAMPLES / "residents", tmp_path / "residents")
    return tmp_path / "residents"


@pytest.mark.parametrize("name", example_names())
def test_an_example_does_what_it_expects(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written by `config init`, valid without any advice, and as expected message by message."""
    place = str(tmp_path / name)
    assert call(capsys, "config", "init", place, "--example", name)[0] == 0
    code, out, _ = call(capsys, "config", "check", "--config", place)
    assert (code, "(advice)" in out) == (0, False)
    code, out, _ = call(capsys, "policy", "test", "--config", place)
    assert code == 0
    assert "not ok" not in out


def test_the_shipped_rules_do_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    """Message by message."""
    code, out, _ = call(capsys, "policy", "test", "--config", str(DEFAULTS))
    assert (code, "not ok" in out) == (0, False)


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ('action = "hold"', "the outcome is accept, and should be hold"),
        (
            'origin = "known"\naction = "accept"',
            "the outcome is hold by not-a-resident, and should be accept",
        ),
        (
            'origin = "known"\naction = "hold"\nrules = ["for-sale"]',
            "decided by not-a-resident, and should be by for-sale",
        ),
        ('origin = "known"\naction = "hold"\nqueue = "board"', "read by moderators, and should be by board"),
        ('origin = "known"\naction = "hold"\nclause = "2"', "clause 2 is not cited"),
        ('action = "accept"\nshadow = ["for-sale"]', "for-sale only watches, and did not see it"),
    ],
)
def test_what_is_otherwise_is_said(
    residents: Path, capsys: pytest.CaptureFixture[str], expected: str, said: str
) -> None:
    """By its sentence, its file and what was seen; the command ends with 1."""
    (residents / "tests" / "expected.toml").write_text(TEST + expected + "\n", encoding="utf-8")
    code, out, _ = call(capsys, "policy", "test", "--config", str(residents))
    assert (code, out.splitlines()) == (1, ["not ok  x", f"        lift.eml: {said}", "0 of 1 as expected."])


def test_what_a_policy_would_do_counts_while_it_only_observes(
    residents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tests are about the rules, not about whether they are switched on."""
    with (residents / "site.toml").open("a") as file:
        file.write('\n[policy]\nmode = "observe"\n')
    assert call(capsys, "policy", "test", "--config", str(residents))[0] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEST, "test[1].action: is missing"),
        (TEST + 'action = "keep"', "test[1].action: 'keep' is not allowed; allowed: 'accept', 'hold', "),
        ("[[test", "is not TOML: "),
        ('[[test]]\nsays = "x"\nfile = "none.eml"\naction = "hold"', "No such file or directory"),
    ],
)
def test_wrong_use_is_named(residents: Path, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    """One plain line that names the place."""
    (residents / "tests" / "expected.toml").write_text(text, encoding="utf-8")
    code, _, err = call(capsys, "policy", "test", "--config", str(residents))
    assert code == 2
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_folder_of_its_own_can_be_named(residents: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """So that a secret archive need not lie beside the rules; a folder without expectations is wrong use."""
    (residents / "tests").rename(tmp_path / "archive")
    assert call(capsys, "policy", "test", str(tmp_path / "archive"), "--config", str(residents))[0] == 0
    assert call(capsys, "policy", "test", "--config", str(residents))[0] == 2


def test_an_unknown_example_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With those that there are."""
    code, _, err = call(capsys, "config", "init", str(tmp_path / "x"), "--example", "circus")
    assert (code, err) == (2, "listward: 'circus' is not an example; there are: residents, union-branch\n")
