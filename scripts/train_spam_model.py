"""Trains the spam model that ships with the program, and says how good it is.

    .venv/bin/python scripts/train_spam_model.py --corpora DIR --out FILE [--evaluate]

Weights come only from texts whose terms allow it: the SpamAssassin corpus, the cypherpunks list, and the examples in
scripts/spam_examples, written for this project. Deterministic: the same inputs give the same file.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator
from email.message import EmailMessage
from math import exp, log
from pathlib import Path

import zstandard

from listward.filters.learner import SpamModel
from listward.filters.learner.features import features
from listward.filters.message.parse import parse_message

HERE = Path(__file__).with_name("spam_examples")
SEED = 20
VARIANTS = 120
PASSES = 2
FIRST = 0.01  # small first steps: what is learnt must hold for other people's mail too
LIST_EVERY = 3  # every third message of the cypherpunks list: enough to know list talk, not so much as to drown spam
TRAIN_SHARE = 0.7
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
CHOICE = re.compile(r"\[([^\[\]]*)\]")

Example = tuple[list[int], bool]


def lines(path: Path) -> Iterator[dict[str, str]]:
    """The objects of a packed JSON-lines file."""
    with path.open("rb") as file:
        text = zstandard.ZstdDecompressor().stream_reader(file).read().decode()
    yield from map(json.loads, filter(None, text.split("\n")))


def raw_of(line: dict[str, str]) -> bytes:
    """The message of a line."""
    return line["raw"].encode("latin-1")


def filled(template: str, chance: random.Random) -> str:
    """One variant of a template."""
    text = CHOICE.sub(lambda found: chance.choice(found[1].split("|")), template)
    return re.sub("#", lambda _: str(chance.randrange(10)), text)


def shortened(text: str, chance: random.Random) -> str:
    """Half of the texts lose some sentences, so that short ones of their kind are known too."""
    if chance.random() < 0.5:
        return text
    return " ".join(part for part in SENTENCE_END.split(text) if chance.random() < 0.6) or text


def written(template: str, chance: random.Random) -> bytes:
    """One variant as a message; half of those that ask for HTML or a link have it."""
    head, body = template.strip("\n").split("\n\n", 1)
    *forms, subject = [line for line in head.split("\n") if not line.startswith("# ")]
    message = EmailMessage()
    message["Subject"] = filled(subject, chance)
    text = shortened(filled(body, chance), chance)
    link = f"https://{chance.choice('abcdefgh')}{chance.randrange(10**6)}.example/" if "link" in forms else ""
    message.set_content(f"{text}\n\n{link}\n")
    if forms and chance.random() < 0.6:
        paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
        message.add_alternative(
            f'<html><body>{paragraphs}<p><a href="{link}">Open</a></p></body></html>', subtype="html"
        )
    return message.as_bytes()


def own_examples(chance: random.Random) -> Iterator[Example]:
    """Variants of every template of both classes."""
    for name in ("spam", "ham"):
        for template in (HERE / f"{name}.txt").read_text(encoding="utf-8").split("\n%%\n"):
            for _ in range(VARIANTS):
                yield features(parse_message(written(template, chance))), name == "spam"


def as_text(raw: bytes) -> list[int]:
    """The features of subject and decoded text alone, so that headers, markup and footers give nothing away."""
    message = parse_message(raw)
    plain = EmailMessage()
    plain["Subject"] = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", " ", message.subject[:900])
    plain.set_content(message.visible_text.encode("utf-8", "replace").decode(), cte="8bit")
    return features(parse_message(plain.as_bytes()))


def stream(corpora: Path, name: str) -> list[Example]:
    """A corpus in its own order."""
    return [
        (features(parse_message(raw_of(line))), line["label"] == "spam")
        for line in lines(corpora / f"{name}.jsonl.zst")
    ]


def list_ham(corpora: Path, source: str) -> list[Example]:
    """Messages of one list."""
    found = (line for line in lines(corpora / "listham.jsonl.zst") if line["source"] == source)
    return [(features(parse_message(raw_of(line))), False) for line in found]


def text_only(corpora: Path, name: str) -> list[Example]:
    """A corpus as subject and decoded text."""
    return [(as_text(raw_of(line)), line["label"] == "spam") for line in lines(corpora / f"{name}.jsonl.zst")]


def trained(corpus: list[Example], texts: list[Example], lists: list[Example]) -> SpamModel:
    """A model from corpus (whole and as text), list and own examples, shuffled by a fixed seed, in PASSES rounds."""
    chance = random.Random(SEED)
    messages = [*corpus, *lists[::LIST_EVERY], *own_examples(chance)]
    examples = [*messages, *texts]
    model = SpamModel(first=FIRST)
    for _ in range(PASSES):
        chance.shuffle(examples)
        for buckets, spam in examples:
            model.learn_features(buckets, spam)
    model.spam_examples = sum(spam for _, spam in messages)
    model.ham_examples = len(messages) - model.spam_examples
    return model


def platt(margins: list[tuple[float, bool]]) -> tuple[float, float]:
    """Slope and offset of the line from margin to log-odds (Platt 1999), both classes weighing the same."""
    spam = sum(label for _, label in margins)
    weights = {True: len(margins) / (2 * spam), False: len(margins) / (2 * (len(margins) - spam))}
    slope, offset = 1.0, 0.0
    for _ in range(400):
        errors = [
            ((1 / (1 + exp(-max(-30, min(30, slope * margin + offset)))) - label) * weights[label], margin)
            for margin, label in margins
        ]
        slope -= 2 * sum(error * margin for error, margin in errors) / len(margins)
        offset -= 2 * sum(error for error, _ in errors) / len(margins)
    return slope, offset


def area_missed(scores: list[tuple[float, bool]]) -> float:
    """1 - ROC AUC in per cent."""
    ordered = sorted(scores)
    spam_below = missed = 0.0
    at = 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        spam = sum(label for _, label in ordered[at:end])
        missed += (end - at - spam) * (spam_below + spam / 2)
        spam_below += spam
        at = end
    return 100 * missed / (spam_below * (len(ordered) - spam_below))


def judged(model: SpamModel, examples: list[Example]) -> str:
    """One line of figures."""
    scores = [(model.score_features(buckets), spam) for buckets, spam in examples]
    ham = [score for score, spam in scores if not spam]
    spam = [score for score, label in scores if label]
    false = [sum(score >= bound for score in ham) / len(ham) for bound in (0.5, 0.9, 0.99)]
    words = "  ".join(f"{100 * share:.2f} %" for share in false)
    if not spam:
        return f"ham at or above 0.5, 0.9, 0.99: {words}"
    found = "  ".join(f"{100 * sum(score >= bound for score in spam) / len(spam):.1f} %" for bound in (0.5, 0.9, 0.99))
    loss = sum(-log(max(score if label else 1 - score, 1e-9)) for score, label in scores) / len(scores)
    return f"1-AUC {area_missed(scores):.3f} %, spam: {found}, ham: {words}, log loss {loss:.3f}"


def from_scratch(examples: list[Example]) -> str:
    """Score, then learn, in the stream's order."""
    model, scores = SpamModel(), []
    for buckets, spam in examples:
        scores.append((model.score_features(buckets), spam))
        model.learn_features(buckets, spam)
    wrong = sum((score >= 0.5) != spam for score, spam in scores)
    return f"1-AUC {area_missed(scores):.3f} %, wrong {100 * wrong / len(scores):.2f} %"


