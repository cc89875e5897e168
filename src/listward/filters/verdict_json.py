"""A judgement as one JSON object: the one shape that scripts rely on, at the command and at the API."""

from typing import Any

from listward.filters.findings import Finding
from listward.filters.identity.told import origin_json
from listward.filters.judgement import Judgement, RecipientVerdict, ReplyWords, RuleOutcome


def verdict_json(judgement: Judgement, explain: bool = False) -> dict[str, Any]:
    """Return the object for one message; `explain` adds every rule tried for each recipient."""
    return {
        "message_id": judgement.facts.message_id,
        "action": judgement.action.value,
        "queue": queue_of(judgement),
        "reply": {
            "code": judgement.reply.code,
            "enhanced": judgement.reply.enhanced,
            "text": reply_text(judgement.reply),
        },
        "origin": origin_json(judgement.origin, judgement.authentication),
        "scores": {
            "spam": round(judgement.scores.spam, 6),
            "solicitation": round(judgement.scores.solicitation, 6),
            "internal": round(judgement.scores.internal, 6),
        },
        "findings": [_finding(finding) for finding in judgement.findings],
        "recipients": [_recipient(verdict, explain) for verdict in judgement.recipients],
        "policy": judgement.policy_hash,
    }


def queue_of(judgement: Judgement) -> str:
    """The first queue that decides, "" where nothing is held."""
    return next((queue for verdict in judgement.recipients for queue in verdict.queues), "")


def reply_text(reply: ReplyWords) -> str:
    """The reply's words; numbers that only a real case or transaction has are left open."""
    return reply.text.replace("{case}", "(number)").replace("{id}", "(id)")


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "category": finding.category,
        "weight": finding.weight,
        "clause": finding.clause,
        "reason": finding.reason,
        "evidence": [
            {"view": place.view, "start": place.start, "end": place.end, "text": place.text}
            for place in finding.evidence
        ],
    }


def _recipient(verdict: RecipientVerdict, explain: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "address": verdict.target.address,
        "zone": verdict.target.zone.value,
        "action": verdict.action.value,
        "next_hop": verdict.target.next_hop,
        "kind": verdict.target.kind.value,
        "queues": list(verdict.queues),
        "copy_to": list(dict.fromkeys(address for outcome in verdict.outcomes for address in outcome.copy_to)),
    }
    return {**shown, "rules": [_outcome(outcome) for outcome in verdict.outcomes]} if explain else shown


def _outcome(outcome: RuleOutcome) -> dict[str, Any]:
    return {
        "rule": outcome.rule,
        "stage": outcome.stage,
        "mode": outcome.mode.value,
        "fired": outcome.fired,
        "undecided": outcome.undecided,
        "action": outcome.action.value if outcome.action else None,
        "observed": outcome.observed,
    }
