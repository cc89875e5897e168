"""Fits the weights of the solicitation detector and writes them as a Python file.

    .venv/bin/python scripts/fit_appeal_weights.py --corpora DIR --cases FILE --out FILE [--evaluate]

A logistic regression on named numbers, pulled towards the priors below, each weight kept on its own side of zero. As in
use, the strongest part of a text speaks for it: parts are chosen by the last weights, then weights fitted, in ROUNDS.
Deterministic: the same inputs give the same file. Corpora: solicitation, listham and spamham_spamassassin; the cases
are list mails written for this project, of which only those marked `"use": "fit"` are used.
"""

import argparse
import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from itertools import islice
from math import exp, inf, sqrt
from pathlib import Path

import zstandard

from listward.filters.content.appeal_evidence import gather, numbers_of
from listward.filters.content.appeal_signals import SIGNALS
from listward.filters.content.appeal_windows import parts
from listward.filters.content.plain import plain
from listward.filters.content.solicitation import CLEAR_FROM, DOUBTFUL_FROM, score
from listward.filters.context import Context
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message

PRIORS = {
    "asks-for-money": 1.0,
    "asks-for-oneself": 0.5,
    "asks-somebody": 0.3,
    "asks-privately": 1.5,
    "any-amount": 0.8,
    "need-and-ask": 1.0,
    "need-and-loose-ask": 0.5,
    "hardship": 1.0,
    "needs-money": 1.0,
    "own-fundraiser": 1.5,
    "ashamed-to-ask": 1.0,
    "repays": 1.0,
    "thanks-ahead": 0.5,
    "payment-account": 2.0,
    "payment-page": 1.5,
    "payment-card": 0.5,
    "personal-and-payment": 2.0,
    "payment-own": -3.0,
    "no-ask": -2.0,
    "told-without-asking": -1.0,
    "about-appeals": -2.0,
    "others-ask": -1.0,
    "offers": -1.0,
    "asks-for-a-hand": -1.0,
    "thanks-given": -1.0,
    "apart": -1.5,
}
SIDES = {signal.name: signal.towards for signal in SIGNALS}
# Bounds that no corpus may move: words for the organisation elsewhere must not buy a pass, nor need alone be an appeal.
LOWEST = {"apart": -1.5}
HIGHEST = {"told-without-asking": -2.0, "asks-somebody": 0.7}
CASE_WEIGHT, FORUM_WEIGHT, TELLING_WEIGHT, HAM_WEIGHT = 20.0, 2.5, 0.8, 0.5
PULL, EPOCHS, RATE, ROUNDS = 2.0, 250, 0.1, 4
EVALUATED = {"listham": 4, "spamham_spamassassin": 1}
EVERY = {"listham": 3, "spamham_spamassassin": 1}  # every n-th ham message is enough
REQUEST_TAG = re.compile(r"\[?\brequest\]?", re.IGNORECASE)  # the forum's own tag would give the label away

NOBODY = Context("", frozenset(), frozenset(), frozenset(), frozenset())

Numbers = dict[str, float]
Row = tuple[list[Numbers], int, float]  # one text's parts, label, weight
Example = tuple[Numbers, int, float]


def lines(path: Path) -> Iterator[dict[str, str]]:
    """The objects of a JSON-lines file, packed or not."""
    with path.open("rb") as file:
        content = zstandard.ZstdDecompressor().stream_reader(file).read() if path.suffix == ".zst" else file.read()
    yield from map(json.loads, filter(None, content.decode().split("\n")))


def numbers(subject: str, text: str) -> list[Numbers]:
    """What the detector sees of each part of one text."""
    read = plain(f"{subject}\n{text}")
    whole = gather(read, frozenset(), frozenset())
    return [numbers_of(part) for part in parts(whole, read.lower, len(subject))]


def rows(corpora: Path, cases: Path) -> Iterator[Row]:
    """All examples with label and weight."""
    for line in lines(corpora / "solicitation.jsonl.zst"):
        subject, text = (REQUEST_TAG.sub("", line.get(key) or "") for key in ("subject", "text"))
        label, found = int(line["label"]), numbers(subject, text)
        # A forum post may ask by its place alone; a list mail that only tells of need mostly asks for nothing.
        telling = TELLING_WEIGHT if all("no-ask" in part for part in found) else FORUM_WEIGHT
        yield found, label, telling if label else 1.0
    for name, every in EVERY.items():
        ham = (line for line in lines(corpora / f"{name}.jsonl.zst") if line["label"] == "ham")
        for index, line in enumerate(ham):
            if index % every == 0:
                message = parse_message(line["raw"].encode("latin-1"))
                yield numbers(message.subject, message.own_text), 0, HAM_WEIGHT
    for line in lines(cases):
        if line["use"] == "fit":
            yield numbers(line["subject"], line["text"]), int(line["label"]), CASE_WEIGHT


