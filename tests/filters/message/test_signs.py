"""Counts made in passes over octets equal those made character by character."""

from hypothesis import given
from hypothesis import strategies as st

from listward.filters.message.signs import beyond_ascii, capitals, has_letters

ANY = st.text(st.sampled_from("aBÄßéЖж中\U0001d400\ud800 1.\n"), max_size=60) | st.text(max_size=60)


@given(ANY)
def test_beyond_ascii_are_the_other_characters_in_order(text: str) -> None:
    """What is left is what ASCII does not hold."""
    assert beyond_ascii(text) == "".join(sign for sign in text if ord(sign) > 127)


@given(ANY)
def test_capitals_are_counted_in_every_script(text: str) -> None:
    """The count is that of all upper-case characters."""
    assert capitals(text) == sum(map(str.isupper, text))


@given(ANY, st.integers(1, 30))
def test_has_letters_is_the_count_compared(text: str, number: int) -> None:
    """Stopping early changes no answer."""
    assert has_letters(text, number) == (sum(map(str.isalpha, text)) >= number)
