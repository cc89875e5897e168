"""What site.toml says and hardly means: queues that nothing reaches, open doors, questions that nobody could answer."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from listward.config.policy import Policy
from listward.config.site import Site
from listward.config.source import Key

WIDE_V4, WIDE_V6 = 8, 16
"""Networks shorter than these prefixes are no organisation's own."""


def site_advice(policy: Policy, site: Site) -> Iterator[tuple[Key, str]]:
    """Yield key and message of each point, in the order of the file."""
    yield from _doors(site)
    yield from _seals(site)
    yield from _questions(site)
    yield from _queues(policy, site)
    yield from _tuners(site)


def _seals(site: Site) -> Iterator[tuple[Key, str]]:
    """A seal of a domain that is not ours would be checked against somebody else's key."""
    ours = {*site.organisation.domains, *site.organisation.internal_domains}
    ours |= {entry.address.rpartition("@")[2] for entry in site.lists}
    domain = site.signing.domain
    if domain and not any(domain == own or domain.endswith(f".{own}") for own in ours):
        yield ("signing", "domain"), f"{domain!r} is none of your domains: nobody finds the key of your seals there"


def _questions(site: Site) -> Iterator[tuple[Key, str]]:
    """Members whose address cannot be proven are asked by letter; somewhere they must be able to answer."""
    asked = site.notices.next_hop and any(entry.roster and entry.zone != "internal" for entry in site.lists)
    if asked and not site.console.public_url and not site.addresses.notices:
        message = "nobody can answer whether a message is theirs: set this, or [addresses] notices, for the way by mail"
        yield ("console", "public_url"), message


def _queues(policy: Policy, site: Site) -> Iterator[tuple[Key, str]]:
    """Queues that no list, rule, route or escalation leads to."""
    reached = {name for entry in site.lists for name in entry.moderators}
    reached |= {rule.queue for rule in policy.rules} | {route.queue for route in site.routes}
    reached |= {queue.escalate_to for queue in site.queues}
    for at, queue in enumerate(site.queues):
        if queue.name not in reached:
            yield ("queue", at, "name"), f"{queue.name!r} is never reached: no list, rule, route or queue names it"


def _doors(site: Site) -> Iterator[tuple[Key, str]]:
    """Networks whose mail is believed or passed on unasked, where they are wider than an organisation's own."""
    message = "{} is wider than any organisation's own network: {}"
    for network in site.organisation.internal_networks:
        if _is_wide(network):
            yield (
                ("organisation", "internal_networks"),
                message.format(network, "everybody in it could write as one of yours"),
            )
    for network in site.egress.clients if site.egress else ():
        if _is_wide(network):
            yield ("egress", "clients"), message.format(network, "everybody in it could send mail to the world by you")
    for at, peer in enumerate(site.peers):
        if _is_wide(peer.address):
            yield (
                ("peer", at, "address"),
                message.format(peer.address, "everybody in it could say to be another client"),
            )


def _tuners(site: Site) -> Iterator[tuple[Key, str]]:
    """Tuners of an internal list who do not moderate it: all that goes there is an internal matter."""
    for at, entry in enumerate(site.lists):
        people = {
            member
            for queue in entry.moderators
            for group in _groups(queue, site)
            for member in site.group_members(group)
        }
        for tuner in entry.tuners if entry.zone == "internal" and people else ():
            if tuner not in people:
                yield ("list", at, "tuners"), f"{tuner} sees no example: only who moderates an internal list does"


def _groups(queue: str, site: Site) -> tuple[str, ...]:
    """The groups of a queue's people; a queue without a table is the group of its name."""
    named = site.queue_named(queue)
    return (named.group, named.deputy) if named is not None else (queue,)


def _is_wide(network: IPv4Network | IPv6Network) -> bool:
    return network.prefixlen < (WIDE_V4 if network.version == 4 else WIDE_V6)
