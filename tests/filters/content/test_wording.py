"""The organisation's own phrases and patterns are found however they are disguised, and nowhere else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import build
from pace import allowed

from listward.config.conditions import Asked
from listward.filters.content import wording
from listward.filters.context import Context
from listward.filters.findings import Finding
from listward.filters.message.normalise import Folded, fold
from listward.filters.message.parse import parse_message

LISTS = (("threats", ("we know where you live", "Cabrón", "watch out!")), ("rivals", ("the other party",)))


def context(*patterns: Asked, lists: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Context:
    """What a policy with these phrase lists and patterns looks for."""
    return Context("Party", frozenset(), frozenset(), frozenset(), frozenset(), phrases=lists, patterns=patterns)


def found(
    body: str, *patterns: Asked, lists: tuple[tuple[str, tuple[str, ...]], ...] = LISTS, **more: str
) -> list[Finding]:
    """The findings of a message with this text."""
    message = parse_message(build(text=body, **more))
    return list(wording.check(message, context(*patterns, lists=lists)))


@pytest.mark.parametrize(
    "body",
    [
        "So: We know WHERE you live.",
        "we know, where\nyou -- live",
        "we kn\u200bow where you li\u00adve",
        "\uff57\uff45 \uff4b\uff4e\uff4f\uff57 where you live",
        "w\u0435 kn\u043ew where you liv\u0435",
        "we know w h e r e you l.i.v.e",
        "CABRON",
        "cabro\u0301n",
        "w\u0335e\u20e5 know where you live",
        "we\u3164know\u2800where you live",
        "we kno\U000e0110w\ufff9 wh\U0001d173ere you live",
        "we k\ua4e0OW where you live",
        "W\u13ac KNOW \u13b3HERE YOU LI\u13d9E",
        "we \U0001f17a\U0001f17d\U0001f17e\U0001f186 where you live",
        "we know w/h,e.r  e you l\ti\tv\te",
        "\U0001d420 \U0001d430\U0001d41a\U0001d42d\U0001d41c\U0001d421 out",
    ],
)
def test_a_disguised_phrase_is_found(body: str) -> None:
    """Case, accents, punctuation, width, look-alikes, unseen signs and spaced letters hide nothing."""
    (finding,) = found(body)
    assert (finding.rule, finding.category) == ("phrases-threats", "phrase")


@pytest.mark.parametrize(
    "body",
    [
        "we know where you lived",
        "know where you live",
        "Watch the outcome",
        "cabronada",
        "we know where they live; you do not",
    ],
)
def test_other_words_are_not(body: str) -> None:
    """Whole words in their order."""
    assert found(body) == []


def test_whoever_quotes_a_threat_has_not_made_it() -> None:
    """An answer's own words alone count."""
    text = "> we know where you live\n\nI condemn this, and I ask everybody to do the same.\n"
    answer = build(text=text, headers=[("In-Reply-To", "<a@b.example>")])
    assert list(wording.check(parse_message(answer), context(lists=LISTS))) == []


def test_evidence_stands_where_it_stood() -> None:
    """In the text as it came, also behind signs that folding takes away."""
    body = "One \ufb01ne\u200b day: w\u200be kn\u043ew where you l i v e today."
    (finding,) = found(body)
    (place,) = finding.evidence
    text = parse_message(build(text=body)).own_text
    assert text[place.start : place.end] == place.text == "w\u200be kn\u043ew where you l i v e"


def test_each_list_is_one_finding() -> None:
    """However often its phrases occur, with a few of the places."""
    findings = found("cabrón " * 20 + "and the other party", subject="Cabrón")
    assert [(finding.rule, len(finding.evidence)) for finding in findings] == [
        ("phrases-threats", 5),
        ("phrases-rivals", 1),
    ]
    assert findings[0].evidence[0].view == "subject"


@pytest.mark.parametrize(
    ("asked", "body", "more"),
    [
        (Asked("text", r"\bdues\b.{0,20}\blate\b"), "Your DUES are late", {}),
        (Asked("text", "dues"), "your d\u200bue\u0455", {}),
        (Asked("subject", "^urgent"), "x", {"subject": "Urgent: read"}),
    ],
)
def test_a_pattern_is_found(asked: Asked, body: str, more: dict[str, str]) -> None:
    """Without case, in the folded text."""
    assert [finding.rule for finding in found(body, asked, lists=(), **more)] == [asked.name]


