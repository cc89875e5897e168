"""`python -m bench.accuracy --corpora DIR`: how well the shipped filters tell mail apart, by `listward replay` itself.

For each labelled set: the area under the curve of the score it tests, and at the shipped thresholds the share of wanted
mail that would not go straight through (false holds) and the share of unwanted mail that would (misses).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from bench.labelled import SETS, Labelled, Set, rows
from bench.tables import NoMarkers, between_markers, markdown

PAGE = Path(__file__).resolve().parents[1] / "docs" / "accuracy.md"
PARTS = ("all", "first half", "last half")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One message judged: its label, its score, and whether it went straight through."""

    positive: bool
    score: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Result:
    """One set's figures; None where there is nothing to divide by. Rates are shares of 1."""

    name: str
    score: str
    origin: str
    part: str
    seen: str
    positives: int
    negatives: int
    auc: float | None
    false_holds: float | None
    misses: float | None


def auc(outcomes: Sequence[Outcome]) -> float | None:
    """The chance that a positive scores above a negative, ties counting half."""
    positives = sum(outcome.positive for outcome in outcomes)
    negatives = len(outcomes) - positives
    if not positives or not negatives:
        return None
    ranks, ordered, place = 0.0, sorted(outcomes, key=lambda outcome: outcome.score), 0
    while place < len(ordered):
        end = place
        while end < len(ordered) and ordered[end].score == ordered[place].score:
            end += 1
        ranks += sum(outcome.positive for outcome in ordered[place:end]) * (place + 1 + end) / 2
        place = end
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def figures(chosen: Set, part: str, outcomes: Sequence[Outcome]) -> Result:
    """Sum up one set."""
    wanted = [outcome for outcome in outcomes if not outcome.positive]
    unwanted = [outcome for outcome in outcomes if outcome.positive]
    return Result(
        name=chosen.name,
        score=chosen.score,
        origin=chosen.origin,
        part=part,
        seen=chosen.seen,
        positives=len(unwanted),
        negatives=len(wanted),
        auc=auc(outcomes),
        false_holds=_share(wanted, passed=False),
        misses=_share(unwanted, passed=True),
    )


def _share(outcomes: Sequence[Outcome], passed: bool) -> float | None:
    return sum(outcome.passed is passed for outcome in outcomes) / len(outcomes) if outcomes else None


def part_of(messages: list[Labelled], part: str) -> list[Labelled]:
    """The part of the set, in the order of its file (by date where the set has dates)."""
    half = len(messages) // 2
    return {"all": messages, "first half": messages[:half], "last half": messages[half:]}[part]


def thinned(messages: list[Labelled], limit: int | None) -> list[Labelled]:
    """At most `limit` messages, taken evenly from the whole."""
    if limit is None or len(messages) <= limit:
        return messages
    return [messages[index * len(messages) // limit] for index in range(limit)]


def judge(chosen: Set, messages: Sequence[Labelled], folder: Path, options: argparse.Namespace) -> list[Outcome]:
    """Have `listward replay` judge the messages. Raises RuntimeError where it fails."""
    archive = folder / "set.jsonl"
    with archive.open("w") as file:
        for number, message in zip(count(), messages, strict=False):
            file.write(json.dumps({"id": str(number), "raw": message.raw.decode("latin-1")}) + "\n")
    command = [str(Path(sys.executable).parent / "listward"), "replay", str(archive), "--json"]
    command += ["--origin", chosen.origin, "--rcpt", chosen.recipient]
    command += ["--config", str(options.config)] if options.config else []
    judged = subprocess.run(command, capture_output=True, check=False)
    lines = judged.stdout.splitlines()
    if len(lines) != len(messages):
        raise RuntimeError(f"replay judged {len(lines)} of {len(messages)}: {judged.stderr.decode()[-500:]}")
    return [_outcome(chosen, message, json.loads(line)) for message, line in zip(messages, lines, strict=True)]


def _outcome(chosen: Set, message: Labelled, judged: dict[str, object]) -> Outcome:
    scores = judged["scores"]
    assert isinstance(scores, dict)
    return Outcome(message.positive, float(scores[chosen.score]), judged["action"] == "accept")


def measure(options: argparse.Namespace) -> list[Result]:
    """Every set of which the file is there."""
    results = []
    with tempfile.TemporaryDirectory(prefix="listward-accuracy-") as folder:
        for chosen in SETS:
            path = options.corpora / f"{chosen.file}.jsonl.zst"
            if not path.is_file():
                print(f"{chosen.name} is left out: there is no {path}", file=sys.stderr)
                continue
            made = [message for row in rows(path) if (message := chosen.make(row)) is not None]
            messages = thinned(part_of(made, options.part), options.limit)
            results.append(figures(chosen, options.part, judge(chosen, messages, Path(folder), options)))
            print(results[-1], file=sys.stderr)
    return results


def table(results: Sequence[Result]) -> str:
    """The table of the page."""
    head = (
        "set",
        "score",
        "origin given",
        "part",
        "shipped weights",
        "unwanted",
        "wanted",
        "AUC",
        "false holds",
        "misses",
    )
    return markdown(head, [_row(result) for result in results])


def _row(result: Result) -> list[str]:
    return [
        result.name,
        result.score,
        result.origin,
        result.part,
        result.seen,
        str(result.positives),
        str(result.negatives),
        "-" if result.auc is None else f"{result.auc:.4f}",
        _percent(result.false_holds),
        _percent(result.misses),
    ]


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.2f} %"


def options_from(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder of the labelled sets")
    parser.add_argument("--part", choices=PARTS, default="all", help="which part of each set, in the order of its file")
    parser.add_argument("--limit", type=int, default=None, help="at most so many messages of each set, spread evenly")
    parser.add_argument("--config", type=Path, help="the configuration (default: what ships)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--page", type=Path, default=PAGE, help="write the table into this page")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write down."""
    options = options_from(arguments)
    results = measure(options)
    text = table(results)
    print(text)
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
    try:
        between_markers(options.page, "accuracy", text)
    except (OSError, NoMarkers) as error:
        print(f"bench.accuracy: the page was not written: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
