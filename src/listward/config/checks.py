"""What must hold between the parts of a configuration: names that refer to each other, rights nobody may give."""

from collections import Counter
from collections.abc import Hashable, Iterator
from ipaddress import IPv4Network, IPv6Network
from typing import TypeVar

from email_validator import EmailNotValidError, validate_email

from listward.config.mailman_url import BadMailmanUrl, is_mailman, parse_mailman_url
from listward.config.signing_checks import check_signing
from listward.config.site import Queue, Site
from listward.config.submission_checks import check_submission

T = TypeVar("T", bound=Hashable)
Key = tuple[str | int, ...]
DEFAULT_QUEUE = "moderators"


def check_site(site: Site) -> Iterator[tuple[Key, str]]:
    """Yield the key and message of each fault of site.toml that no single value shows."""
    yield from _check_addresses(site)
    yield from _check_lists(site)
    yield from _check_people(site)
    yield from _check_networks(site)
    yield from _check_bounds(site)
    yield from _check_listeners(site)
    yield from _check_tls(site)
    yield from check_submission(site)
    yield from check_signing(site)
    yield from _check_next_hops(site)
    yield from _check_mailman_files(site)


def _check_addresses(site: Site) -> Iterator[tuple[Key, str]]:
    named = {
        ("addresses", "report"): site.addresses.report,
        ("addresses", "appeal"): site.addresses.appeal,
        ("addresses", "rulings"): site.addresses.rulings,
        ("addresses", "notices"): site.addresses.notices,
        ("notices", "from"): site.notices.sender,
    }
    for key, address in named.items():
        if address and (fault := _address_fault(address)):
            yield key, fault
    for position, mailing_list in enumerate(site.lists):
        if fault := _address_fault(mailing_list.address):
            yield ("list", position, "address"), fault


def _address_fault(address: str) -> str:
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        return f"{address!r} is not an e-mail address: {str(error)[:1].lower()}{str(error)[1:].rstrip('.')}"
    return ""


def _check_lists(site: Site) -> Iterator[tuple[Key, str]]:
    for position, address in repeated(mailing_list.address for mailing_list in site.lists):
        yield ("list", position, "address"), f"{address!r} stands twice"
    for position, mailing_list in enumerate(site.lists):
        if mailing_list.parent and site.list_for(mailing_list.parent) is None:
            yield ("list", position, "parent"), f"{mailing_list.parent!r} is not one of the lists"
        if is_mailman(mailing_list.roster):
            yield from _check_mailman(site, ("list", position, "roster"), mailing_list.roster)
        elif mailing_list.roster and not (site.directory / mailing_list.roster).is_file():
            yield (
                ("list", position, "roster"),
                f"{mailing_list.roster!r} is not a file; name a CSV or TOML file, or mailman://host:port",
            )
        for queue in mailing_list.moderators:
            if not queue_known(site, queue):
                yield ("list", position, "moderators"), unknown_queue(site, queue)


def _check_mailman(site: Site, key: Key, roster: str) -> Iterator[tuple[Key, str]]:
    try:
        parse_mailman_url(roster)
    except BadMailmanUrl as fault:
        yield key, str(fault)
    if site.mailman.password_file is None:
        yield key, "needs password_file in [mailman]: a file with the password of Mailman's REST interface alone"


def _check_mailman_files(site: Site) -> Iterator[tuple[Key, str]]:
    table = site.mailman
    for name, path in (("password_file", table.password_file), ("ca_file", table.ca_file)):
        if path is not None and not (site.directory / path).is_file():
            yield ("mailman", name), f"{str(path)!r} is not a file"


def _check_people(site: Site) -> Iterator[tuple[Key, str]]:
    groups = {group.name for group in site.groups}
    for position, name in repeated(queue.name for queue in site.queues):
        yield ("queue", position, "name"), f"{name!r} stands twice"
    for position, queue in enumerate(site.queues):
        yield from _check_queue(site, position, queue, groups)
    for position, route in enumerate(site.routes):
        if not queue_known(site, route.queue):
            yield ("route", position, "queue"), unknown_queue(site, route.queue)
    if site.committee.group and site.committee.group not in groups:
        yield ("committee", "group"), f"{site.committee.group!r} is not one of the groups"
    elif site.committee.group and len(site.group_members(site.committee.group)) < site.committee.quorum:
        yield ("committee", "quorum"), f"{site.committee.quorum} cannot be reached: the group is smaller"