def evaluate(corpora: Path, half: SpamModel, late: list[Example]) -> None:
    """Print every figure that docs/spam-model.md gives."""
    print("last 30 % of spamham_spamassassin:", judged(half, late))
    for name in ("spamham_enron", "spamham_modern"):
        print(f"{name}, subject and text:", judged(half, text_only(corpora, name)))
    for source in ("list/r-sig-finance", "list/r-sig-mac", "list/openbmc"):
        print(f"{source}:", judged(half, list_ham(corpora, source)))
    for name in ("spamham_spamassassin", "spamham_enron", "spamham_modern"):
        print(f"{name}, learnt from scratch:", from_scratch(stream(corpora, name)))


def main() -> None:
    """Train on the first part to calibrate and evaluate, then on all to ship."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--evaluate", action="store_true", help="print figures on corpora that are never trained on")
    arguments = parser.parse_args()
    corpus = stream(arguments.corpora, "spamham_spamassassin")
    lists = list_ham(arguments.corpora, "list/cypherpunks")
    cut = int(len(corpus) * TRAIN_SHARE)
    texts = text_only(arguments.corpora, "spamham_spamassassin")
    half = trained(corpus[:cut], texts[:cut], lists)
    slope, offset = platt([(half.margin(buckets), spam) for buckets, spam in (*corpus[cut:], *texts[cut:])])
    half.calibrate(slope, offset)
    if arguments.evaluate:
        evaluate(arguments.corpora, half, corpus[cut:])
    model = trained(corpus, texts, lists)
    model.calibrate(slope, offset)
    model.save(arguments.out, compact=True)
    print(f"{arguments.out}: {arguments.out.stat().st_size} bytes, {model.model_examples}")


if __name__ == "__main__":
    main()
