"""Rules that must be approved before they act: those approved last are kept for the next start."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from listward.config.approval import SHOWN, approval_of
from listward.config.faults import Fault
from listward.config.load import Configuration
from listward.config.policy import Policy
from listward.config.policy_checks import check_policy
from listward.config.site import Site

KEPT = "approved-policy.json"


def keep_approved(configuration: Configuration, state: Path) -> None:
    """Keep the rules where they are approved. A full disk is no reason to end."""
    policy = configuration.policy
    if not approval_of(policy, configuration.site.policy).is_given:
        return
    fresh = state / f".{KEPT}.{os.getpid()}"
    with suppress(OSError):
        fresh.write_text(policy.model_dump_json(by_alias=True), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(state / KEPT)


def approval_fault(configuration: Configuration) -> Fault | None:
    """Why rules may not be taken up, None where they may."""
    table = configuration.site.policy
    if not table.require_approval or approval_of(configuration.policy, table).is_given:
        return None
    digest = configuration.policy.digest[:SHOWN]
    message = f"policy {digest} is not approved, and [policy] require_approval says that it has to be"
    return Fault(configuration.directory / "site.toml", 0, "policy.approved_hash", message)


def at_start(configuration: Configuration, state: Path) -> tuple[Configuration, str]:
    """Return what to start with, and what to say about it.

    Mail must flow, and rules that nobody approved must not act: those approved last are run, else mail is only watched.
    """
    fault = approval_fault(configuration)
    if fault is None:
        return configuration, ""
    kept = _kept(state, configuration.site)
    if kept is not None:
        return replace(configuration, policy=kept), f"{fault}; running the approved policy {kept.digest[:SHOWN]}"
    table = configuration.site.policy.model_copy(update={"mode": "observe"})
    site = configuration.site.model_copy(update={"policy": table})
    return replace(configuration, site=site), f"{fault}; observing only: its rules hold and refuse nothing"


def _kept(state: Path, site: Site) -> Policy | None:
    """The rules approved last, where they are those that are approved now and still fit the site."""
    try:
        policy = Policy.model_validate_json((state / KEPT).read_bytes())
    except (OSError, ValidationError):
        return None
    fits = approval_of(policy, site.policy).is_given and not any(True for _ in check_policy(policy, site))
    return policy if fits else None