def _check_queue(site: Site, position: int, queue: Queue, groups: set[str]) -> Iterator[tuple[Key, str]]:
    if queue.group not in groups:
        allowed = ", ".join(sorted(groups)) or "none yet: add a [[group]]"
        yield ("queue", position, "group"), f"{queue.group!r} is not one of the groups; allowed: {allowed}"
    elif not site.group_members(queue.group):
        yield ("queue", position, "group"), f"{queue.group!r} has no members: nobody could decide"
    elif len(site.group_members(queue.group)) < queue.approvals:
        yield ("queue", position, "approvals"), f"{queue.approvals} cannot be reached: the group is smaller"
    if queue.escalate_to == queue.name:
        yield ("queue", position, "escalate_to"), f"{queue.name!r} is this queue itself; name another one"
    elif queue.escalate_to and not queue_known(site, queue.escalate_to):
        yield ("queue", position, "escalate_to"), unknown_queue(site, queue.escalate_to)


def _check_networks(site: Site) -> Iterator[tuple[Key, str]]:
    for position, peer in enumerate(site.peers):
        for network in site.organisation.internal_networks:
            if _overlap(peer.address, network):
                message = f"{peer.address} lies inside internal_networks ({network}); a peer is never an origin"
                yield ("peer", position, "address"), message

    for position, network in repeated(peer.address for peer in site.peers):
        yield ("peer", position, "address"), f"{str(network)!r} stands twice"


def _check_bounds(site: Site) -> Iterator[tuple[Key, str]]:
    """A message that never fits would be tried again for days."""
    table = site.gateway
    if table.max_inflight_bytes < table.max_message_bytes:
        message = f"is less than one message may have: max_message_bytes is {table.max_message_bytes}"
        yield ("gateway", "max_inflight_bytes"), message


def _check_listeners(site: Site) -> Iterator[tuple[Key, str]]:
    """Two doors on one address, or a next hop that is our own door: a loop."""
    doors: list[tuple[Key, str]] = [(("gateway", "listen"), listen) for listen in site.gateway.listen]
    doors += [(("egress", "listen"), listen) for listen in (site.egress.listen if site.egress else ())]
    doors += [(("submission", "listen"), listen) for listen in site.submission.listen]
    doors += [(("console", "listen"), site.console.listen), (("metrics", "listen"), site.metrics.listen)]
    seen: set[str] = set()
    for key, listen in doors:
        if listen in seen:
            yield key, f"{listen!r} is listened on twice"
        seen.add(listen)
    hops: list[tuple[Key, str]] = [(("list", at, "next_hop"), entry.next_hop) for at, entry in enumerate(site.lists)]
    if site.egress:
        hops.append((("egress", "next_hop"), site.egress.next_hop))
    for key, urls in hops:
        for hop in urls.split():
            if hop.partition("://")[2].rstrip("/") in seen:
                yield key, f"{hop!r} is our own door: mail would go in a circle"


def _check_tls(site: Site) -> Iterator[tuple[Key, str]]:
    certificate, key = site.gateway.tls_certificate, site.gateway.tls_key
    if (certificate is None) != (key is None):
        yield (
            ("gateway", "tls_key" if key is None else "tls_certificate"),
            "is missing: certificate and key go together",
        )
    for name, path in (("tls_certificate", certificate), ("tls_key", key)):
        if path is not None and not (site.directory / path).is_file():
            yield ("gateway", name), f"{str(path)!r} is not a file"


def _check_next_hops(site: Site) -> Iterator[tuple[Key, str]]:
    table = site.next_hops
    if table.ca_file is not None and not (site.directory / table.ca_file).is_file():
        yield ("next_hops", "ca_file"), f"{str(table.ca_file)!r} is not a file"
    if table.longest_pause_s < table.first_pause_s:
        yield ("next_hops", "longest_pause_s"), f"is shorter than first_pause_s ({table.first_pause_s:g})"


def _overlap(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def queue_known(site: Site, name: str) -> bool:
    """A queue "moderators" exists even where none is written: its people are the users with that role."""
    return name == DEFAULT_QUEUE or site.queue_named(name) is not None


def unknown_queue(site: Site, name: str) -> str:
    """Say that a queue is none, and which there are."""
    known = sorted({DEFAULT_QUEUE, *(queue.name for queue in site.queues)})
    return f"{name!r} is not one of the queues; allowed: {', '.join(known)}"


def repeated(names: Iterator[T]) -> Iterator[tuple[int, T]]:
    """Yield position and name of each later occurrence."""
    seen: Counter[T] = Counter()
    for position, name in enumerate(names):
        seen[name] += 1
        if seen[name] == 2:
            yield position, name