def test_a_pattern_looks_where_it_is_told() -> None:
    """The subject is not the text."""
    assert found("x", Asked("text", "urgent"), lists=(), subject="urgent") == []
    assert found("urgent", Asked("subject", "urgent"), lists=(), subject="x") == []


def test_a_field_is_found_by_name_and_value() -> None:
    """Any of several fields of that name; an empty pattern asks for the field alone."""
    headers = [("X-Mailer", "Good"), ("X-Mailer", "B\u0430d 1.0")]
    message = parse_message(build(headers=headers))
    asked = [Asked("header:x-mailer", "bad"), Asked("header:x-mailer", ""), Asked("header:x-none", "")]
    findings = list(wording.check(message, context(*asked)))
    assert [finding.rule for finding in findings] == [asked[0].name, asked[1].name]


WORDS = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=8)


@given(st.lists(WORDS, min_size=1, max_size=5), st.sampled_from([" ", ", ", "\n", " \u2013 ", "\u200b "]))
def test_any_phrase_finds_itself(words: list[str], between: str) -> None:
    """In whatever script its words are."""
    text = f"x1 {between.join(words)} x2"
    if wording.phrase_key(text)[1:-1] == wording.phrase_key(" ".join(words)):  # folding may join words of one letter
        assert found(text, lists=(("any", (" ".join(words),)),))


def test_thousands_of_phrases_cost_what_few_do() -> None:
    """A text meets only those that begin with one of its words."""
    many = tuple(f"word{number} and so on" for number in range(20_000))
    lists = (("many", many),)
    message = parse_message(build(text="An ordinary letter about the meeting on Monday. " * 200))
    list(wording.check(message, context(lists=lists)))
    began = time.process_time()
    for _ in range(10):
        assert list(wording.check(message, context(lists=lists))) == []
    assert time.process_time() - began < allowed(5)


def test_a_pattern_finds_the_letter_that_folding_takes_away() -> None:
    """A pattern may be written in any alphabet, with letters that look like others, and with accents apart or not."""
    for word, written in (
        ("brød", "brød"),
        ("łódź", "łódź"),
        ("\u0441\u043e\u0440", "\u0441\u043e\u0440"),
        ("cabrón", "cabro\u0301n"),
        ("kill", "k\u0336ill"),
    ):
        (one,) = found(f"so {written} it is", Asked("text", word), lists=())
        assert one.evidence[0].text == written


def test_vowel_points_and_stretches_part_no_word() -> None:
    """Arabic is found with and without its vowel points, and however it is stretched."""
    lists = (("insults", ("يا حمار",)),)
    for written in ("يا حمار", "يا حِمَار", "يا حـــمـار"):
        assert [each.rule for each in found(written, lists=lists)] == ["phrases-insults"]


def test_thousands_of_phrases_that_begin_alike_cost_no_more_than_others() -> None:
    """A text that repeats a word with which 50,000 phrases begin is read through as fast as any."""
    lists = (("long", tuple(f"the word{number} of it" for number in range(50_000))),)
    found("to make the table", lists=lists)
    begun = time.perf_counter()
    assert not found("the " * 20_000, lists=lists)
    assert time.perf_counter() - begun < allowed(3)


def test_a_text_that_no_rule_asks_for_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folding a text costs as much as reading it does: a rule on a field of the header has none folded."""
    folded: list[str] = []

    def noted(text: str) -> Folded:
        folded.append(str(text))
        return fold(text)

    monkeypatch.setattr(wording, "fold", noted)
    message = parse_message(build(text="the text", subject="the subject", headers=[("X-Mailer", "Good")]))
    assert list(wording.check(message, context(Asked("header:x-mailer", "good"))))
    assert folded == ["Good"]
    assert list(wording.check(message, context(Asked("subject", "subject"), Asked("subject", "the"))))
    assert folded == ["Good", "the subject"]
