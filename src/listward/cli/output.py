"""How commands end: 0 done, 1 the answer is no, 2 wrong use, 3 the system is not reachable; one plain line each."""

import unicodedata

NO, WRONG_USE, UNREACHABLE = 1, 2, 3


class CommandError(Exception):
    """Ends a command with a plain message on stderr and its exit code."""

    code = NO


class Refusal(CommandError):
    """The answer is no."""

    code = NO


class WrongUse(CommandError):
    """The command was called in a way it does not allow."""

    code = WRONG_USE


class Unreachable(CommandError):
    """A part of the system does not answer."""

    code = UNREACHABLE


def printable(text: str) -> str:
    """Return text that came with a message without control, bidi and other invisible characters, fit for a terminal."""
    return "".join(
        character if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"} else "·"
        for character in text
    )
