"""Solicitation: where in a message an appeal stands, and what stands around it, makes no difference."""

import pytest
from messages import build

from listward.filters.content import solicitation
from listward.filters.context import Context
from listward.filters.findings import Finding
from listward.filters.message.parse import parse_message

PARTY = Context("Example Party", frozenset({"party.example"}), frozenset(), frozenset(), frozenset())
ASK = "I lost my job and can't pay my rent. Could anyone lend me 200 euros? My PayPal is ann@example.org."
SUBJECT = "Please help me pay my rent, I lost my job. PayPal ann@example.org"
FILLER = (
    "The meeting of the section was well attended and lasted two hours. Jonas opened it and read the letter from the "
    "north. We spoke at length about the tram, the trees in the park and the state of the school roof. "
)
ORGANISATION = (
    "The strike fund of the union is doing well. Pay your dues to the treasurer. The campaign committee plans the "
    "campaign, and the branch votes on the campaign budget. The party congress will elect a campaign committee."
)
ANSWERING = (("In-Reply-To", "<a@b.example>"), ("References", "<a@b.example>"))


def findings(**parts: object) -> list[Finding]:
    """What the check says of a message of these parts."""
    return list(solicitation.check(parse_message(build(**parts)), PARTY))  # type: ignore[arg-type]  # names of build


def rules(**parts: object) -> list[str]:
    """The names of what is found."""
    return [finding.rule for finding in findings(**parts)]


def quoted(text: str) -> str:
    """Each line behind a sign of quotation."""
    return "\n".join(f"> {line}" for line in text.split(". "))


@pytest.mark.parametrize(
    "text",
    [
        quoted(ASK),
        f"Please read this.\n\n{quoted(ASK)}",
        f"-----Original Message-----\n{ASK}",
        f"From: Ann <ann@party.example>\nSent: Monday\nTo: all\n\n{ASK}",
        f"Ann wrote:\n{quoted(ASK)}",
        "\n".join(f"{sentence} wrote:" for sentence in ASK.split(". ")),
        f"{FILLER * 2}\n\n-----Original Message-----\n{ASK}",
    ],
)
def test_appeal_laid_out_as_a_quotation_is_found(text: str) -> None:
    """Where the author wrote next to nothing else, or answers nobody, what is quoted is read too."""
    assert rules(text=f"{text}\n") in (["personal-appeal"], ["personal-appeal-doubtful"])


def test_letter_with_an_appeal_below_is_doubtful() -> None:
    """A long letter that answers nobody, with an appeal below as if it were quoted, is for a person to look at."""
    assert rules(text=f"{FILLER * 2}\n\n{quoted(ASK)}\n") == ["personal-appeal-doubtful"]


def test_short_answer_with_an_appeal_below_is_doubtful() -> None:
    """A header that claims an answer is no proof: a person looks where the author's own words are few."""
    assert rules(text=f"See below.\n\n{quoted(ASK)}\n", headers=ANSWERING) == ["personal-appeal-doubtful"]


def test_evidence_of_a_quotation_stands_in_the_visible_text() -> None:
    """The words are marked where they stand in what people see."""
    raw = build(text=f"See below.\n\n{quoted(ASK)}\n", headers=ANSWERING)
    (finding,) = solicitation.check(parse_message(raw), PARTY)
    seen = parse_message(raw).visible_text
    assert {one.view for one in finding.evidence} == {"text"}
    assert all(seen[one.start : one.end] == one.text for one in finding.evidence)


@pytest.mark.parametrize(
    "text",
    [
        f"{FILLER * 8}\n\n{ASK}",
        f"{ASK}\n\n{FILLER * 15}",
        f"{FILLER * 60}{ASK} {FILLER * 60}",
        f"{ASK}\n\n{ORGANISATION}",
        f"{ORGANISATION}\n\n{ASK}",
        f"{ORGANISATION}\n{ASK}\n{ORGANISATION}",
        f"{FILLER * 8}\n\n{ASK}\n\n{ORGANISATION * 5}",
    ],
)
def test_what_stands_elsewhere_does_not_thin_out_an_appeal(text: str) -> None:
    """Filler before or after, and words for the organisation in other paragraphs, hide nothing."""
    assert rules(text=f"{text}\n") != []


@pytest.mark.parametrize("text", [FILLER * 60, ORGANISATION, f"{ORGANISATION}\n\n{FILLER * 8}", ORGANISATION * 20])
def test_what_stands_elsewhere_is_no_appeal_by_itself(text: str) -> None:
    """The same filler and words without the appeal pass."""
    assert findings(text=f"{text}\n") == []


def test_text_beyond_the_cap_is_said_to_be_unread() -> None:
    """An appeal behind more text than is read leaves a finding of kind size, which the policy holds."""
    (finding,) = findings(text=FILLER * 1_000 + ASK + "\n")
    assert (finding.rule, finding.category) == ("text-unread", "size")


def test_text_within_the_cap_is_read() -> None:
    """Nothing is unread in a message of ordinary length."""
    assert findings(text=FILLER * 300 + "\n") == []


@pytest.mark.parametrize("prefix", ["Re: ", "Fwd: ", "[members] RE: "])
def test_claimed_answer_does_not_hide_the_subject(prefix: str) -> None:
    """A subject that asks counts where nothing quoted shows that another chose it."""
    assert rules(subject=f"{prefix}{SUBJECT}", text="Thank you.\n") == ["personal-appeal-doubtful"]


def test_claimed_thread_does_not_hide_the_subject() -> None:
    """In-Reply-To alone is no proof that another chose the subject."""
    assert rules(subject=SUBJECT, text="Thank you.\n", headers=ANSWERING) == ["personal-appeal-doubtful"]
    assert rules(subject=SUBJECT, text="> ok\n", headers=ANSWERING) == ["personal-appeal-doubtful"]


@pytest.mark.parametrize("subject", ["Re: Help with the banner", "Re: dues", "Re: Rent assembly", "Re: lend a hand?"])
def test_ordinary_subject_of_an_answer_passes(subject: str) -> None:
    """A subject that asks for nothing passes without any quotation."""
    assert findings(subject=subject, text="See you on Thursday.\n", headers=ANSWERING) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("letter.txt", ASK), ("letter.html", f"<html><body><p>{ASK}</p></body></html>")],
)
def test_appeal_in_a_file_is_doubtful(name: str, content: str) -> None:
    """A file that opens with a click is read like the message."""
    (finding,) = findings(text="Please see the file.\n", attachments=[(name, content.encode())])
    assert finding.rule == "personal-appeal-doubtful"
    assert {one.view for one in finding.evidence} == {"attached_text"}


def test_hidden_appeal_is_doubtful() -> None:
    """What HTML hides may be shown by another reader."""
    html = f'<p>See you on Thursday.</p><div style="display:none">{ASK}</div>'
    (finding,) = findings(text="See you on Thursday.\n", html=html)
    assert finding.rule == "personal-appeal-doubtful"
    assert {one.view for one in finding.evidence} == {"hidden"}


@pytest.mark.parametrize(
    "text",
    [
        "Can anyone lend me a projector for Friday?",
        "I'm looking for a flat for my family, up to 700 a month. If you hear of one, please send me a message.",
        "Could somebody help me carry a wardrobe on Saturday?",
        "I need a lift to the congress, can anybody give me one?",
        "Please send me the minutes before Friday so I can finish the report.",
    ],
)
def test_request_for_a_thing_is_no_plea_for_money(text: str) -> None:
    """To borrow a thing, to look for a flat or to want a hand is no appeal for aid."""
    assert findings(text=f"{text}\n") == []
