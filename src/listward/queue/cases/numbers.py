"""Case numbers: at least four digits and a check digit, so that a number can be spoken and a slip is noticed.

The check digit is Damm's: it finds every single wrong digit and every swap of neighbours. Numbers are leased to lists
in blocks of 100, so a number names its block and the block its list.
"""

import re

BLOCK_SIZE = 100
FIRST_BLOCK = 10  # so that the first number, 1000, has four digits
LONGEST = 12

# The quasigroup of order 10 from H. Michael Damm's thesis (2004): totally anti-symmetric, zeros on the diagonal.
_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015\u2212]+")


class NotANumber(ValueError):
    """The text is no case number; it says in plain words why."""


def number_for(index: int) -> str:
    """Return the case number of one place in the sequence: its digits and the check digit."""
    return f"{index}{_damm(str(index))}"


def block_of(number: str) -> int:
    """Return the block a valid case number lies in."""
    return int(number[:-1]) // BLOCK_SIZE


def parse_number(text: str) -> str:
    """Read a case number as people write it: blanks, dashes and dots between digits do not matter.

    Raises NotANumber for anything else, also for a wrong check digit.
    """
    digits = _SEPARATORS.sub("", text.strip().removeprefix("#"))
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST):
        raise NotANumber("A case number has digits only, like 1000-8.")
    if len(digits) < 5 or digits.startswith("0") or _damm(digits) != 0:
        raise NotANumber("This is not a case number. Please look for a wrong or missing digit.")
    return digits


def _damm(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _TABLE[interim][int(digit)]
    return interim