def side(name: str) -> int:
    """+1 or -1: the side of zero on which a weight has to stay."""
    if name in SIDES:
        return SIDES[name]
    if name.removesuffix("-more") in SIDES:
        return SIDES[name.removesuffix("-more")]
    return -1 if PRIORS.get(name, 0.0) < 0 else 1


def bounded(name: str, weight: float) -> float:
    """The weight on its own side of zero and within its bounds."""
    kept = max(weight, 0.0) if side(name) > 0 else min(weight, 0.0)
    return min(max(kept, LOWEST.get(name, -inf)), HIGHEST.get(name, inf))


def chosen(rows: list[Row], weights: dict[str, float]) -> list[Example]:
    """The part of each text that weighs most."""

    def total(found: Numbers) -> float:
        return sum(weights.get(name, 0.0) * value for name, value in found.items())

    return [(max(found, key=total), label, weight) for found, label, weight in rows]


def fitted(rows: list[Row]) -> dict[str, float]:
    """Choose parts and fit weights in turn."""
    weights = dict(PRIORS)
    for _ in range(ROUNDS):
        weights = fit(chosen(rows, weights))
    return weights


def fit(examples: list[Example]) -> dict[str, float]:
    """Adam on the whole set; "" is the bias."""
    names = [*sorted({name for found, _, _ in examples for name in found} | set(PRIORS)), ""]
    weights = {name: PRIORS.get(name, 0.0) for name in names} | {"": -2.0}
    mean, square = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    packed = [([*found.items(), ("", 1.0)], label, weight) for found, label, weight in examples]
    for epoch in range(1, EPOCHS + 1):
        slopes = {name: PULL * (weights[name] - PRIORS.get(name, 0.0)) if name else 0.0 for name in names}
        for found, label, weight in packed:
            total = sum(weights[name] * value for name, value in found)
            error = (1 / (1 + exp(-max(-30.0, min(30.0, total)))) - label) * weight
            for name, value in found:
                slopes[name] += error * value
        for name in names:
            mean[name] = 0.9 * mean[name] + 0.1 * slopes[name]
            square[name] = 0.99 * square[name] + 0.01 * slopes[name] ** 2
            step = mean[name] / (1 - 0.9**epoch) / (sqrt(square[name] / (1 - 0.99**epoch)) + 1e-8)
            weights[name] -= RATE * step
            if name:
                weights[name] = bounded(name, weights[name])
    return weights


def render(weights: dict[str, float]) -> str:
    """The Python file."""
    entries = "".join(f'    "{name}": {weights[name]:.2f},\n' for name in sorted(weights) if name)
    return (
        '"""The weights of the solicitation detector, from scripts/fit_appeal_weights.py: log-odds per number."""\n\n'
        f"BIAS = {weights['']:.2f}\nWEIGHTS: dict[str, float] = {{\n{entries}}}\n"
    )


def shares(name: str, scores: list[float]) -> str:
    """One line of figures."""
    clear, doubtful = (
        100 * sum(score >= bound for score in scores) / len(scores) for bound in (CLEAR_FROM, DOUBTFUL_FROM)
    )
    return f"{name}: {len(scores)}, at or above {DOUBTFUL_FROM}: {doubtful:.2f} %, {CLEAR_FROM}: {clear:.2f} %"


def evaluate(corpora: Path, cases: Path) -> None:
    """Print every figure that docs/solicitation.md gives, by the weights in the source tree and whole messages."""
    forum: dict[int, list[float]] = {0: [], 1: []}
    for line in lines(corpora / "solicitation.jsonl.zst"):
        subject, text = (REQUEST_TAG.sub("", line.get(key) or "") for key in ("subject", "text"))
        forum[int(line["label"])].append(score(composed(subject, text), NOBODY))
    print(shares("asks for a meal", forum[1]))
    print(shares("newsletters and talk about money", forum[0]))
    for name in EVERY:
        ham = (line for line in lines(corpora / f"{name}.jsonl.zst") if line["label"] == "ham")
        raws = (line["raw"].encode("latin-1") for line in islice(ham, 0, None, EVALUATED[name]))
        print(shares(name, [score(parse_message(raw), NOBODY) for raw in raws]))
    for use, label in (("fit", "1"), ("fit", "0"), ("test", "1"), ("test", "0")):
        wanted = [line for line in lines(cases) if line["use"] == use and str(line["label"]) == label]
        own = [score(composed(line["subject"], line["text"]), NOBODY) for line in wanted]
        print(shares(f"own cases to {use}, label {label}", own))


def composed(subject: str, text: str) -> Message:
    """A list mail."""
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message.set_content(text)
    return parse_message(message.as_bytes())


def main() -> None:
    """Read, fit, write; or evaluate what is written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--corpora", "--cases", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument(
        "--evaluate", action="store_true", help="fit nothing; print the figures of docs/solicitation.md"
    )
    arguments = parser.parse_args()
    if arguments.evaluate:
        evaluate(arguments.corpora, arguments.cases)
        return
    arguments.out.write_text(render(fitted(list(rows(arguments.corpora, arguments.cases)))))


if __name__ == "__main__":
    main()
