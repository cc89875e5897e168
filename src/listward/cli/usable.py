"""A configuration that not only reads well but can be run: rosters and certificate are tried too."""

import ssl
from pathlib import Path

from listward.config.faults import ConfigError, Fault
from listward.config.load import Configuration, load
from listward.filters.identity.roster import RosterError, read_roster
from listward.gateway.session.passwords import identities_of
from listward.gateway.snapshot import credentials_of


def usable_configuration(directory: Path) -> Configuration:
    """Read a configuration and try what a worker will need of it. Raises ConfigError with every fault found."""
    configuration = load(directory)
    faults = [*_roster_faults(configuration), *_certificate_faults(configuration), *_password_faults(configuration)]
    if faults:
        raise ConfigError(tuple(faults))
    return configuration


def _certificate_faults(configuration: Configuration) -> list[Fault]:
    try:
        credentials_of(configuration.site, configuration.site.submission.client_ca)
    except (ssl.SSLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "it does not load"
        message = f"certificate and key cannot be used together: {str(reason).lower().replace('_', ' ')}"
        return [Fault(configuration.directory / "site.toml", 0, "gateway.tls_certificate", message)]
    return []


def _password_faults(configuration: Configuration) -> list[Fault]:
    """Read the file of password hashes; nothing of it is quoted."""
    try:
        identities_of(configuration.site)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        file = configuration.directory / "site.toml"
        return [Fault(file, 0, "submission.passwords_file", f"cannot be used: {reason[:1].lower()}{reason[1:]}")]
    return []


def _roster_faults(configuration: Configuration) -> list[Fault]:
    """Read every roster file, so that a broken line is named before mail meets it."""
    faults: list[Fault] = []
    for path in dict.fromkeys(entry.roster for entry in configuration.site.lists if entry.roster):
        try:
            read_roster(configuration.directory / path)
        except RosterError as error:
            faults.extend(error.faults)
    return faults
