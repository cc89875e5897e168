"""The identities of a configuration, with their passwords from the file that keeps the hashes."""

from pathlib import Path

from listward.config.site import Site
from listward.gateway.session.identities import Identities, Identity


def identities_of(site: Site) -> Identities | None:
    """Return who may log in; None where the listener is not configured. Raises OSError and ValueError for its files."""
    table = site.submission
    if not table.listen:
        return None
    kept = read_passwords(site.directory / table.passwords_file) if table.passwords_file is not None else {}
    known = (
        Identity(
            entry.name,
            entry.origin,
            frozenset(each.removeprefix("@") for each in entry.senders),
            kept.get(entry.name, ""),
            frozenset(entry.certificate_sha256),
            entry.certificate_subject,
        )
        for entry in table.identities
    )
    return Identities(tuple(known))


def read_passwords(path: Path) -> dict[str, str]:
    """Read lines of `name:argon2-hash`. Raises OSError, and ValueError that names the line and quotes nothing of it."""
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, kept = line.strip().partition(":")
        if not name or not kept.startswith("$argon2"):
            raise ValueError(f"line {number} is not of the form name:hash, with a hash of argon2")
        found[name.lower()] = kept
    return found
