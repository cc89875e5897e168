"""The spoofing cases under the whole shipped policy: what would happen to each, on a members' list and on a public one.

`python -m pytest tests/filters/test_spoof_verdicts.py -q -rP` lists each case with its outcome.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from identity_world import FixedRosters, person, site, transaction
from policy_bench import shipped_policy
from spoofing import raw_of, spoof_cases, zone_of
from static_dns import StaticResolver
from vector_files import vectors

from listward.filters.judge import Judge
from listward.filters.judgement import Action, Judgement
from listward.filters.learner import SpamModel
from listward.filters.probes import Probes

LIST = "list@example.com"
STOPPED = {Action.REJECT, Action.HOLD}


def _judged(case: dict[str, Any], zone: str) -> Judgement:
    settings = site(
        organisation={"name": "Example", "domains": ["example.com"]},
        list=[{"address": LIST, "zone": zone, "next_hop": "lmtp://127.0.0.1:8024"}],
    )
    facts = case["list_facts"]
    people = FixedRosters(*(person(address) for key in ("members", "moderators") for address in facts[key]))
    raw = raw_of(case)
    arrived = transaction(
        raw,
        address=case["client_ip"],
        helo=case["helo"],
        sender=case["mail_from"],
        recipients=tuple(case["rcpt_to"]),
    )
    judge = Judge(settings, shipped_policy(), SpamModel(), Probes(StaticResolver(zone_of(case)), people))
    return asyncio.run(judge.judge(arrived))


@pytest.mark.parametrize("zone", ["members", "public"])
@vectors("spoof/cases.json", spoof_cases, also="verdicts on two lists")
def test_a_spoofing_case_ends_as_it_should(vector: dict[str, Any], zone: str) -> None:
    """Nobody gets through in another's name, and who only writes oddly in her own is treated as any stranger."""
    judged = _judged(vector, zone)
    _check(vector["expected"]["verdict"], judged, zone)
    found = ", ".join(sorted({finding.rule for finding in judged.findings}))
    print(f"spoof {zone} {vector['id']}: {judged.action} {judged.origin.kind} {judged.origin.basis}: {found}")


def _check(verdict: str, judged: Judgement, zone: str) -> None:
    if verdict in {"reject_or_hold", "reject"}:
        assert judged.action in STOPPED
        return
    if verdict == "accept_as_second":
        assert judged.origin.address == "second@attack.example"
        # A members' list takes a stranger's mail by a moderator; that is no finding of posing.
        assert judged.action is (Action.ACCEPT if zone == "public" else Action.HOLD)
    elif verdict.startswith(("accept_as_second", "accept_as_any")):
        who = "second" if "second" in verdict else "any"
        assert judged.action is Action.HOLD or judged.origin.address == f"{who}@attack.example"
    elif verdict.startswith("tempfail"):
        assert judged.action in {Action.DEFER, Action.HOLD, Action.ACCEPT}
        assert not judged.origin.kind.authenticated


def _confirmations(path: Path) -> list[tuple[str, Any]]:
    return [one for one in spoof_cases(path) if one[0] == "rcpt-plus-confirm"]


@vectors("spoof/cases.json", _confirmations, also="confirmation")
def test_a_confirmation_is_not_held(vector: dict[str, Any]) -> None:
    """Whoever confirms a subscription is not kept waiting for a person."""
    assert _judged(vector, "members").action is not Action.HOLD
