"""A case as programs read it."""

from datetime import UTC, datetime
from typing import Any

from listward.queue.cases.case import Case, Reason, Ruling
from listward.queue.desk.vouching import path_words
from listward.queue.store.accounts import Vouch


def case_view(case: Case) -> dict[str, Any]:
    """The whole case but its message. Times are ISO 8601 in UTC, "" where there is none."""
    view: dict[str, Any] = utf8(_case(case))
    return view


def utf8(value: Any) -> Any:
    """The same value with a "?" for each half of a character: a stranger's bytes may decode to what is no UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: utf8(one) for name, one in value.items()}
    return [utf8(one) for one in value] if isinstance(value, list) else value


def _case(case: Case) -> dict[str, Any]:
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
        "basis": draft.basis,
        "grounds": list(draft.grounds),
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
        "copy_to": [address for copy in draft.copies for address in copy.to],
        "is_copy": draft.is_copy,
        "received_at": iso(draft.received_at),
        "opened_at": iso(case.opened_at),
        "changed_at": iso(case.changed_at),
        "claimed_by": case.claimed_by,
        "approvals": [{"queue": one.queue, "by": one.by, "at": iso(one.at)} for one in case.approvals],
        "ruling": _ruling(case.ruling),
        "deliver_after": iso(case.deliver_after),
        "failure": case.failure,
        "answer": case.answer.said.value if case.answer else "",
    }


def vouch_view(vouch: Vouch) -> dict[str, Any]:
    """A way of sending that somebody vouched for, and who did."""
    view: dict[str, Any] = utf8(
        {
            "id": vouch.id,
            "list": vouch.list,
            "author": vouch.author,
            "path": {"method": vouch.path.method.value, "domain": vouch.path.domain, "selector": vouch.path.selector},
            "words": path_words(vouch.path),
            "how": vouch.how.value,
            "by": vouch.by,
            "at": iso(vouch.at),
            "used_at": iso(vouch.used_at),
            "lapsed": vouch.lapsed,
        }
    )
    return view


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
