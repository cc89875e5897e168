"""A configuration that not only reads well but can be run: rosters, certificates and passwords are tried too."""

from collections.abc import Callable
from pathlib import Path

from listward.config.faults import ConfigError, Fault
from listward.config.lines import key_lines, line_of
from listward.config.load import Configuration, load
from listward.config.signing_key import UnusableSigningKey
from listward.config.site import Site
from listward.config.source import dotted
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_source import FileSource
from listward.gateway.session.passwords import identities_of
from listward.gateway.session.tls import in_words
from listward.gateway.snapshot import credentials_of, sealer_of
from listward.wire.client import verifying

Key = tuple[str | int, ...]


def usable(directory: Path, before: SiteRosters | None = None) -> tuple[Configuration, SiteRosters]:
    """Read a configuration and try what a worker will need of it; return it with the rosters read for it.

    Of rosters that were read before only what changed is read. Raises ConfigError with every fault found.
    """
    configuration = load(directory)
    rosters = SiteRosters(configuration.site, before)
    faults = [
        *_roster_faults(rosters),
        *_certificate_faults(configuration),
        *_password_faults(configuration),
        *_signing_faults(configuration),
    ]
    if faults:
        raise ConfigError(tuple(faults))
    return configuration, rosters


def _certificate_faults(configuration: Configuration) -> list[Fault]:
    """Load what TLS needs, each file by itself, so that the fault stands at its key."""
    site = configuration.site
    tries: dict[Key, Callable[[], object]] = {
        ("gateway", "tls_certificate"): lambda: credentials_of(site),
        ("submission", "client_ca"): lambda: _verifying(site, site.submission.client_ca),
        ("next_hops", "ca_file"): lambda: _verifying(site, site.next_hops.ca_file),
    }
    faults = []
    for key, load_it in tries.items():
        try:
            load_it()
        except (OSError, ValueError) as error:
            faults.append(_fault(configuration, key, f"cannot be used: {in_words(error)}"))
    return faults


def _verifying(site: Site, file: Path | None) -> None:
    if file is not None:
        verifying(str(site.directory / file))


def _password_faults(configuration: Configuration) -> list[Fault]:
    """Read the file of password hashes; nothing of it is quoted."""
    try:
        identities_of(configuration.site)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot be used: {reason[:1].lower()}{reason[1:]}"
        return [_fault(configuration, ("submission", "passwords_file"), message)]
    return []


def _signing_faults(configuration: Configuration) -> list[Fault]:
    """Read the key that mail is sealed with; nothing of it is quoted."""
    try:
        sealer_of(configuration.site)
    except UnusableSigningKey as fault:
        return [_fault(configuration, ("signing", "key_file"), f"{str(configuration.site.signing.key_file)!r} {fault}")]
    return []


def _fault(configuration: Configuration, key: Key, message: str) -> Fault:
    file = configuration.directory / "site.toml"
    return Fault(file, line_of(key_lines(file.read_text(encoding="utf-8")), key), dotted(key), message)


def _roster_faults(rosters: SiteRosters) -> list[Fault]:
    """What is wrong with roster files, so that a broken line is named before mail meets it. A server may be away."""
    files = [source for _, source in rosters if isinstance(source, FileSource)]
    return list(dict.fromkeys(fault for source in files for fault in source.faults))
