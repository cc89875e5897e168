"""Structure findings: what is missing, doubled, absurd or beyond the limits; ordinary mail has none."""

import re
from email.utils import parsedate_tz

import pytest
from messages import build

from listward.filters.content import ambiguity, attachments, automatic, structure
from listward.filters.content.readers import READERS
from listward.filters.context import Context
from listward.filters.findings import Finding
from listward.filters.message import limits
from listward.filters.message.parse import parse_message

CONTEXT = Context("Party", frozenset(), frozenset(), frozenset(), frozenset())


def findings(raw: bytes) -> dict[str, Finding]:
    return {finding.rule: finding for finding in structure.check(parse_message(raw), CONTEXT)}


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (build(from_=None), "missing-from"),
        (build(headers=[("From", "x@y.example")]), "multiple-from"),
        (build(from_=None, headers=[("From", "nobody")]), "no-author-address"),
        (build(date="Fri, 21 Nov 2206 10:00:00 +0000"), "absurd-date"),
        (build(date="Sat, 21 Nov 1970 10:00:00 +0000"), "absurd-date"),
        (
            build(date=None).replace(b"From:", b"Date: Sat, 21 Nov %s 10:00:00 +0000\r\nFrom:" % (b"9" * 300), 1),
            "absurd-date",
        ),
        (build(subject=None, headers=[("Subject", "x\x1b[31m")]), "control-characters-in-subject"),
        (build(subject=None, headers=[("Subject", "=?utf-8?q?x=00y?=")]), "control-characters-in-subject"),
        (build(subject=None, headers=[("Subject", "\u202etxt.exe")]), "control-characters-in-subject"),
        (build(headers=[("Subject", "another")]), "multiple-subjects"),
        (build(headers=[("X-A", "b")] * limits.FIELDS), "too-many-fields"),
        (build(headers=[("X-A", "b" * limits.FIELD_BYTES)]), "field-too-long"),
        (build(html="<div>" * 300), "html-too-deep"),
    ],
)
def test_what_is_wrong_is_named(raw: bytes, rule: str) -> None:
    """Each fault has its own rule."""
    assert rule in findings(raw)


@pytest.mark.parametrize(
    "raw",
    [
        build(),
        build(message_id=None, date=None, subject=None),
        build(subject="¿Cuándo? - ärgerlich"),
        build(subject="a long subject " * 10),
        build(date="21 Nov 26 10:00 GMT"),
        build(date="yesterday"),
        build(html="<p>x</p>", attachments=[("a.pdf", b"%PDF")]),
        build(headers=[("Subject", "Minutes of Tuesday")]),
        build(from_=None, headers=[("From", "ana at party.example (Ana)")]),
    ],
)
def test_ordinary_mail_has_no_finding(raw: bytes) -> None:
    """Missing ids, odd dates and 8-bit words are no reason to look twice."""
    assert not findings(raw)


def test_reasons_are_plain_and_short() -> None:
    """At most 20 words, none that only technicians know."""
    reasons = [reason for _, reason in structure._REASONS.values()]
    reasons += [reason for reason, _ in ambiguity.REASONS.values()]
    reasons += [reason for _, _, reason in attachments._REASONS.values()]
    reasons += [automatic._REASON, automatic._RECEIPT]
    reasons += [
        finding.reason
        for raw in (build(from_=None), build(date="1 Jan 1970 00:00"))
        for finding in findings(raw).values()
    ]
    for reason in reasons:
        assert len(reason.split()) <= 20, reason
        assert reason.endswith("."), reason
        assert not re.search(r"SMTP|DMARC|score|quarantine|violation|spam|MIME", reason, re.IGNORECASE), reason


def test_every_reader_is_registered_once() -> None:
    """Names are unique, and each reader answers an ordinary message with nothing."""
    names = [name for name, _ in READERS]
    assert len(names) == len(set(names))
    assert {"structure", "ambiguity", "automatic", "attachments"} <= set(names)
    message = parse_message(build(text="Yes, I will come.\n"))
    for name, check in READERS:
        assert list(check(message, CONTEXT)) == [], name


def test_evidence_names_the_words() -> None:
    """A finding shows what it rests on."""
    evidence = findings(build(date="Fri, 21 Nov 2206 10:00:00 +0000"))["absurd-date"].evidence[0]
    assert evidence.view == "date"
    assert evidence.text[evidence.start : evidence.end] == "Fri, 21 Nov 2206 10:00:00 +0000"


@pytest.mark.parametrize(
    "date",
    [
        "Sat, 21 Nov 2026 10:00:00 +0000",
        "1 Jan 1980 00:00 +0100",
        "Fri, 3 Feb 2012 11:22:33 -0800 (PST)",
        "Mon, 01 Jan 0099 00:00:00 +0000",
        "Mon, 01 Jan 9999 00:00:00 +0000",
        "Sat, 21 Nov 26 10:00:00 +0000",
        "sat 21 nov 2026 10:00",
        "2026-11-21",
    ],
)
def test_plainly_written_dates_are_read_as_all_others(date: str) -> None:
    """The short way to the year says what the parser says."""
    parsed = parsedate_tz(date)
    assert structure._year(date) == (parsed[0] if parsed else None)
