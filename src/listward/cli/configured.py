"""The configuration a command works by, without the libraries that judging needs."""

from pathlib import Path

from listward.cli.output import WrongUse
from listward.config.faults import ConfigError
from listward.config.find import find_directory
from listward.config.load import Configuration, load


def configuration_at(directory: Path | None) -> Configuration:
    """Read the configuration. Raises WrongUse naming every fault."""
    try:
        return load(find_directory(directory))
    except ConfigError as error:
        raise WrongUse(str(error)) from None
