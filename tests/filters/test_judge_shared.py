"""The shared vectors, judged whole: nothing breaks a reader, and nothing hostile is simply accepted."""

import asyncio
import json
from pathlib import Path

import pytest
from policy_bench import make_site, probes, shipped_policy

from listward.cli.judging import Given, transaction_for
from listward.filters.identity.origin import OriginKind
from listward.filters.judge import Judge
from listward.filters.judgement import Action
from listward.filters.learner import SpamModel

GIVEN = Given("x@out.example", ("news@party.example",))


async def judged(paths: list[Path]) -> list[tuple[str, Action, set[str]]]:
    """Name, action and kinds of findings of each message, as a stranger's post to a public list."""
    judge = Judge(make_site(), shipped_policy(), SpamModel(), probes())
    found = []
    for path in paths:
        transaction, message = transaction_for(path.read_bytes(), GIVEN, judge.directory, 0.0)
        judgement = await judge.judge(transaction, OriginKind.KNOWN, message=message)
        found.append((path.name, judgement.action, {finding.category for finding in judgement.findings}))
    return found


@pytest.mark.shared
@pytest.mark.parametrize("folder", ["mime", "mime-ambiguity", "hostile-content", "scan-samples"])
def test_nothing_breaks_a_reader(shared: Path, folder: Path) -> None:
    """Every vector is judged without a failed filter."""
    paths = sorted(
        path for path in (shared / "conformance" / folder).rglob("*") if path.suffix in {".eml", ".txt", ".msg"}
    )
    found = asyncio.run(judged(paths))
    assert found
    assert [name for name, _, kinds in found if "failure" in kinds] == []


@pytest.mark.shared
def test_what_two_readers_could_see_differently_is_never_accepted(shared: Path) -> None:
    """Each ambiguous message hides something: none of them goes to the list by itself."""
    found = asyncio.run(judged(sorted((shared / "conformance" / "mime-ambiguity").glob("*.eml"))))
    assert [name for name, action, _ in found if action is Action.ACCEPT] == []


@pytest.mark.shared
def test_scores_are_calibrated_for_every_labelled_text(shared: Path) -> None:
    """Scores stay within [0, 1], and a marked text scores above an ordinary one far more often than not."""
    import zstandard

    from listward.filters.routing import cues

    with (shared / "corpora" / "internal.jsonl.zst").open("rb") as file:
        lines = zstandard.ZstdDecompressor().stream_reader(file).read().splitlines()
    rows = [json.loads(line) for line in lines]
    scores = [(cues.score(row.get("subject") or "", row["text"], marked=False), row["label"]) for row in rows]
    marked = [score for score, label in scores if label == "marked"]
    others = [score for score, label in scores if label in {"disclaimer", "unmarked"}]
    above = sum((one > other) + 0.5 * (one == other) for one in marked for other in others)
    assert all(0 <= score <= 1 for score, _ in scores)
    assert above / len(marked) / len(others) > 0.85
    assert sum(score >= 0.4 for score in others) / len(others) < 0.01
