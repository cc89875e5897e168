"""Solicitation: a person's own appeal is found and shown; dues, funds, offers and talk about money pass."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import build
from pace import allowed

from listward.filters.content import solicitation
from listward.filters.content.readers import READERS
from listward.filters.context import Context
from listward.filters.findings import Finding
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message

PARTY = Context(
    organisation="Example Party",
    domains=frozenset({"party.example"}),
    internal_domains=frozenset(),
    lists=frozenset({"all@lists.party.example"}),
    payees=frozenset({"ES79 2100 0813 6101 2345 6789", "https://gofundme.com/f/party-press"}),
)
CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "solicitation_cases.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]
UNSEEN = [case for case in CASES if case["use"] == "test"]  # never used to fit the weights
ASK = "I lost my job and can't pay my rent. Could anyone lend me 200 euros? My PayPal is ann@example.org."
QUOTED = "Ann wrote:\n" + "\n".join(f"> {line}" for line in ASK.split(". "))
ANSWERING = (("In-Reply-To", "<a@b.example>"),)


def message(text: str, subject: str = "Hello", **more: object) -> Message:
    """A parsed list mail."""
    return parse_message(build(subject=subject, text=f"{text}\n", **more))  # type: ignore[arg-type]  # names of build


def findings(text: str, subject: str = "Hello", **more: object) -> list[Finding]:
    """What the check says of a list mail."""
    return list(solicitation.check(message(text, subject, **more), PARTY))


def score(text: str, subject: str = "Hello", **more: object) -> float:
    """The score of a list mail."""
    return solicitation.score(message(text, subject, **more), PARTY)


def test_cases_are_many_of_both_kinds_and_languages() -> None:
    """The written cases cover both answers in English and Spanish."""
    kinds = {(case["label"], case["language"]) for case in CASES}
    assert kinds == {(0, "en"), (0, "es"), (1, "en"), (1, "es")}
    assert len(CASES) >= 150
    assert len({case["text"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [case for case in UNSEEN if case["label"]], ids=lambda case: case["id"])
def test_unseen_appeal_is_found(case: dict[str, str]) -> None:
    """Each appeal that the weights never saw is a finding of the right category."""
    (finding,) = findings(case["text"], case["subject"])
    assert finding.category == "solicitation"


@pytest.mark.parametrize("case", [case for case in UNSEEN if not case["label"]], ids=lambda case: case["id"])
def test_unseen_look_alike_passes(case: dict[str, str]) -> None:
    """Each look-alike that the weights never saw passes."""
    assert findings(case["text"], case["subject"]) == []


def test_fitted_cases_hold() -> None:
    """Of the cases used to fit, at most two appeals are missed and no look-alike is found."""
    fitted = [(case["label"], bool(findings(case["text"], case["subject"]))) for case in CASES if case["use"] == "fit"]
    assert sum(label and not found for label, found in fitted) <= 2
    assert not [label for label, found in fitted if found and not label]


def test_clear_appeal_names_its_signals() -> None:
    """A clear appeal has its own rule, its score as weight, and a plain sentence."""
    (finding,) = findings(ASK)
    assert finding.rule == "personal-appeal"
    assert finding.weight == round(score(ASK), 4)
    assert finding.reason.startswith("The text names an account or page to pay to and ")
    assert len(finding.reason.split()) <= 25


def test_evidence_marks_the_words_of_the_view() -> None:
    """Every piece of evidence stands at its place in the view it names."""
    asked = message(f"Dear all,\n\n{ASK}", "Could anyone help me with the rent?")
    (finding,) = solicitation.check(asked, PARTY)
    views = {"own_text": asked.own_text, "subject": asked.subject}
    assert {one.view for one in finding.evidence} == {"own_text", "subject"}
    assert "ann@example.org" in {one.text for one in finding.evidence}
    for one in finding.evidence:
        assert views[one.view][one.start : one.end] == one.text


def test_evidence_marks_disguised_words() -> None:
    """Invisible signs inside a word stand inside the marked span."""
    asked = message("I lost my jo\u200bb, please he\u200blp me pay my rent: pay\u200bpal.me/ann")
    (finding,) = solicitation.check(asked, PARTY)
    assert "pay\u200bpal.me/ann" in {one.text for one in finding.evidence}


def test_doubtful_appeal_has_its_own_rule() -> None:
    """What is likely, not clear, is called doubtful."""
    (finding,) = findings("I need 300 for the dentist. Can anybody help?")
    assert finding.rule == "personal-appeal-doubtful"
    assert solicitation.DOUBTFUL_FROM <= finding.weight < solicitation.CLEAR_FROM


def test_quoted_appeal_is_not_the_repliers() -> None:
    """Who quotes an appeal to answer it at some length has not made one."""
    answer = (
        "Dear Ann, I am sorry to read this. Our rules say that the list is not the place for it, so please write to "
        "the welfare committee, which meets on Tuesday and answers within two days. Bring the letter of your landlord "
        "and the last three statements, since they always want to see these first."
    )
    assert findings(f"{answer}\n\n{QUOTED}", "Re: please help me pay my rent", headers=ANSWERING) == []


def test_own_payees_are_no_personal_accounts() -> None:
    """The organisation's listed account and page do not make an appeal; the same words with another account do."""
    words = "Please give what you can, every little helps. Account: "
    assert findings(f"{words}ES79 2100 0813 6101 2345 6789") == []
    assert findings(f"{words}https://www.gofundme.com/f/party-press") == []
    assert findings(f"{words}ES91 2100 0418 4502 0005 1332")


