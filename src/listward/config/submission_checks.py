"""What must hold for the submission listener: nobody logs in without TLS, and nobody writes as a list."""

from collections.abc import Iterator

from listward.config.site import Identity, Site

Key = tuple[str | int, ...]


def check_submission(site: Site) -> Iterator[tuple[Key, str]]:
    """Yield the key and message of each fault of [submission] that no single value shows."""
    faults = list(_faults(site))
    if site.submission.identities and not site.submission.listen and not faults:
        message = 'nobody could log in: give listen in [submission], such as ["0.0.0.0:587"]'
        faults.append((("submission", "identity", 0), message))
    yield from faults


def _faults(site: Site) -> Iterator[tuple[Key, str]]:
    table = site.submission
    if table.listen and site.gateway.tls_certificate is None:
        yield ("submission", "listen"), "needs TLS: give tls_certificate and tls_key in [gateway]"
    if table.listen and not table.identities:
        yield ("submission", "listen"), "nobody could hand in mail: add a [[submission.identity]]"
    for name, path in (("client_ca", table.client_ca), ("passwords_file", table.passwords_file)):
        if path is not None and not (site.directory / path).is_file():
            yield ("submission", name), f"{str(path)!r} is not a file"
    names: set[str] = set()
    for position, identity in enumerate(table.identities):
        key = ("submission", "identity", position)
        if identity.name in names:
            yield (*key, "name"), f"{identity.name!r} stands twice"
        names.add(identity.name)
        yield from _check_identity(site, key, identity)


def _check_identity(site: Site, key: Key, identity: Identity) -> Iterator[tuple[Key, str]]:
    by_certificate = bool(identity.certificate_sha256 or identity.certificate_subject)
    if by_certificate and site.submission.client_ca is None:
        yield key, "a certificate needs client_ca in [submission]: the authority, or the certificates themselves"
    if not by_certificate and site.submission.passwords_file is None:
        yield (
            key,
            "nothing proves it: give certificate_sha256 or certificate_subject, or passwords_file in [submission]",
        )
    for sender in identity.senders:
        local, at, domain = sender.rpartition("@")
        if "." not in domain or (local and not at) or " " in sender:
            message = f"{sender!r} is not allowed; allowed: an address, or a domain such as party.example"
            yield (*key, "from"), message
        elif site.list_for(sender) is not None:
            yield (*key, "from"), f"{sender!r} is one of the lists: nobody writes as a list"
