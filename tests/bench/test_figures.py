"""The arithmetic of the measurements, and where their tables go."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from bench import proc
from bench.accuracy import Outcome, auc, figures, part_of, thinned
from bench.labelled import SETS, Labelled, other_lists, wrapped
from bench.measure import Sample, percentile
from bench.tables import NoMarkers, between_markers, paired, pairs_table, speed_table, summary
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.filters.message.parse import parse_message

outcomes = st.lists(
    st.builds(Outcome, st.booleans(), st.sampled_from([0.0, 0.1, 0.5, 0.9]), st.booleans()), max_size=25
)


def slow_auc(given_outcomes: list[Outcome]) -> float | None:
    """Every pair by itself."""
    pairs = [
        (one.score, other.score)
        for one in given_outcomes
        for other in given_outcomes
        if one.positive and not other.positive
    ]
    return sum((a > b) + (a == b) / 2 for a, b in pairs) / len(pairs) if pairs else None


@settings(max_examples=200, deadline=None)
@given(outcomes)
def test_the_area_is_that_of_all_pairs(drawn: list[Outcome]) -> None:
    """The fast figure equals the definition."""
    assert auc(drawn) == pytest.approx(slow_auc(drawn))


def test_rates_count_what_went_through() -> None:
    """A false hold is wanted mail stopped, a miss is unwanted mail passed."""
    drawn = [Outcome(False, 0.1, True), Outcome(False, 0.9, False), Outcome(True, 0.8, True), Outcome(True, 0.9, False)]
    result = figures(SETS[0], "all", drawn)
    assert (result.false_holds, result.misses, result.auc) == (0.5, 0.5, 0.625)
    assert (result.positives, result.negatives) == (2, 2)


def test_nothing_to_divide_by_is_none() -> None:
    """A set of one class has no area, and no rate for the other class."""
    result = figures(SETS[3], "all", [Outcome(False, 0.1, True)])
    assert (result.auc, result.false_holds, result.misses) == (None, 0.0, None)


def test_halves_share_nothing() -> None:
    """First and last half make up the whole."""
    messages = [Labelled(b"%d" % number, False) for number in range(5)]
    assert part_of(messages, "first half") + part_of(messages, "last half") == part_of(messages, "all") == messages


def test_a_limit_takes_evenly() -> None:
    """Fewer messages still come from the whole set, each once."""
    messages = [Labelled(b"%d" % number, False) for number in range(10)]
    assert [message.raw for message in thinned(messages, 3)] == [b"0", b"3", b"6"]
    assert thinned(messages, 10) == thinned(messages, None) == messages


def test_wrapped_texts_read_back() -> None:
    """A wrapped row is a well-formed post with just that subject and text."""
    message = parse_message(wrapped("Two\nlines \u00e9", "Hello\n.dot\nGr\u00fc\u00dfe \udcff"))
    assert message.subject == "Two lines \u00e9"
    assert message.visible_text.split() == ["Hello", ".dot", "Gr\u00fc\u00dfe", "?"]
    assert [mailbox.address for mailbox in message.from_mailboxes] == ["ann@members.example"]


def test_hidden_authors_get_their_address_back() -> None:
    """An archive's "user at host" is one address again; nothing else changes."""
    raw = "From: ann at home.example (Ann Ito)\nSubject: meet at home\n\nFrom: x at y\n"
    made = other_lists({"source": "list/any", "label": "ham", "raw": raw})
    assert made is not None
    assert made.raw == b"From: ann@home.example (Ann Ito)\nSubject: meet at home\n\nFrom: x at y\n"
    assert other_lists({"source": "list/cypherpunks", "label": "ham", "raw": raw}) is None
    assert other_lists({"source": "list/any", "label": "ham", "raw": "From: x @ending from y@com (X)\n\n"}) is None


def test_tables_go_between_their_markers(tmp_path: Path) -> None:
    """What stands around the markers stays; a page without them is refused."""
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x:begin -->\nold\n<!-- x:end -->\nafter\n")
    between_markers(page, "x", "new\n")
    between_markers(page, "x", "newer")
    assert page.read_text() == "before\n<!-- x:begin -->\nnewer\n<!-- x:end -->\nafter\n"
    with pytest.raises(NoMarkers):
        between_markers(page, "y", "new")


SAMPLE = Sample("floor", 1, 10, 100.0, 100.0, 1.0, 2.0, None, 0.1, None, 0.0, {"250": 10}, 0)


def test_medians_and_ratios_are_taken_within_a_repetition() -> None:
    """A system's share of the floor compares runs of the same repetition."""
    ours = replace(SAMPLE, system="ours", cpu_ms=2.0, pss_mb=50.0)
    samples = [
        SAMPLE,
        replace(ours, per_second=50.0, delivered_per_second=50.0),
        replace(SAMPLE, delivered_per_second=10.0, repetition=1),
        replace(ours, per_second=5.0, delivered_per_second=5.0, errors=1, repetition=1),
        replace(SAMPLE, repetition=2),
        replace(ours, per_second=10.0, delivered_per_second=10.0, replies={"250": 9, "451": 1}, repetition=2),
    ]
    floor, row = summary(samples)
    assert (floor["of_floor"], floor["cpu_ms"]) == (1.0, None)
    assert (row["per_second"], row["of_floor"], row["cpu_ms"], row["errors"]) == (10.0, 0.5, 2.0, 1)
    assert row["replies"] == {"250": 29, "451": 1}
    table = speed_table([floor, row])
    assert "| ours | 1 | 10 | 10 | 0.500 |" in table
    assert "29 x 250, 1 x 451, 1 errors" in table


def test_a_rival_is_compared_in_its_own_repetition() -> None:
    """Where a rival was not measured in a repetition, that repetition does not count; without any there is no ratio."""
    ours, rival = replace(SAMPLE, system="ours", cpu_ms=2.0), replace(SAMPLE, system="rival", cpu_ms=8.0, repetition=1)
    samples = [ours, rival, replace(ours, cpu_ms=4.0, repetition=1)]
    assert paired(samples, "ours", "rival", 1, "cpu_ms") == 0.5
    assert paired(samples, "ours", "nobody", 1, "cpu_ms") is None
    table = pairs_table(samples, ["ours", "absent"], ["rival", "nobody"])
    assert table.splitlines() == [
        "| CPU / rate against | C | rival |",
        "| --- | --- | --- |",
        "| ours | 1 | 0.500 / 1.00 |",
    ]


def test_this_process_is_found() -> None:
    """The tree of this process uses CPU and memory."""
    sum(range(2_000_000))
    assert os.getpid() in proc.tree(os.getpid())
    assert proc.cpu_s(os.getpid()) > 0
    assert proc.pss_mb(os.getpid()) > 1
    assert proc.busy_s() > 0


def test_peaks_are_kept_by_role() -> None:
    """Whatever is below a process without a role of ours counts as the supervisor's."""
    with proc.peaks(os.getpid(), every_s=0.01) as found:
        while not found:
            continue
    assert found.keys() == {"supervisor"}
    assert found["supervisor"] > 1


def test_the_disk_is_timed(tmp_path: Path) -> None:
    """As many flushes as asked for, and nothing is left behind."""
    assert len(proc.fsync_ms(tmp_path, count=3)) == 3
    assert not list(tmp_path.iterdir())


def test_percentiles() -> None:
    """The share of values that are not above; 0 of nothing."""
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([3.0, 1.0], 0.99) == 3.0
    assert percentile([], 0.5) == 0.0
