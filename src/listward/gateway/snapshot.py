"""One configuration, ready for use. A message is judged and acted on under exactly one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from listward.config.catalogue import NAMES, known_to
from listward.config.policy import Policy
from listward.config.signing_checks import is_signing
from listward.config.signing_key import read_signing_key
from listward.config.site import MailingList, Site
from listward.filters.judgement import Judgement
from listward.filters.routing.targets import Directory
from listward.filters.transaction import Transaction
from listward.gateway.observing import Watched
from listward.gateway.session.passwords import identities_of
from listward.gateway.session.terms import Terms, terms_of
from listward.gateway.session.tls import Credentials
from listward.gateway.trace.marker import Marker
from listward.gateway.trace.seal import Sealer
from listward.gateway.trace.stamp import Stamp
from listward.wire.hop import Hop, parse_hop
from listward.wire.payload import Payload

MOST_LISTS_IN_METRICS = 500


class Judges(Protocol):
    """What judges a message (`gateway.reader.judging.ReadingJudge`)."""

    async def judge(self, transaction: Transaction, payload: Payload) -> Judgement:
        """Return findings and settled verdicts. The octets are in `payload` alone."""
        ...


@dataclass(frozen=True)
class Snapshot:
    """A configuration with everything that is built from it once.

    `sources` are the lists by address and by List-Id, for mail on its way out; `findings` what is counted by name,
    `watched` the rules on trial.
    """

    site: Site
    policy: Policy
    judge: Judges
    directory: Directory
    stamp: Stamp
    ingress: Terms
    egress: Terms
    submission: Terms
    hops: dict[str, Hop]
    list_hops: tuple[str, ...]
    sources: dict[str, MailingList]
    watched: Watched
    sealer: Sealer | None = None
    findings: frozenset[str] = NAMES

    @property
    def observing(self) -> bool:
        """Verdicts are counted and shown, and have no effect."""
        return self.site.policy.mode == "observe"

    def hop(self, url: str) -> Hop:
        """Return the next hop of a url of this configuration."""
        found = self.hops.get(url)
        return found if found is not None else parse_hop(url)

    def list_label(self, address: str) -> str:
        """Return the list's short name for metrics, "" where there is none or there are too many."""
        if len(self.site.lists) > MOST_LISTS_IN_METRICS:
            return ""
        found = self.sources.get(address)
        return found.short_name if found is not None else ""

    @property
    def credentials(self) -> tuple[Credentials, ...]:
        """The certificates in use, whose files may change."""
        return tuple(terms.tls for terms in (self.ingress, self.submission) if terms.tls is not None)


def credentials_of(site: Site, client_ca: Path | None = None) -> Credentials | None:
    """Return certificate and key, None without. Raises OSError and ValueError where the files cannot be used."""
    gateway = site.gateway
    if gateway.tls_certificate is None:
        return None
    key = site.directory / gateway.tls_key if gateway.tls_key is not None else None
    ca = site.directory / client_ca if client_ca is not None else None
    return Credentials(site.directory / gateway.tls_certificate, key, ca)


def sealer_of(site: Site) -> Sealer | None:
    """Return what seals mail on its way out, None without a key. Raises ValueError where the key cannot be used."""
    table = site.signing
    if not is_signing(table) or table.key_file is None:
        return None
    key = read_signing_key(site.directory / table.key_file)
    return Sealer(table.domain, table.selector, site.gateway.authentication_id, key)


def make_snapshot(site: Site, policy: Policy, judge: Judges, marker_key: bytes, spool: Path | None = None) -> Snapshot:
    """Build a snapshot. Raises OSError and ValueError where certificate or passwords cannot be used."""
    tls, identities = credentials_of(site), identities_of(site)
    submission_tls = credentials_of(site, site.submission.client_ca) if identities is not None else None
    urls = [entry.next_hop for entry in site.lists]
    if site.egress is not None:
        urls += [site.egress.next_hop, site.egress.internal_next_hop]
    return Snapshot(
        site=site,
        policy=policy,
        judge=judge,
        directory=Directory(site),
        stamp=Stamp(site.gateway.hostname, site.gateway.authentication_id, Marker(marker_key)),
        ingress=terms_of(site, tls, spool),
        egress=terms_of(site, tls, spool, peers=False),
        submission=terms_of(site, submission_tls, spool, peers=False, identities=identities),
        hops={url: parse_hop(url) for url in urls if url},
        list_hops=tuple({entry.next_hop for entry in site.lists}),
        sources={name: entry for entry in site.lists for name in (entry.address, entry.address.replace("@", "."))},
        watched=Watched(site, policy),
        sealer=sealer_of(site),
        findings=known_to(policy),
    )
