"""Whom an author's own words say to pay, and in which language they are."""

from listward.filters.content.manner import MOST_PAYEES, Manner, manner_of
from listward.filters.content.plain import plain
from listward.filters.context import Context
from listward.filters.message.parse import parse_message

IBAN = "DE89 3704 0044 0532 0130 00"
OWN = "GB82 WEST 1234 5698 7654 32"
PROSE = "We would like all of you to come to the meeting of the branch, and to bring what was sent to you by us."


def context(*payees: str) -> Context:
    """What readers know of the organisation, with these payees of its own."""
    return Context("Party", frozenset({"party.example"}), frozenset(), frozenset(), frozenset(payees))


def read(text: str, *payees: str) -> Manner:
    """The manner of an answer with this text."""
    head = "From: ana@mail.example\r\nSubject: Re: s\r\nIn-Reply-To: <1@mail.example>\r\n"
    message = parse_message(f"{head}\r\n{text}\r\n".encode())
    return manner_of(message, context(*payees))


def test_own_words_name_payees_and_a_language() -> None:
    """Both are read from what the author wrote."""
    assert read(f"{PROSE} {PROSE}\nPlease pay to {IBAN}.") == Manner(("DE89370400440532013000",), "en")


def test_quotations_and_the_organisations_own_payees_do_not_count() -> None:
    """Answering an appeal is no appeal, and dues are no surprise."""
    assert read(f"I gave.\r\n\r\nOn Monday Ben wrote:\r\n> pay to {IBAN}").payees == ()
    assert read(f"Dues go to {OWN}", OWN).payees == ()
    assert read("Nothing to pay.") == Manner()


def test_each_payee_counts_once_and_few_are_kept() -> None:
    """A table of accounts is bounded."""
    assert read(f"{IBAN} or {IBAN}").payees == ("DE89370400440532013000",)
    pages = " ".join(f"https://www.gofundme.com/f/help-{number}" for number in range(20))
    assert len(read(pages).payees) == MOST_PAYEES


def test_text_that_is_folded_already_is_not_folded_again() -> None:
    """Whoever has the folded text hands it over."""
    message = parse_message(b"From: ana@mail.example\r\nSubject: s\r\n\r\nhello\r\n")
    assert manner_of(message, context(), plain(f"s\npay {IBAN}")).payees == ("DE89370400440532013000",)
