"""Automatic answers are found; people's answers, however short, are not."""

import pytest
from messages import build, crlf

from listward.filters.content import automatic
from listward.filters.context import Context
from listward.filters.message.parse import parse_message

CONTEXT = Context("Party", frozenset(), frozenset(), frozenset(), frozenset())
REPORT = """From: a@b.example
Content-Type: multipart/report; report-type={kind}; boundary=b

--b

read
--b
Content-Type: message/{kind}

Final-Recipient: rfc822; a@b.example
--b--
"""


def found(raw: bytes) -> bool:
    findings = list(automatic.check(parse_message(raw), CONTEXT))
    assert all(finding.rule == "automatic-reply" for finding in findings)
    return bool(findings)


@pytest.mark.parametrize(
    "raw",
    [
        build(headers=[("Auto-Submitted", "auto-replied")]),
        build(headers=[("Auto-Submitted", "auto-replied (vacation)")]),
        build(headers=[("X-Autoreply", "yes")]),
        build(headers=[("X-Autorespond", "away")]),
        build(headers=[("Precedence", "auto_reply")]),
        crlf(REPORT.format(kind="disposition-notification")),
        crlf(REPORT.format(kind="delivery-status")),
    ],
)
def test_answers_of_programs_are_found(raw: bytes) -> None:
    """Vacation answers, read receipts and delivery reports."""
    assert found(raw)


@pytest.mark.parametrize(
    "raw",
    [
        build(text="me too\n"),
        build(text="Yes, I will come.\n"),
        build(headers=[("Auto-Submitted", "no")]),
        build(headers=[("Auto-Submitted", "auto-generated")]),
        build(headers=[("Precedence", "list")]),
        build(subject="Out of office hours: new opening times"),
    ],
)
def test_people_are_not_found(raw: bytes) -> None:
    """Short answers pass, and so do a server's own reports."""
    assert not found(raw)
