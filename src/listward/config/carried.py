"""A checked configuration as octets: read once, and the same for every process that is handed them."""

import pickle

from listward.config.load import Configuration


def packed(configuration: Configuration) -> bytes:
    """Return the configuration as octets for a process of the same program."""
    return pickle.dumps(configuration)


def unpacked(octets: bytes) -> Configuration:
    """Return what was packed. Only for octets that came from this process's own supervisor, by a sealed file.

    Raises ValueError where they hold something else.
    """
    found = pickle.loads(octets)  # noqa: S301  # our own parent wrote them, and nobody can change them
    if not isinstance(found, Configuration):
        raise ValueError("the supervisor handed over no configuration")
    return found
