"""Fits the weights of the solicitation detector and writes them as a Python file.

    .venv/bin/python scripts/fit_appeal_weights.py --corpora DIR --cases FILE --out src/.../appeal_weights.py

A logistic regression on named numbers, pulled towards the priors below, each weight kept on its own side of zero.
Deterministic: the same inputs give the same file. Corpora: solicitation, listham and spamham_spamassassin; the cases
are list mails written for this project, of which only those marked `"use": "fit"` are used.
"""

import argparse
import json
import re
from collections.abc import Iterator
from math import exp, sqrt
from pathlib import Path

import zstandard

from listward.filters.content.appeal_evidence import gather, numbers_of
from listward.filters.content.appeal_signals import SIGNALS
from listward.filters.content.plain import plain
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
    "thanks-given": -1.0,
}
SIDES = {signal.name: signal.towards for signal in SIGNALS} | {"long": -1}
CASE_WEIGHT, FORUM_WEIGHT, HAM_WEIGHT = 15.0, 0.6, 0.5
PULL, EPOCHS, RATE = 4.0, 250, 0.1
EVERY = {"listham": 8, "spamham_spamassassin": 3}  # every n-th ham message is enough
REQUEST_TAG = re.compile(r"\[?\brequest\]?", re.IGNORECASE)  # the forum's own tag would give the label away

Row = tuple[dict[str, float], int, float]


def lines(path: Path) -> Iterator[dict[str, str]]:
    """The objects of a JSON-lines file, packed or not."""
    with path.open("rb") as file:
        content = zstandard.ZstdDecompressor().stream_reader(file).read() if path.suffix == ".zst" else file.read()
    yield from map(json.loads, filter(None, content.decode().split("\n")))


def numbers(subject: str, text: str) -> dict[str, float]:
    """What the detector sees of one text."""
    return numbers_of(gather(plain(f"{subject}\n{text}"), frozenset(), frozenset()))


def rows(corpora: Path, cases: Path) -> Iterator[Row]:
    """All examples with label and weight."""
    for line in lines(corpora / "solicitation.jsonl.zst"):
        subject, text = (REQUEST_TAG.sub("", line.get(key) or "") for key in ("subject", "text"))
        label = int(line["label"])
        yield numbers(subject, text), label, FORUM_WEIGHT if label else 1.0
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


def fit(examples: list[Row]) -> dict[str, float]:
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
            if name and weights[name] * side(name) < 0:
                weights[name] = 0.0
    return weights


def render(weights: dict[str, float]) -> str:
    """The Python file."""
    entries = "".join(f'    "{name}": {weights[name]:.2f},\n' for name in sorted(weights) if name)
    return (
        '"""The weights of the solicitation detector, from scripts/fit_appeal_weights.py: log-odds per number."""\n\n'
        f"BIAS = {weights['']:.2f}\nWEIGHTS: dict[str, float] = {{\n{entries}}}\n"
    )


def main() -> None:
    """Read, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--corpora", "--cases", "--out"):
        parser.add_argument(name, type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.write_text(render(fit(list(rows(arguments.corpora, arguments.cases)))))


if __name__ == "__main__":
    main()
