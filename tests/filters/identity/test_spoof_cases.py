"""The spoofing cases: what identity makes of each, and that no forged case ever becomes a member or one of us.

`python -m pytest tests/filters/identity/test_spoof_cases.py -rA` lists each case with its outcome.
"""

import asyncio
from pathlib import Path
from typing import Any

from identity_world import FixedRosters, claims, message, person, site, transaction
from spoofing import raw_of, spoof_cases, zone_of
from static_dns import StaticResolver
from vector_files import vectors

from listward.filters.identity.authenticate import authenticate
from listward.filters.identity.authres import forged_trace_field
from listward.filters.identity.origin import Authentication, Origin, OriginKind
from listward.filters.identity.origins import origin_for

LIST = "list@example.com"
TRUSTED = {OriginKind.MEMBER, OriginKind.INTERNAL}


def _judge(case: dict[str, Any], standard: str) -> tuple[Authentication, Origin]:
    raw = raw_of(case)
    settings = site(
        authentication={"dmarc": standard},
        organisation={"name": "Example", "domains": ["example.com"]},
        list=[{"address": LIST, "zone": "members", "next_hop": "lmtp://127.0.0.1:8024"}],
    )
    arrived = transaction(raw, address=case["client_ip"], helo=case["helo"], sender=case["mail_from"])
    people = FixedRosters(
        *(person(address) for key in ("members", "moderators") for address in case["list_facts"][key])
    )
    authentication = asyncio.run(authenticate(claims(raw), arrived, settings, StaticResolver(zone_of(case))))
    return authentication, origin_for(authentication, claims(raw), arrived, LIST, settings, people)


@vectors("spoof/cases.json", spoof_cases, also="RFC 7489")
def test_a_spoofing_case_is_seen_for_what_it_is(vector: dict[str, Any]) -> None:
    """No case becomes a member or internal; what it must not claim it does not; accepted ones have the right author."""
    origin = _checked(vector, "rfc7489")
    print(f"spoof {vector['id']}: {origin.kind}{', undecided' if origin.undecided else ''}")


@vectors("spoof/cases.json", spoof_cases, also="RFC 9989")
def test_a_spoofing_case_is_seen_by_the_newer_standard(vector: dict[str, Any]) -> None:
    """The same where the tree walk finds the policies."""
    _checked(vector, "rfc9989")


def _checked(case: dict[str, Any], standard: str) -> Origin:
    authentication, origin = _judge(case, standard)
    assert origin.kind not in TRUSTED
    for forbidden in case["expected"]["must_not"]:
        _check_forbidden(forbidden, authentication, origin)
    _check_verdict(case["expected"]["verdict"], origin)
    return origin


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


def _with_results(path: Path) -> list[tuple[str, Any]]:
    return [(name, case) for name, case in spoof_cases(path) if name.startswith("forged-ar-")]


@vectors("spoof/cases.json", _with_results, also="forged results")
def test_forged_results_of_the_cases_are_recognised(vector: dict[str, Any]) -> None:
    """The cases that carry results in our name have them recognised."""
    fields = message(raw_of(vector)).all("Authentication-Results")
    assert [forged_trace_field(field.name, field.raw, "mx.example.com") for field in fields] == [True]
