"""A good configuration is read whole: defaults fill in, own files win, the digest follows every word."""

from pathlib import Path

import pytest

from listward.config.find import DEFAULTS, find_directory
from listward.config.load import load
from listward.config.paths import state_directory
from listward.config.site import Site
from listward.config.starter import NotEmpty, write_starter

SMALLEST = """
[organisation]
name = "Us"
domains = ["Party.Example"]
[gateway]
[[list]]
address = "Members@party.example"
zone = "members"
next_hop = "lmtp://127.0.0.1:8024"
"""


def written(directory: Path, text: str = SMALLEST) -> Path:
    directory.mkdir(exist_ok=True)
    (directory / "site.toml").write_text(text, encoding="utf-8")
    return directory


def test_three_tables_are_enough(tmp_path: Path) -> None:
    """A site.toml with organisation, gateway and one list is valid; the rest is what ships."""
    configuration = load(written(tmp_path))
    site = configuration.site
    assert site.lists[0].moderators == ("moderators",)
    assert site.gateway.listen == ("127.0.0.1:2525",)
    assert site.policy.mode == "enforce"
    assert configuration.policy.rules


def test_addresses_and_domains_compare_without_case(tmp_path: Path) -> None:
    """Capital letters in the file do not hide a list."""
    site = load(written(tmp_path)).site
    assert site.organisation.domains == ("party.example",)
    found = site.list_for("MEMBERS@PARTY.EXAMPLE")
    assert found is not None
    assert found.short_name == "members"


def test_shipped_defaults_are_valid() -> None:
    """What ships loads by itself."""
    assert load(DEFAULTS).policy.digest


def test_starter_is_valid_and_never_overwrites(tmp_path: Path) -> None:
    """`config init` writes a folder that loads, in observe mode, and leaves a folder with files alone."""
    target = tmp_path / "new"
    assert target / "site.toml" in write_starter(target)
    assert load(target).site.policy.mode == "observe"
    with pytest.raises(NotEmpty, match="nothing was written"):
        write_starter(target)


def test_a_release_changes_no_digest_of_one_s_own_files(tmp_path: Path) -> None:
    """An organisation approves its rules by this digest: only what it writes itself may change it."""
    for name in ("phrases", "payees"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.txt").write_text("# approved-on: 2026-05-03\nfirst entry\n\nsecond entry\n")
    (tmp_path / "policy.toml").write_text('[[rule]]\nname = "all"\nstage = "content"\naction = "accept"\n')
    (tmp_path / "clauses.toml").write_text('[[clause]]\nnumber = "1"\ntitle = "Respect"\ntext = "Be kind."\n')
    digest = "fa93849126ab35b0f35e80f693931f1adb29cceb40d4e0e6d0dee5d7079b4c45"
    assert load(written(tmp_path)).policy.digest == digest


def test_own_policy_files_win_and_change_the_digest(tmp_path: Path) -> None:
    """A payee of one's own is read, its comment is not, and the policy's digest changes with it."""
    directory = written(tmp_path)
    before = load(directory).policy
    (directory / "payees").mkdir()
    (directory / "payees" / "own.txt").write_text("# the strike fund\nES91 2100 0418  # bank\n", encoding="utf-8")
    after = load(directory).policy
    assert after.payees == {"ES91 2100 0418"}
    assert after.digest != before.digest


def test_own_template_is_read_first(tmp_path: Path) -> None:
    """A template in the organisation's folder replaces the shipped one; a missing one is named."""
    directory = written(tmp_path)
    (directory / "templates" / "en").mkdir(parents=True)
    (directory / "templates" / "en" / "held.txt").write_text("Ours", encoding="utf-8")
    templates = load(directory).templates
    assert templates.read("en/held.txt") == "Ours"
    with pytest.raises(FileNotFoundError, match="no template en/none"):
        templates.read("en/none.txt")


def test_directory_is_found_by_flag_then_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag wins over $LISTWARD_CONFIG."""
    monkeypatch.setenv("LISTWARD_CONFIG", str(tmp_path / "env"))
    assert find_directory(None) == tmp_path / "env"
    assert find_directory(tmp_path / "flag") == tmp_path / "flag"


def site_in(directory: Path, text: str = SMALLEST) -> Site:
    return load(written(directory, text)).site


def test_two_configurations_never_share_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """State lies beside each configuration, unless systemd or the file says otherwise."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert state_directory(site_in(tmp_path / "a")) == tmp_path / "a" / "var"
    assert state_directory(site_in(tmp_path / "b")) == tmp_path / "b" / "var"
    given = site_in(tmp_path / "c", SMALLEST.replace("[gateway]", '[store]\npath = "here"\n[gateway]'))
    assert state_directory(given) == tmp_path / "c" / "here"
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/listward")
    assert state_directory(site_in(tmp_path / "a")) == Path("/var/lib/listward")
