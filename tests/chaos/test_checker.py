"""The checker sees every way of breaking the promise, and is content with a history that keeps it."""

from dataclasses import replace
from pathlib import Path

import pytest
from chaos_checker import judge
from chaos_history import Arrival, Counted, Event, Fault, History, Kept, Sent, Told, read_history

A, B = "members@party.example", "forum@party.example"
SENT = Sent("m1", (A, B), "body")
TOLD = Told("m1", 1, 250, 10.0, 11.0)
AT_A = Arrival("one", "m1", (A,), "body", 10.5)
AT_B = Arrival("two", "m1", (B,), "body", 10.6)
HELD = Kept("10017", "m1", (B,), "held")
DISCARD = Kept("10017", "m1", (B,), "discarded", by="policy")
LATER = replace(TOLD, code=451)
AGAIN = Told("m1", 2, 250, 20.0, 21.0)
AGAIN_AT_A = replace(AT_A, at=20.5)
UNACKED = replace(AT_A, acked=False)
POSSIBLE = Counted("duplicates_possible", 1)


def verdict(*events: Event) -> tuple[str, ...]:
    """The first word of each violation."""
    return tuple(sentence.partition(":")[0] for sentence in judge(History(list(events))).violations)


@pytest.mark.parametrize(
    "events",
    [
        (SENT, TOLD, AT_A, AT_B),
        (SENT, TOLD, AT_A, HELD),
        (SENT, TOLD, AT_A, DISCARD),
        (SENT, replace(TOLD, code=550)),
        (SENT, LATER, UNACKED, AGAIN, AGAIN_AT_A, AT_B, POSSIBLE),
        (SENT, LATER, AT_A, Fault("way", "cut", 10.0, 10.1), AGAIN, AGAIN_AT_A, AT_B, POSSIBLE),
        (SENT, LATER, UNACKED, replace(TOLD, attempt=2, code=550)),
        (SENT, TOLD, AT_A, replace(HELD, state="delivered"), AT_B),
    ],
)
def test_a_kept_promise_is_no_violation(events: tuple[Event, ...]) -> None:
    """At the next hop, in a case, in a discard, refused, or twice after a lost reply that was counted."""
    assert verdict(*events) == ()


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ((SENT, TOLD, AT_A), "lost"),
        ((SENT, TOLD), "lost"),
        ((SENT, TOLD, AT_A, replace(DISCARD, by="")), "lost"),
        ((SENT, TOLD, AT_A, replace(HELD, state="delivered")), "lost"),
        ((SENT, TOLD, LATER, AT_A), "lost"),
        ((SENT, LATER, AT_A, AT_B), "unsettled"),
        ((SENT,), "unsettled"),
        ((SENT, replace(TOLD, code=0)), "unsettled"),
        ((SENT, replace(TOLD, code=550), AT_A), "halved"),
        ((SENT, replace(TOLD, code=550), HELD), "halved"),
        ((SENT, TOLD, AT_A, HELD, replace(HELD, number="10027")), "second case"),
        ((SENT, LATER, AT_A, AGAIN, AGAIN_AT_A, AT_B, POSSIBLE), "second copy"),
        ((SENT, LATER, AT_A, Fault("store", "kill", 9, 30), AGAIN, AGAIN_AT_A, AT_B, POSSIBLE), "second copy"),
        ((SENT, LATER, AT_A, Fault("way", "cut", 40, 50), AGAIN, AGAIN_AT_A, AT_B, POSSIBLE), "second copy"),
        ((SENT, LATER, UNACKED, AGAIN, AGAIN_AT_A, AT_B), "uncounted"),
        ((SENT, TOLD, AT_A, replace(AT_B, acked=False), AT_B, replace(HELD, state="delivered"), POSSIBLE), "uncounted"),
        ((SENT, TOLD, AT_A, replace(HELD, state="delivering")), "stuck"),
        ((SENT, TOLD, AT_A, AT_B, replace(AT_A, message="m2")), "strange"),
        ((SENT, TOLD, AT_A, AT_B, replace(AT_A, recipients=("x@y.example",))), "strange"),
        ((SENT, TOLD, AT_A, replace(AT_B, body="half")), "changed"),
    ],
)
def test_a_broken_promise_is_seen(events: tuple[Event, ...], found: str) -> None:
    """Each doctored history is caught, by name."""
    assert found in verdict(*events)


def test_the_figures_count_what_happened() -> None:
    """Messages, tries, copies, cases and duplicates as they are."""
    found = judge(History([SENT, LATER, UNACKED, AGAIN, AGAIN_AT_A, HELD, POSSIBLE]))
    assert (found.messages, found.tries, found.accepted, found.relayed) == (1, 2, 1, 1)
    assert (found.held, found.duplicates, found.counted, found.lost) == (1, 1, 1, 0)


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Judging a kept history gives what judging it at once gave."""
    history = History([SENT, TOLD, AT_A, HELD, Fault("dns", "away", 1.0, 2.0), POSSIBLE])
    history.write(tmp_path / "history.jsonl")
    with (tmp_path / "history.jsonl").open(encoding="utf-8") as lines:
        assert read_history(lines).events == history.events
