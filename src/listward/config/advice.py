"""What is allowed and yet hardly meant: rules that never take effect, queues that nothing reaches, open doors.

`listward config check` says it and goes on: nothing of it keeps a gateway from running.
"""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from listward.config.catalogue_advice import catalogue_advice
from listward.config.conditions import Conditions
from listward.config.policy import Policy, Rule
from listward.config.site import Site
from listward.config.source import Key

WIDE_V4, WIDE_V6 = 8, 16
"""Networks shorter than these prefixes are no organisation's own."""
_ONE_OF = ("finding", "category", "phrases", "origin", "author", "group", "role", "zone", "list")
_MATCHED = ("subject", "text", "header", "size", "count", "time", "first_posts")


def advice(policy: Policy, site: Site) -> Iterator[tuple[str, Key, str]]:
    """Yield file ("policy" or "site"), key and message of each point, in the order of the files."""
    yield from (("policy", key, message) for key, message in _rules(policy, site))
    yield from (("policy", key, message) for key, message in catalogue_advice(policy))
    yield from (("site", key, message) for key, message in _queues(policy, site))
    yield from (("site", key, message) for key, message in _doors(site))
    yield from (("site", key, message) for key, message in _tuners(site))


def _rules(policy: Policy, site: Site) -> Iterator[tuple[Key, str]]:
    for at, rule in enumerate(policy.rules):
        if rule.mode == "off":
            continue
        if first := _covering(policy.rules[:at], rule):
            message = f"never takes effect: rule {first!r} before it always applies where this one does"
            yield ("rule", at, "when"), message
        if message := _contradiction(rule.when, site):
            yield ("rule", at, "when", "list"), message
        if rule.when.score is not None and rule.when.score.at_least == 0:
            yield ("rule", at, "when", "score"), "always holds: every score is at least 0"
        if rule.unless is not None and (not rule.unless.given or _covers(rule.unless, rule.when)):
            yield ("rule", at, "unless"), "never holds: whatever the rule is about is excepted"


def _covering(earlier: tuple[Rule, ...], rule: Rule) -> str:
    """The first rule of the same stage that applies wherever this one does, "" where there is none."""
    acting = (each for each in earlier if each.stage == rule.stage and each.mode in {"hold", "enforce"})
    deciding = (each for each in acting if each.unless is None and not each.only_copies)
    return "" if rule.only_copies else next((each.name for each in deciding if _covers(each.when, rule.when)), "")


def _covers(wide: Conditions, narrow: Conditions) -> bool:
    """Whether whatever fits `narrow` fits `wide` too, as far as the words alone show."""
    alternatives = all(_holds_all(getattr(wide, name), getattr(narrow, name)) for name in _ONE_OF)
    same = all(getattr(wide, name) == getattr(narrow, name) for name in wide.given.intersection(_MATCHED))
    return alternatives and same and _score_covers(wide, narrow)


def _holds_all(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    """An empty condition holds always."""
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _score_covers(wide: Conditions, narrow: Conditions) -> bool:
    if wide.score is None:
        return True
    same = narrow.score is not None and narrow.score.name == wide.score.name
    return same and narrow.score is not None and narrow.score.at_least >= wide.score.at_least


def _contradiction(when: Conditions, site: Site) -> str:
    """A rule for lists that are in none of its zones holds for no message."""
    zones = {entry.zone for name in when.list if (entry := site.list_for(name)) is not None}
    if not when.zone or not zones or zones & set(when.zone):
        return ""
    return f"never holds: the lists it names are in zone {' and '.join(sorted(zones))}, not {' or '.join(when.zone)}"


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
