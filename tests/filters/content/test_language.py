"""In which language a text is written."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pace import allowed

from listward.filters.content.language import LANGUAGES, MOST_CHARACTERS, UNKNOWN, language_of

TEXTS = {
    "en": "Dear all, the meeting of the branch is on Tuesday and we would like you to bring the papers that were sent"
    " out last week. If you cannot come, please tell one of us, and we will read your view to the others.",
    "es": "Hola a todas: la reunión de la agrupación es el martes y nos gustaría que trajerais los papeles que se"
    " enviaron la semana pasada. Si no podéis venir, avisad a quien lleva las actas, pero sin prisa.",
    "de": "Liebe alle, die Sitzung der Gruppe ist am Dienstag, und wir bitten euch, die Papiere mitzubringen, die"
    " in der letzten Woche verschickt wurden. Wer nicht kommen kann, sagt es bitte einem von uns.",
    "fr": "Bonjour à tous, la réunion de la section est mardi et nous vous prions d'apporter les papiers qui ont été"
    " envoyés la semaine dernière. Si vous ne pouvez pas venir, dites le à une personne du bureau, sans plus attendre.",
    "it": "Ciao a tutti, la riunione della sezione è martedì e vi preghiamo di portare le carte che sono state inviate"
    " la settimana scorsa. Se non potete venire, ditelo a uno di noi, anche per telefono.",
    "pt": "Olá a todos, a reunião da secção é na terça e pedimos que tragam os papéis que foram enviados na semana"
    " passada. Se não puderem vir, digam a um de nós, também por telefone, e nós lemos a mensagem aos outros.",
    "nl": "Dag allemaal, de vergadering van de afdeling is op dinsdag en wij vragen of je de stukken mee wilt nemen die"
    " vorige week zijn verstuurd. Als je niet kunt komen, zeg het dan aan een van ons, want wij lezen het voor.",
    "cyrillic": "Уважаемые товарищи, собрание отделения состоится во вторник, просим вас взять с собой бумаги.",  # noqa: RUF001 - it is Cyrillic
    "el": "Αγαπητοί όλοι, η συνάντηση του τμήματος είναι την Τρίτη και σας παρακαλούμε να φέρετε τα χαρτιά.",  # noqa: RUF001 - it is Greek
    "ja": "みなさん、支部の会議は火曜日です。先週お送りした書類をお持ちください。"
    "来られない方は私たちの誰かに知らせてください。そうすれば他の人たちに意見を読み上げます。どうぞよろしくお願いします。",
}


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_running_text_is_known(language: str, text: str) -> None:
    """A few sentences are enough."""
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes, I will come.",
        "¡De acuerdo!",
        "apples pears plums cherries " * 10,
        "x = y + dat; " * 40,
        "https://example.org/der/die/das " * 30,
        "dat dat dat dat dat dat de " * 10,
        "0123 4567 " * 50,
    ],
)
def test_what_is_not_plain_is_unknown(text: str) -> None:
    """Short answers, lists, code and addresses say nothing of a language."""
    assert language_of(text) == UNKNOWN


def test_a_text_half_in_each_of_two_languages_is_unknown() -> None:
    """A notice in two languages is written in neither."""
    assert language_of(f"{TEXTS['en']}\n{TEXTS['de']}") == UNKNOWN


def test_a_foreign_name_or_quotation_changes_nothing() -> None:
    """A word of another script inside a text counts little."""
    assert language_of(f"{TEXTS['en']} Привет, товарищи! {TEXTS['en']}") == "en"


@given(st.text(max_size=3 * MOST_CHARACTERS))
def test_any_text_has_an_answer_of_the_list(text: str) -> None:
    """Whatever is written, the answer is a known code or unknown."""
    assert language_of(text) in {*LANGUAGES, UNKNOWN}


@pytest.mark.parametrize("piece", ["a", "é", "a ", "@", "\u0430", ". ", "\u0301", "the "])
def test_time_is_bounded(piece: str) -> None:
    """A million of anything is cut and read at once."""
    started = time.process_time()
    language_of(piece * 1_000_000)
    assert time.process_time() - started < allowed(2)
