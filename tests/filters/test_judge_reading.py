"""Reading one message: every reader guarded, all of it plain."""

from collections.abc import Iterable
from typing import Never

import pytest
from messages import build
from policy_bench import make_policy, make_site

from listward.filters.content import solicitation
from listward.filters.context import Context
from listward.filters.findings import Evidence, Finding
from listward.filters.guard import MOST_FINDINGS
from listward.filters.judge import context_for
from listward.filters.learner import SpamModel
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message
from listward.filters.reading import Reading, read

CONTEXT = context_for(make_site(), make_policy({}, internal_marks=["intern"]))
MODEL = SpamModel()
AT = 1_795_000_000.0


def breaks(message: Message, context: Context) -> Iterable[Finding]:
    """A reader that breaks halfway, with the message's words in its exception."""
    yield Finding("half", "abuse", 0.5, "half")
    raise ValueError(message.subject)


def chatters(message: Message, context: Context) -> Iterable[Finding]:
    """A reader that never stops."""
    while True:
        yield Finding("again", "abuse", 0.1, "again")


class BrokenModel(SpamModel):
    """A model that cannot score."""

    def score_message(self, message: Message) -> Never:
        """Raises."""
        raise MemoryError


def test_a_reading_holds_what_later_steps_need() -> None:
    """Facts, addresses of To and Cc, findings and all scores are there for an ordinary message."""
    raw = build(subject="[Intern] Haushalt", to="board@party.example", headers=[("Cc", "x@out.example")])
    found = read(parse_message(raw), AT, CONTEXT, MODEL)
    assert (found.claims.to, found.claims.cc) == (("board@party.example",), ("x@out.example",))
    assert (found.facts.subject, found.facts.message_id) == ("[Intern] Haushalt", "<one@party.example>")
    assert [finding.rule for finding in found.findings] == ["internal-mark"]
    assert found.scores.internal > 0.9
    assert 0 <= found.scores.spam <= 1
    assert 0 <= found.scores.solicitation <= 1
    assert found.failures == ()


def test_a_reader_that_breaks_is_a_finding() -> None:
    """The others still run, what it said before is dropped, and nothing of the message leaks into the reason."""
    readers = (("broken", breaks), ("second", lambda message, context: [Finding("seen", "abuse", 0.5, "seen")]))
    found = read(parse_message(build(subject="secret words")), AT, CONTEXT, MODEL, readers)
    assert [finding.rule for finding in found.findings] == ["seen", "filter-failed"]
    assert found.failures == ("broken",)
    assert found.findings[1].category == "failure"
    assert "secret" not in found.findings[1].reason
    assert "broken" in found.findings[1].reason


def test_a_model_that_breaks_is_a_finding_too() -> None:
    """A score that cannot be had is 0 and is said."""
    found = read(parse_message(build()), AT, CONTEXT, BrokenModel())
    assert (found.scores.spam, found.failures) == (0.0, ("spam-model",))


def test_findings_are_bounded() -> None:
    """A reader that never stops is cut."""
    found = read(
        parse_message(build()), AT, CONTEXT, MODEL, (("chatters", lambda m, c: _first(chatters(m, c), 10_000)),)
    )
    assert len(found.findings) == MOST_FINDINGS


def _first(findings: Iterable[Finding], count: int) -> Iterable[Finding]:
    return (finding for _, finding in zip(range(count), findings, strict=False))


def test_any_bytes_can_be_read() -> None:
    """Bytes that are no message at all give a reading without failures."""
    for raw in (b"", b"\0" * 1000, b"From: \xff\r\n\r\n\xfe", b"Subject: x\r\n" * 5000, bytes(range(256)) * 40):
        found = read(parse_message(raw), AT, CONTEXT, MODEL)
        assert isinstance(found, Reading)
        assert found.failures == ()


def test_evidence_of_marks_counts_in_the_subject() -> None:
    """The mark's place is that of the decoded subject."""
    found = read(parse_message(build(subject="Re: [intern] x")), AT, CONTEXT, MODEL)
    assert found.findings[0].evidence == (Evidence("subject", 5, 11, "intern"),)


def test_an_appeal_is_weighed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Score and finding come from one weighing."""
    weighed: list[Message] = []
    weigh = solicitation.read

    def counted(message: Message, context: Context) -> solicitation.Appeal:
        weighed.append(message)
        return weigh(message, context)

    monkeypatch.setattr(solicitation, "read", counted)
    raw = build(text="I lost my job. Please lend me 200 euros for the rent.\n")
    found = read(parse_message(raw), AT, CONTEXT, MODEL)
    (finding,) = found.findings
    assert finding.rule == "personal-appeal"
    assert found.scores.solicitation == pytest.approx(finding.weight, abs=1e-3)
    assert len(weighed) == 1


def test_an_appeal_that_cannot_be_weighed_is_one_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that breaks is said once, and the score is 0."""

    def broken(message: Message, context: Context) -> Never:
        raise RuntimeError

    monkeypatch.setattr(solicitation, "read", broken)
    found = read(parse_message(build()), AT, CONTEXT, MODEL)
    assert (found.failures, found.scores.solicitation) == (("solicitation",), 0.0)
    assert [finding.rule for finding in found.findings] == ["filter-failed"]
