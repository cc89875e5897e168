"""The spoofing cases: what identity makes of each, and that no forged case ever becomes a member or one of us.

`python -m pytest tests/filters/identity/test_spoof_cases.py -rA` lists each case with its outcome.
"""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest
from identity_world import FixedRosters, claims, message, person, rsa_record, signed, site, transaction
from static_dns import StaticResolver

from listward.filters.identity.authenticate import authenticate
from listward.filters.identity.authres import forged_trace_field
from listward.filters.identity.origin import Authentication, Origin, OriginKind
from listward.filters.identity.origins import origin_for

CASES = Path(__file__).resolve().parents[4] / "shared/conformance/spoof/cases.json"
LIST = "list@example.com"
TRUSTED = {OriginKind.MEMBER, OriginKind.INTERNAL}


def _cases() -> list[Any]:
    loaded = json.loads(CASES.read_text(encoding="utf-8")) if CASES.is_file() else []
    return [pytest.param(case, id=case["id"]) for case in loaded]


def _zone(case: dict[str, Any]) -> dict[str, Any]:
    zone = dict(case["dns"])
    if how := case["dkim"]:
        tags = "v=DKIM1; t=y; " if how.get("t") == "y" else "v=DKIM1; "
        zone[f"{how['s']}._domainkey.{how['d']}"] = {"TXT": [rsa_record(tags=tags)]}
    return zone


def _raw(case: dict[str, Any]) -> bytes:
    raw = base64.b64decode(case["message_b64"])
    if not (how := case["dkim"]):
        return raw
    tags = {name: str(value) for name, value in how.items() if name in {"a", "x"}}
    return signed(raw, how["d"], how["s"], tags=tags)


def _judge(case: dict[str, Any]) -> tuple[Authentication, Origin]:
    raw = _raw(case)
    settings = site(
        organisation={"name": "Example", "domains": ["example.com"]},
        list=[{"address": LIST, "zone": "members", "next_hop": "lmtp://127.0.0.1:8024"}],
    )
    arrived = transaction(raw, address=case["client_ip"], helo=case["helo"], sender=case["mail_from"])
    people = FixedRosters(
        *(person(address) for key in ("members", "moderators") for address in case["list_facts"][key])
    )
    authentication = asyncio.run(authenticate(claims(raw), arrived, settings, StaticResolver(_zone(case))))
    return authentication, origin_for(authentication, claims(raw), arrived, LIST, settings, people)


@pytest.mark.shared
@pytest.mark.parametrize("case", _cases())
def test_a_spoofing_case_is_seen_for_what_it_is(case: dict[str, Any]) -> None:
    """No case becomes a member or internal; what it must not claim it does not; accepted ones have the right author."""
    authentication, origin = _judge(case)
    assert origin.kind not in TRUSTED
    for forbidden in case["expected"]["must_not"]:
        _check_forbidden(forbidden, authentication, origin)
    _check_verdict(case["expected"]["verdict"], origin)
    print(f"vectors: spoof {case['id']}: {origin.kind}{', undecided' if origin.undecided else ''}")


def _check_forbidden(forbidden: str, authentication: Authentication, origin: Origin) -> None:
    results = {(item.method, item.result, item.identity) for item in authentication.results}
    if forbidden.startswith("dmarc=pass for "):
        assert ("dmarc", "pass", forbidden.removeprefix("dmarc=pass for ")) not in results
    elif forbidden.startswith(("post as ", "author = ")):
        assert not (origin.kind.authenticated and origin.address == forbidden.rpartition(" ")[2])
    elif forbidden == "spf=pass":
        assert not any(item.method == "spf" and item.result == "pass" for item in authentication.results)
    elif forbidden.startswith(("choose one From", "use Sender", "use Resent-From", "crash")):
        assert origin.address == ""


def _check_verdict(verdict: str, origin: Origin) -> None:
    """At this level a refusal or hold means: nobody is authenticated."""
    if verdict in {"reject_or_hold", "reject"}:
        assert not origin.kind.authenticated
    if verdict == "accept_as_second":
        assert (origin.kind, origin.address) == (OriginKind.KNOWN, "second@attack.example")
    if verdict.startswith("accept_as_any"):
        assert origin.address in {"any@attack.example", ""}


@pytest.mark.shared
def test_forged_results_of_the_cases_are_recognised() -> None:
    """The cases that carry results in our name have them recognised."""
    found = 0
    for parameters in _cases():
        (case,) = parameters.values
        for field in message(_raw(case)).all("Authentication-Results"):
            found += forged_trace_field(field.name, field.raw, "mx.example.com")
    assert found == 2
