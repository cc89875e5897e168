"""Payment identifiers: found, checked, normalised, and told apart from the organisation's own."""

import time

import pytest
from pace import allowed

from listward.filters.content.payments import MOST, Payment, is_own, payee_of, payments
from listward.filters.content.plain import MAX_CHARACTERS, plain

NOBODY: frozenset[str] = frozenset()


def found(text: str) -> list[tuple[str, str]]:
    """Kinds and payees of a text."""
    return [(one.kind, one.payee) for one in payments(plain(text))]


@pytest.mark.parametrize(
    ("text", "kind", "payee"),
    [
        ("Send it to ES91 2100 0418 4502 0005 1332 thanks a lot", "iban", "ES9121000418450200051332"),
        ("iban de89370400440532013000.", "iban", "DE89370400440532013000"),
        ("IBAN NL91-ABNA-0417-1643-00", "iban", "NL91ABNA0417164300"),
        ("Nl91 aBnA 0417 1643 00", "iban", "NL91ABNA0417164300"),
        ("Mt84 malt 0110 0001 2345 mtlc ast0 01s", "iban", "MT84MALT011000012345MTLCAST001S"),
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "bitcoin", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        (
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "bitcoin",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        ),
        (
            "BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ",
            "bitcoin",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        ),
        (
            "(bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr)",
            "bitcoin",
            "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
        ),
        ("0x" + "aB" * 20, "ethereum", "0x" + "ab" * 20),
        ("4111 1111 1111 1111", "card", "4111111111111111"),
        ("https://www.paypal.me/AnnSmith/50", "paypal", "paypal:annsmith"),
        ("paypal . me / ann", "paypal", "paypal:ann"),
        ("p a y p a l . m e / a n n", "paypal", "paypal:ann"),
        ("\u0440\u0430\u0443\u0440\u0430l.m\u0435/ann", "paypal", "paypal:ann"),
        ("\uff50\uff41\uff59\uff50\uff41\uff4c.me/ann", "paypal", "paypal:ann"),
        ("paypal.com/paypalme/ann", "paypal", "paypal:ann"),
        ("my paypal is ann@example.org.", "paypal", "paypal:ann@example.org"),
        ("https://cash.app/$annb", "cashapp", "cashapp:annb"),
        ("Cash App $ann_b", "cashapp", "cashapp:ann_b"),
        ("$annb on cashapp", "cashapp", "cashapp:annb"),
        ("venmo me @ann-b", "venmo", "venmo:ann-b"),
        ("https://venmo.com/u/ann-b", "venmo", "venmo:ann-b"),
        ("https://www.gofundme.com/f/help-ann?utm=1", "gofundme", "gofundme:help-ann"),
        ("gofund.me/ab12cd34", "gofundme", "gofundme:ab12cd34"),
        ("ko-fi.com/annwrites", "kofi", "kofi:annwrites"),
        ("patreon.com/annsings.", "patreon", "patreon:annsings"),
        ("https://buymeacoffee.com/ann", "buymeacoffee", "buymeacoffee:ann"),
        ("revolut.me/annlap", "revolut", "revolut:annlap"),
        ("zelle to ann.dog@example.com", "zelle", "zelle:ann.dog@example.com"),
        ("Zelle 555 123 4567", "wallet", "wallet:5551234567"),
        ("Bizum al 612 34 56 78", "wallet", "wallet:612345678"),
        ("M-Pesa: +254 722 000 111", "wallet", "wallet:254722000111"),
        ("mi Yape es 987 654 321", "wallet", "wallet:987654321"),
        ("account number: 12345678", "bank-account", "12345678"),
        ("Número de cuenta 0123 4567 89 0123456789", "bank-account", "01234567890123456789"),
        ("CLABE 032180000118359719", "bank-account", "032180000118359719"),
        ("pay ann@okaxis", "upi", "upi:ann@okaxis"),
    ],
)
def test_identifier_is_found_and_normalised(text: str, kind: str, payee: str) -> None:
    """Every way of writing an identifier ends in the same normal form."""
    assert (kind, payee) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ES91 2100 0418 4502 0005 1333 has a wrong check digit",
        "4111 1111 1111 1112",
        "0000 0000 0000 0000",
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3",
        "the price was $500 at venmo HQ, call 555 123 4567",
        "echo $HOME and $PATH in the shell",
        "write to ann@example.org",
        "@anna and @bob, see you on Thursday",
        "commit 0x1234 in AB12 3456",
        "We met at 10:30 on 2026-11-21, room 12",
        "paypal takes 3 % of every donation",
        "Message 20021112.104512 of the archive",
        "+Qa18Krkmnp9Uj7ApOqUm56zXBxo9b/",  # base64 whose check digits fit by chance
    ],
)
def test_ordinary_numbers_and_names_are_no_identifier(text: str) -> None:
    """Prices, dates, variables, addresses and failed check digits are left alone."""
    assert found(text) == []


def test_span_marks_the_words_as_written() -> None:
    """The span leads back to the identifier in the original text."""
    text = plain("Bitte an \uff50\uff41\uff59\uff50\uff41\uff4c.me/ann senden")
    (one,) = payments(text)
    assert text.original[slice(*text.span(one.start, one.end))] == "\uff50\uff41\uff59\uff50\uff41\uff4c.me/ann"


def test_fund_raiser_page_is_told_from_account() -> None:
    """A public page is marked as one."""
    assert [one.page for one in payments(plain("gofund.me/ab12cd34 or paypal.me/ann"))] == [True, False]


@pytest.mark.parametrize(
    ("listed", "written"),
    [
        ("ES91 2100 0418 4502 0005 1332", "es9121000418450200051332"),
        ("https://paypal.me/OurParty", "paypal.me/ourparty"),
        ("ourparty", "paypal.me/ourparty"),
        ("@our-party", "venmo: @our-party"),
        ("treasurer@party.example", "paypal: treasurer@party.example"),
        ("612 345 678", "bizum 612345678"),
    ],
)
def test_listed_payee_is_own(listed: str, written: str) -> None:
    """A payee on the organisation's list is its own, however either is written."""
    (one,) = payments(plain(written))
    assert is_own(one, frozenset({listed}), NOBODY)


def test_address_in_own_domain_is_own() -> None:
    """An account named by an address of the organisation is its own."""
    (one,) = payments(plain("paypal: donate@party.example"))
    assert is_own(one, NOBODY, frozenset({"party.example"}))
    assert not is_own(one, NOBODY, NOBODY)


def test_other_payee_is_not_own() -> None:
    """A list does not cover anybody else."""
    assert not is_own(Payment("paypal", "paypal:ann", 0, 3), frozenset({"ourparty"}), frozenset({"party.example"}))


def test_bare_payee_keeps_its_name() -> None:
    """What is no identifier by itself is kept as a bare name."""
    assert payee_of(" $OurParty ") == "ourparty"


def test_numbers_in_a_table_are_bounded() -> None:
    """However many identifiers a text has, no more than the bound are read."""
    assert len(payments(plain("ES9121000418450200051332 x\n" * 500))) == MOST


@pytest.mark.parametrize(
    "unit",
    ["AA11 ", "4111 ", "1a", "bc1q", "paypal a@", "aaaa", "account number ", "zelle ", "$a cash ", "cuenta de 1 "],
)
def test_hostile_text_takes_bounded_time(unit: str) -> None:
    """A full text of almost-identifiers is read within three seconds."""
    text = plain((unit * MAX_CHARACTERS)[:MAX_CHARACTERS])
    started = time.process_time()
    payments(text)
    assert time.process_time() - started < allowed(3)
