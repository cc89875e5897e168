"""A case as programs read it."""

from datetime import UTC, datetime
from typing import Any

from listward.queue.cases.case import Case, Reason, Ruling


def case_view(case: Case) -> dict[str, Any]:
    """The whole case but its message. Times are ISO 8601 in UTC, "" where there is none."""
    draft = case.draft
    return {
        "number": case.number,
        "version": case.version,
        "state": case.state.value,
        "list": draft.list,
        "author": draft.author,
        "author_name": draft.author_name,
        "origin": draft.origin,
        "authenticated": draft.authenticated,
        "role": draft.role,
        "subject": draft.subject,
        "first_lines": draft.first_lines,
        "size": draft.size,
        "recipients": list(draft.envelope.recipients),
        "queues": list(draft.queues),
        "reasons": [_reason(reason) for reason in draft.reasons],
        "spam_score": draft.spam_score,
        "internal": draft.internal,
        "linked": list(draft.linked),
        "received_at": iso(draft.received_at),
        "opened_at": iso(case.opened_at),
        "changed_at": iso(case.changed_at),
        "claimed_by": case.claimed_by,
        "approvals": [{"queue": one.queue, "by": one.by, "at": iso(one.at)} for one in case.approvals],
        "ruling": _ruling(case.ruling),
        "deliver_after": iso(case.deliver_after),
        "failure": case.failure,
    }


def iso(at: float) -> str:
    """Unix seconds as ISO 8601 in UTC, "" for 0."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at else ""


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "category": reason.category,
        "clause": reason.clause,
        "sentence": reason.sentence,
        "evidence": {"view": reason.view, "start": reason.start, "end": reason.end, "text": reason.quote},
    }


def _ruling(ruling: Ruling | None) -> dict[str, Any] | None:
    if ruling is None:
        return None
    return {
        "verb": ruling.verb,
        "by": ruling.by,
        "at": iso(ruling.at),
        "clause": ruling.clause,
        "sentence": ruling.sentence,
    }
