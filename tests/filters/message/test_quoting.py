"""Own and quoted text, in the languages of our members."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import build

from listward.filters.message import limits
from listward.filters.message.parse import parse_message
from listward.filters.message.quoting import divide


@pytest.mark.parametrize(
    "attribution",
    [
        "On Tue, 3 May 2026 at 10:00, Ana Ruiz <ana@party.example> wrote:",
        "On Tue, 3 May 2026 at 10:00, Ana Ruiz\n<ana@party.example> wrote:",
        "El mar, 3 may 2026 a las 10:00, Ana Ruiz (<ana@party.example>) escribió:",
        "Am 03.05.26 um 10:00 schrieb Ana Ruiz:",
        "Le 3 mai 2026 à 10:00, Ana Ruiz a écrit :",
        "Ana Ruiz <ana@party.example> writes:",
        ">>>>> Ana Ruiz wrote:",
    ],
)
def test_attribution_and_quotation(attribution: str) -> None:
    """The line that names the earlier author, and the lines behind a sign, are quoted."""
    own, quoted = divide(f"I agree.\n\n{attribution}\n> the plan\n> > is good\nLet us start.")
    assert own.split() == ["I", "agree.", "Let", "us", "start."]
    assert attribution in quoted
    assert "> the plan" in quoted


@pytest.mark.parametrize(
    "line",
    [
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "-----Mensaje original-----",
        "-----Ursprüngliche Nachricht-----",
        "-----Message d'origine-----",
        "________________________________\nFrom: Ana Ruiz <ana@party.example>\nSent: Tuesday",
        "From: Ana Ruiz\nSent: Tuesday\nTo: board",
        "De: Ana Ruiz\nEnviado el: martes\nPara: junta",
        "Von: Ana Ruiz\nGesendet: Dienstag",
        "De : Ana Ruiz\nEnvoyé : mardi",
    ],
)
def test_everything_below_an_earlier_message_is_quoted(line: str) -> None:
    """Programs that quote without signs mark where the earlier message begins."""
    own, quoted = divide(f"I agree.\n{line}\nthe plan\nis good")
    assert "I agree." in own
    assert "the plan" not in own
    assert quoted.endswith("the plan\nis good")


@pytest.mark.parametrize(
    "text",
    [
        "From: here it is a long way.\nWe walk.",
        "She wrote: we shall meet.\nI read it.",
        "On Tuesday we meet and he wrote a letter.",
        "a > b is true",
        "--\nAna",
        "De: la junta",
    ],
)
def test_what_only_resembles_a_quotation_is_own(text: str) -> None:
    """Ordinary sentences stay the author's."""
    assert divide(text) == (text, "")


@given(st.text(alphabet="> \nawrote:On-_From", max_size=200))
def test_every_line_is_in_one_view(text: str) -> None:
    """No line is lost, none is in both views."""
    own, quoted = divide(text)
    lines = [*(own.split("\n") if own else []), *(quoted.split("\n") if quoted else [])]
    assert sorted(line for line in lines if line) == sorted(line for line in text.split("\n") if line)


def test_attributions_without_quotations_are_own() -> None:
    """A text of which every line ends like an attribution is the author's."""
    text = "\n".join(f"please give number {n} wrote:\n" for n in range(9))
    assert divide(text) == (text, "")


PLEA = "Please send me money for my rent, I have lost my work and my children are hungry.\nThank you all.\n"


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"> {line}\n" for line in PLEA.splitlines()),
        f"-----Original Message-----\n{PLEA}",
        f"Dear all,\nFrom: Ana\nSent: Tuesday\n{PLEA}",
        "".join(f"{line} wrote:\n" for line in PLEA.splitlines()),
    ],
)
def test_own_text_is_not_emptied_by_signs_of_a_quotation(text: str) -> None:
    """Where the message answers none, what it calls a quotation is its text; in an answer it is a quotation."""
    new = parse_message(build(text=text))
    assert (new.own_text, new.quoted_text) == (new.visible_text, "")
    answer = parse_message(build(text=text, headers=[("In-Reply-To", "<1@party.example>")]))
    assert "lost my work" not in answer.own_text
    assert "lost my work" in answer.quoted_text


def test_a_forward_with_words_of_its_own_is_divided() -> None:
    """Whoever writes a paragraph above an earlier message has said something."""
    message = parse_message(build(text=f"{'I think that we should talk. ' * 5}\n\n-----Original Message-----\n{PLEA}"))
    assert "lost my work" not in message.own_text


def test_behind_very_many_lines_nothing_is_quoted() -> None:
    """What is too long to divide counts as the author's own."""
    own, _ = divide("> a\n" * (limits.LINES + 1) + "> end")
    assert own.endswith("> end")
