"""What is known of an address, in plain sentences: what is fine, what is missing, and who can mend it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from listward.cli.doctor_ways import Outcome, Way
from listward.config.site import Site
from listward.filters.identity.dmarc_standards import Found
from listward.filters.identity.origin import OriginKind, Role
from listward.filters.identity.survey import MOST_LOOKUPS, DmarcSurvey, KeySurvey, SpfSurvey
from listward.filters.identity.vouching import bar_to_vouching
from listward.filters.probes import ProbeUnavailable, Rosters

MOST_NAMED = 5


class State(StrEnum):
    """How a statement is to be taken."""

    FINE = "ok"
    MISSING = "missing"
    UNKNOWN = "not known"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Line:
    """One statement; `advice` says what to do where something is missing."""

    state: State
    text: str
    advice: str = ""


def fine(text: str) -> Line:
    """Nothing to do here."""
    return Line(State.FINE, text)


def note(text: str) -> Line:
    """Good to know."""
    return Line(State.NOTE, text)


def missing(text: str, advice: str) -> Line:
    """Something that somebody can mend."""
    return Line(State.MISSING, text, advice)


def unknown(what: str, domain: str) -> Line:
    """DNS gave no answer to this one question."""
    return Line(
        State.UNKNOWN,
        f"{what} could not be asked: the name service gave no answer.",
        f"Try again later. If it stays so, look at our own resolver, then at the name servers of {domain}.",
    )


def domain_lines(domain: str, exists: bool | None, mx: tuple[str, ...] | None) -> Iterator[Line]:
    """Whether the domain is there, and takes mail."""
    if exists is False:
        yield missing(f"{domain} does not exist.", f"Look for a slip in {domain}. Nobody can write from there.")
        return
    if exists is None or mx is None:
        yield unknown(f"Whether {domain} takes mail", domain)
    elif mx:
        yield fine(f"{domain} takes mail, so our answers arrive.")
    else:
        yield missing(
            f"{domain} takes no mail, so no answer of ours arrives.",
            f"Ask the administrator of {domain} to publish an MX record.",
        )


def spf_lines(domain: str, spf: SpfSurvey | None, client: str | None) -> Iterator[Line]:
    """What SPF says, and of the server that was asked about."""
    if spf is None:
        yield unknown(f"SPF of {domain}", domain)
        return
    if not spf.records:
        yield missing(
            f"{domain} has no SPF record.",
            f"Ask the administrator of {domain} to publish an SPF record that names its servers.",
        )
        return
    yield _spf_line(domain, spf)
    if client is None:
        return
    if spf.client == "pass":
        yield fine(f"SPF names the server {client}.")
    else:
        yield missing(
            f"SPF does not name the server {client}: {spf.client}.",
            f"If mail of {domain} comes from {client}, ask its administrator to add that server to SPF.",
        )


def _spf_line(domain: str, spf: SpfSurvey) -> Line:
    if len(spf.records) > 1:
        return missing(
            f"{domain} has {len(spf.records)} SPF records, so none counts.",
            f"Ask the administrator of {domain} to make one SPF record of them.",
        )
    if spf.lookups > MOST_LOOKUPS:
        return missing(
            f"The SPF record of {domain} asks DNS more than {MOST_LOOKUPS} times, so it fails.",
            f"Ask the administrator of {domain} to shorten the SPF record.",
        )
    if spf.others == "permerror":
        return missing(
            f"The SPF record of {domain} has a mistake, so it proves nothing.",
            f"Ask the administrator of {domain} to correct the SPF record.",
        )
    if spf.others == "pass":
        return missing(
            f"The SPF record of {domain} names every server in the world, so anybody can write as {domain}.",
            f"Ask the administrator of {domain} to end the SPF record in -all.",
        )
    return fine(f"{domain} has an SPF record with {_count(spf.lookups)}. {_ENDS[spf.others]}")


_ENDS = {
    "fail": "It says that no other server may send (-all).",
    "softfail": "It says that other servers are doubtful (~all).",
}
_ENDS |= dict.fromkeys(("neutral", "none"), "It says nothing of other servers.")


def _count(lookups: int) -> str:
    return {0: "no lookup", 1: "one lookup"}.get(lookups, f"{lookups} lookups")


def dmarc_lines(domain: str, dmarc: DmarcSurvey | None, standard: str) -> Iterator[Line]:
    """Which DMARC record applies, where it stands, and what it asks for."""
    if dmarc is None:
        yield unknown(f"DMARC of {domain}", domain)
    elif dmarc.found is not None:
        yield _policy_line(dmarc.found, dmarc.policy, standard)
    elif dmarc.broken:
        yield missing(
            f"The DMARC record of {domain} has a mistake, so it counts for nothing.",
            f"Ask the administrator of {domain} to publish one correct DMARC record.",
        )
    else:
        yield missing(
            f"{domain} has no DMARC record ({_STANDARDS[standard]}).",
            f"Ask the administrator of {domain} to publish a DMARC record at _dmarc.{domain}.",
        )


_STANDARDS = {"rfc7489": "by RFC 7489", "rfc9989": "by RFC 9989"}
_WISHES = {
    "none": "asks for nothing where mail is not proven",
    "quarantine": "asks to set mail aside that is not proven",
    "reject": "asks to refuse mail that is not proven",
}


def _policy_line(found: Found, policy: str, standard: str) -> Line:
    weakened = " The record is in test mode, so this is one step less." if found.weakened else ""
    where = f"The DMARC record at _dmarc.{found.domain}"
    return fine(f"{where} {_WISHES[policy]} (p={policy}, {_STANDARDS[standard]}).{weakened}")


def key_lines(domain: str, keys: Iterable[KeySurvey | None], named: Iterable[tuple[str, str]]) -> Iterator[Line]:
    """The DKIM keys that were looked at; DNS does not list them."""
    some = False
    for key, (owner, selector) in zip(keys, named, strict=True):
        some = True
        yield _key_line(key, owner, selector)
    if not some:
        yield note(
            f"DNS does not list DKIM keys. Give --selector S, from a signature of {domain} (s=), to look at one."
        )


def _key_line(key: KeySurvey | None, domain: str, selector: str) -> Line:
    name = f"The DKIM key {selector} of {domain}"
    if key is None:
        return unknown(name, domain)
    if key.flaw:
        return missing(
            f"{name} cannot be used: {key.flaw}.",
            f"Ask the administrator of {domain} to publish a key at {selector}._domainkey.{domain}.",
        )
    if key.testing:
        return missing(
            f"{name} is in test mode (t=y), so it proves nothing.",
            f"Ask the administrator of {domain} to take t=y out of {selector}._domainkey.{domain}.",
        )
    return fine(f"{name} can be used: {f'RSA, {key.bits} bits' if key.bits else 'Ed25519'}.")


_ROLES = {
    Role.MEMBER: "a member",
    Role.CANDIDATE: "a candidate",
    Role.MODERATOR: "a moderator",
    Role.OFFICER: "an officer",
    Role.ON_LEAVE: "on leave",
    Role.BANNED: "banned",
}


def roster_lines(
    address: str,
    roles: dict[Role, tuple[str, ...]],
    others: tuple[str, ...],
    unread: tuple[str, ...],
    unasked: tuple[str, ...] = (),
) -> Iterator[Line]:
    """Which rosters have the address, as what, and by which other addresses they know the person.

    `unasked` are lists whose roster is in the store, which was not asked.
    """
    for role, lists in roles.items():
        text = f"{address} is {_ROLES[role]} of {_names(lists)}."
        if role in {Role.BANNED, Role.ON_LEAVE}:
            text = f"{address} is {_ROLES[role]} on {_names(lists)}."
        yield note(text) if role is Role.BANNED else fine(text)
    if others:
        yield note(f"The same person writes from {_names(others)} too.")
    if unread:
        yield missing(
            f"The roster of {_names(unread)} could not be read.",
            "Run `listward config check`, which names file and line; `listward roster sync` where Mailman keeps it.",
        )
    if unasked:
        advice = "Give --store to look at rosters from Mailman: the running store keeps them."
        yield missing(f"The roster of {_names(unasked)} was not looked at.", advice)
    if not unread and not unasked and not roles:
        yield missing(
            f"{address} is in no roster.",
            f"If this is a member, put {address} into the roster, or add it to the person's other addresses.",
        )


_KINDS = {
    OriginKind.INTERNAL: "internal",
    OriginKind.MEMBER: "a member's",
    OriginKind.KNOWN: "a proven stranger's",
    OriginKind.UNPROVEN: "unproven",
    OriginKind.FORGED: "forged",
}
_BY = {
    Way.INSIDE: "From our own networks it is",
    Way.OWN_KEY: "Signed whole by our own key, and to the list, it is",
    Way.SIGNED: "Signed by its domain (DKIM) it is",
    Way.SERVER: "From a server that SPF names it is",
    Way.NOTHING: "With no proof it is",
}


def outcome_line(outcome: Outcome, spf: SpfSurvey | None) -> Line:
    """What mail by one way counts as."""
    kinds = outcome.lists
    if outcome.way is Way.SERVER and spf is not None and (len(spf.records) != 1 or spf.others == "permerror"):
        return note("No server can prove it: there is no SPF record that counts.")
    if len(kinds) == 1:
        return note(f"{_BY[outcome.way]} {_KINDS[next(iter(kinds))]}.")
    parts = "; ".join(f"{_KINDS[kind]} on {_names(lists)}" for kind, lists in kinds.items())
    return note(f"{_BY[outcome.way]} {parts}.")


def vouching_lines(address: str, outcomes: Iterable[Outcome], site: Site, rosters: Rosters) -> Iterator[Line]:
    """How a member can write all the same where nothing proves her mail."""
    unproven = (entry for one in outcomes if one.way is Way.NOTHING for entry in one.lists.get(OriginKind.UNPROVEN, ()))
    lists = tuple(entry for entry in unproven if _may_be_vouched_for(address, entry, site, rosters))
    if lists:
        yield note(
            f"Then a moderator looks at it first, and may vouch for its way on {_names(lists)}. "
            "Later mail by that way goes straight through."
        )


def _may_be_vouched_for(address: str, list_address: str, site: Site, rosters: Rosters) -> bool:
    try:
        return bar_to_vouching(address, list_address, site, rosters) is None
    except ProbeUnavailable:
        return False


def _names(lists: tuple[str, ...]) -> str:
    if len(lists) > MOST_NAMED:
        return f"{', '.join(lists[:MOST_NAMED])} and {len(lists) - MOST_NAMED} more"
    return " and ".join(filter(None, (", ".join(lists[:-1]), lists[-1])))


def own_lines(domain: str, site: Site, pairs: tuple[tuple[str, str], ...]) -> Iterator[Line]:
    """What we can do ourselves for a domain of our own."""
    yield fine(f"{domain} is our own.")
    if not site.organisation.internal_networks and not pairs:
        yield missing(
            "Nothing says how mail from inside is known.",
            f"Put your networks into internal_networks, or {domain}:SELECTOR of your signing key into dkim_internal.",
        )
    elif not pairs:
        yield note(
            f"No key of ours is named. To know signed mail from inside, put {domain}:SELECTOR into dkim_internal."
        )
