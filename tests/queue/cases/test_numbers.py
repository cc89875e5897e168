"""Case numbers can be spoken, and slips are noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listward.queue.cases.numbers import BLOCK_SIZE, NotANumber, block_of, number_for, parse_number

INDEXES = st.integers(1000, 9_999_999)


def test_the_check_digit_is_damms() -> None:
    """572 has the check digit 4, the example of the literature."""
    assert number_for(572) == "5724"


def test_the_first_numbers_have_four_digits_and_a_check_digit() -> None:
    """The shortest number is five digits long in all."""
    assert number_for(1000) == "10008"


@given(INDEXES)
def test_every_number_is_read_back(index: int) -> None:
    """What is given out is understood, and names its block."""
    number = number_for(index)
    assert parse_number(number) == number
    assert block_of(number) == index // BLOCK_SIZE


@given(INDEXES, st.data())
def test_a_wrong_digit_is_noticed(index: int, data: st.DataObject) -> None:
    """Each single wrong digit makes the number invalid."""
    number = number_for(index)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    with pytest.raises(NotANumber):
        parse_number(number[:place] + other + number[place + 1 :])


@given(INDEXES, st.data())
def test_swapped_neighbours_are_noticed(index: int, data: st.DataObject) -> None:
    """Each swap of two different neighbours makes the number invalid."""
    number = number_for(index)
    place = data.draw(st.integers(0, len(number) - 2))
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(NotANumber):
            parse_number(swapped)


@pytest.mark.parametrize("text", [" 1000-8 ", "10 008", "#10008", "10.008", "1000\u20138", "1\u00a0000 8"])
def test_blanks_and_dashes_do_not_matter(text: str) -> None:
    """People write numbers in groups."""
    assert parse_number(text) == "10008"


@pytest.mark.parametrize(
    "text", ["", "8", "1008", "10009", "010008", "1000x", "-", "\u0661\u0660\u0660\u0660\u0668", "1" * 40, "10008\0"]
)
def test_anything_else_is_refused_in_plain_words(text: str) -> None:
    """Wrong lengths, letters and digits of other scripts are no case numbers."""
    with pytest.raises(NotANumber, match="case number"):
        parse_number(text)