def test_address_of_the_organisation_is_its_own() -> None:
    """An account under the organisation's own domain is its own."""
    assert score("Please donate by paypal: treasurer@party.example") < score("Please donate by paypal: ann@example.org")


def test_signature_with_account_alone_is_no_appeal() -> None:
    """Writing of ordinary things in the first person passes."""
    assert findings("I am late on Thursday because my car is at the garage. Please keep me a seat.") == []


@pytest.mark.parametrize(
    "text",
    [
        "The leadership has failed us and wastes our dues. I am ashamed of this party.",
        "The moderators rejected a mail of a man who lost his job. Shame on them.",
        "You ask us for money every damn week and we get nothing.",
        "La dirección gasta nuestras cuotas y no da cuentas. Es una vergüenza.",
    ],
)
def test_criticism_passes(text: str) -> None:
    """Hard words on how the organisation treats money and people are no appeal."""
    assert findings(text) == []


def test_html_appeal_is_found() -> None:
    """An appeal written in HTML alone is read like any other."""
    raw = build(subject="Help", text="see html\n", html=f"<p>{ASK}</p>")
    assert list(solicitation.check(parse_message(raw), PARTY))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_have_a_score(raw: bytes) -> None:
    """Whatever the bytes, the score lies in [0, 1] and the check does not raise."""
    parsed = parse_message(raw)
    assert 0 <= solicitation.score(parsed, PARTY) <= 1
    list(solicitation.check(parsed, PARTY))


def test_long_message_takes_bounded_time() -> None:
    """A megabyte of appeal is read within three seconds, its evidence is bounded, and the rest is said to be unread."""
    parsed = message(f"{ASK}\n" * 10_000)
    parsed.own_text  # noqa: B018  # parsing is not what is timed here
    started = time.process_time()
    appeal, unread = solicitation.check(parsed, PARTY)
    assert time.process_time() - started < allowed(3)
    assert len(appeal.evidence) <= solicitation.MOST_EVIDENCE
    assert (unread.rule, unread.category) == ("text-unread", "size")


def test_is_registered_as_a_reader() -> None:
    """The judge runs the check."""
    assert ("solicitation", solicitation.check) in READERS


def corpus(shared: Path, every: int) -> Iterator[dict[str, str]]:
    """Every n-th text of the shared corpus."""
    with (shared / "corpora" / "solicitation.jsonl.zst").open("rb") as file:
        text = zstandard.ZstdDecompressor().stream_reader(file).read().decode()
    for number, line in enumerate(filter(None, text.split("\n"))):
        if number % every == 0:
            yield json.loads(line)


@pytest.mark.shared
def test_public_texts_are_told_apart(shared: Path) -> None:
    """Of strangers' requests for a meal more than half are found; of newsletters and money talk under one per cent."""
    asks, others = [], []
    for line in corpus(shared, 4):
        text = message(line["text"], (line.get("subject") or "").replace("\r", " ").replace("\n", " "))
        (asks if int(line["label"]) else others).append(solicitation.score(text, PARTY) >= solicitation.DOUBTFUL_FROM)
    assert sum(asks) / len(asks) > 0.55
    assert sum(others) / len(others) < 0.01
