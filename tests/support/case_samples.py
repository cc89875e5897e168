"""Drafts and bodies for tests of cases."""

from dataclasses import replace
from itertools import count
from typing import Any

from listward.queue.cases.case import CaseDraft, Reason, StoredEnvelope

_COUNT = count(1)


def draft(**changes: Any) -> CaseDraft:
    """Return a draft of a member's message with a ledger key of its own."""
    number = next(_COUNT)
    usual = CaseDraft(
        list="board@party.example",
        message_id=f"<{number}@member.example>",
        author="ana@member.example",
        author_name="Ana Prova",
        origin="member",
        authenticated=True,
        role="member",
        subject=f"Agenda {number}",
        first_lines="Dear all,",
        size=120,
        envelope=StoredEnvelope("ana@member.example", ("board@party.example",), (), ((),)),
        next_hop="smtp://127.0.0.1:2527",
        queues=("moderators",),
        reasons=(Reason("solicitation-donate", "solicitation", "A 3.1", "It asks for money.", "text", 0, 6, "donate"),),
        received_at=1_790_000_000.0,
        ledger_key=f"key-{number}",
        policy_hash="abc123",
    )
    return replace(usual, **changes)


def body(text: str = "Hello") -> bytes:
    """Return a small message."""
    return f"From: ana@member.example\r\nSubject: Agenda\r\n\r\n{text}\r\n".encode()
