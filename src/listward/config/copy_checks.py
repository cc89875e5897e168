"""What must hold of a rule that sends a copy: its author can be told, and nothing internal leaves by it."""

from collections.abc import Iterator

from email_validator import EmailNotValidError, validate_email

from listward.config.policy import Rule
from listward.config.site import Site
from listward.config.source import Key

_COPIED = {"accept", "hold"}


def check_copies(rule: Rule, site: Site) -> Iterator[tuple[Key, str]]:
    """Yield key and message of each fault."""
    if not rule.copy_to:
        return
    if rule.action not in _COPIED:
        yield ("copy_to",), f"{rule.action} and a copy do not go together; allowed: action accept or hold"
    if not site.notices.next_hop:
        yield ("copy_to",), "the author has to be told of a copy; write next_hop into [notices] of site.toml"
    internal = _may_be_internal(rule, site)
    for at, address in enumerate(rule.copy_to):
        if message := _address_fault(address, rule, site, internal):
            yield ("copy_to", at), message


def _address_fault(address: str, rule: Rule, site: Site, internal: bool) -> str:
    if not _is_address(address):
        return f"{address!r} is not an e-mail address; allowed: one that every mail server takes, in ASCII"
    if _is_ours(address, site):
        return f"{address!r} is a list or an address of this program: the copy would come back; allowed: a mailbox"
    if address in rule.when.author:
        return f"{address!r} is the author's own address, who has the message already"
    if internal and not _is_inside(address, site):
        inside = ", ".join(site.organisation.internal_domains or site.organisation.domains)
        return (
            f"{address!r} is outside, and the rule may concern an internal list, whose mail may not leave; "
            f'allowed: an address in {inside}, or a rule with zone = ["members", "public"] in its when'
        )
    return ""


def _is_address(address: str) -> bool:
    """Not every next hop has SMTPUTF8 (RFC 6531), and a copy must not hang on that."""
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return address.isascii()


def _is_ours(address: str, site: Site) -> bool:
    """A list, one of its command addresses, or an address that this program reads or writes from."""
    addresses = site.addresses
    own = {addresses.report, addresses.appeal, addresses.rulings, addresses.notices, site.notices.sender}
    return address in {each.lower() for each in own} or any(_is_of(address, each.address) for each in site.lists)


def _is_of(address: str, list_address: str) -> bool:
    local, _, domain = address.rpartition("@")
    name, _, list_domain = list_address.lower().rpartition("@")
    return domain == list_domain and (local == name or local.startswith((f"{name}-", f"{name}+")))


def _may_be_internal(rule: Rule, site: Site) -> bool:
    """Whether posts to an internal list may fit the rule."""
    if rule.when.zone and "internal" not in rule.when.zone:
        return False
    named = set(rule.when.list)
    meant = (entry for entry in site.lists if not named or {entry.address, entry.short_name} & named)
    return any(entry.zone == "internal" for entry in meant)


def _is_inside(address: str, site: Site) -> bool:
    """As `filters.routing.zones` has it, which the configuration cannot ask."""
    organisation = site.organisation
    return address.rpartition("@")[2] in (organisation.internal_domains or organisation.domains)
