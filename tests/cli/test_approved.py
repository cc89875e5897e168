"""Rules that have to be approved act only when they are; mail flows whatever happens."""

from pathlib import Path

import pytest

from listward.cli.approved import KEPT, approval_fault, at_start, keep_approved
from listward.config.load import Configuration, load

SITE = """\
[organisation]
name = "Party"
domains = ["party.example"]

[gateway]
listen = ["127.0.0.1:0"]

[policy]
require_approval = {required}
approved_hash = "{approved}"

[[list]]
address = "news@party.example"
zone = "public"
next_hop = "smtp://127.0.0.1:1"
"""
RULE = """
[[rule]]
name = "{name}"
stage = "content"
action = "hold"
queue = "moderators"
when = {{ origin = ["unproven"] }}
"""


def written(folder: Path, name: str, approved: str = "", required: str = "true") -> Configuration:
    """A configuration with one rule."""
    (folder / "site.toml").write_text(SITE.format(approved=approved, required=required))
    (folder / "policy.toml").write_text(RULE.format(name=name))
    return load(folder)


def test_approved_rules_start_as_they_are(tmp_path: Path) -> None:
    """And so do others where approval is not required."""
    digest = written(tmp_path, "good").policy.digest
    for configuration in (written(tmp_path, "good", digest[:12]), written(tmp_path, "other", digest, "false")):
        assert approval_fault(configuration) is None
        assert at_start(configuration, tmp_path) == (configuration, "")


def test_others_than_the_approved_do_not_start(tmp_path: Path) -> None:
    """Those approved last run on, with the site as it is now; it is said which and why."""
    digest = written(tmp_path, "good").policy.digest
    approved = written(tmp_path, "good", digest)
    keep_approved(approved, tmp_path)
    assert (tmp_path / KEPT).stat().st_mode & 0o777 == 0o600
    changed = written(tmp_path, "changed", digest)
    keep_approved(changed, tmp_path)  # which it is not
    running, remark = at_start(changed, tmp_path)
    assert running.policy == approved.policy
    assert running.site == changed.site
    assert changed.policy.digest[:12] in remark
    assert f"running the approved policy {digest[:12]}" in remark


@pytest.mark.parametrize("kept", ["", "nonsense", '{"rule": []}', "other"])
def test_without_approved_rules_mail_is_only_watched(tmp_path: Path, kept: str) -> None:
    """Rules that nobody approved hold and refuse nothing; nor do those that were approved once and are no longer."""
    digest = written(tmp_path, "good").policy.digest
    if kept == "other":
        other = written(tmp_path, "other")
        keep_approved(written(tmp_path, "other", other.policy.digest), tmp_path)
    elif kept:
        (tmp_path / KEPT).write_text(kept)
    changed = written(tmp_path, "changed", digest)
    running, remark = at_start(changed, tmp_path)
    assert running.site.policy.mode == "observe"
    assert running.policy == changed.policy
    assert "observing only" in remark


def test_rules_that_no_longer_fit_the_site_do_not_start(tmp_path: Path) -> None:
    """Such as one that names a queue which is gone."""
    digest = written(tmp_path, "good").policy.digest
    approved = written(tmp_path, "good", digest)
    rule = approved.policy.rules[0].model_copy(update={"queue": "nobody"})
    broken = approved.policy.model_copy(update={"rules": (rule,)})
    (tmp_path / KEPT).write_text(broken.model_dump_json(by_alias=True))
    running, _ = at_start(written(tmp_path, "changed", digest), tmp_path)
    assert running.site.policy.mode == "observe"
