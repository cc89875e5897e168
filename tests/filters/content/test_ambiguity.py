"""Ambiguity findings: one for each way readers may differ; harmless defects are none."""

import pytest
from messages import build, crlf

from listward.filters.content import ambiguity
from listward.filters.context import Context
from listward.filters.message.message import Defect, Message
from listward.filters.message.parse import parse_message

CONTEXT = Context("Party", frozenset(), frozenset(), frozenset(), frozenset())


def rules(message: Message) -> list[str]:
    return [finding.rule for finding in ambiguity.check(message, CONTEXT)]


@pytest.mark.parametrize("name", ambiguity.REASONS)
def test_each_defect_has_its_own_rule(name: str) -> None:
    """The finding bears the defect's name and shows its detail."""
    message = Message(b"", (), 0, (), (Defect(name, "detail"),))
    (finding,) = ambiguity.check(message, CONTEXT)
    assert finding.rule == name
    assert finding.category == "ambiguity"
    assert 0 < finding.weight <= 1
    assert finding.evidence[0].text == "detail"


@pytest.mark.parametrize(
    "name",
    ["base64-footer", "base64-padding", "ambiguous-addresses", "obscured-author", "text-truncated"],
)
def test_harmless_defects_are_no_finding(name: str) -> None:
    """What all readers show alike holds nobody's mail."""
    assert not rules(Message(b"", (), 0, (), (Defect(name, ""),)))


def test_two_boundaries_are_found() -> None:
    """From the bytes to the finding."""
    raw = crlf("From: a@b.example\nContent-Type: multipart/mixed; boundary=a; boundary=b\n\n--a\n\nx\n--a--\n")
    assert rules(parse_message(raw)) == ["several-boundaries"]


def test_two_readings_of_the_author_are_found() -> None:
    """The author must be beyond doubt."""
    raw = build(from_=None, headers=[("From", "Ruiz, Ana <a@b.example>")])
    assert rules(parse_message(raw)) == ["ambiguous-author"]


@pytest.mark.parametrize(
    "raw",
    [
        build(),
        build(text="añejo " * 500, html="<p>añejo</p>"),
        build(attachments=[("informe final.pdf", b"%PDF"), ("añejo - é.docx", b"PK")]),
        build(headers=[("Content-Language", "es"), ("X-Odd", "=?x?")]),
        crlf("From: a@b.example\nContent-Type: text\n\nold programs write this\n"),
        crlf("From: a@b.example\nContent-Type: text/plain; charset=us-ascii; format=flowed\n\nx = y\n"),
        crlf("From: a@b.example\nContent-Type: application/pdf; name=my report.pdf\n\nx\n"),
    ],
)
def test_ordinary_mail_has_no_finding(raw: bytes) -> None:
    """What programs of our members write is never ambiguous."""
    assert not rules(parse_message(raw))
