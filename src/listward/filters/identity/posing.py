"""Mail that wants to pass for another person's, an officer's or a list's. Findings only; the policy decides.

Chosen names, married names and initials are no finding: only a name or an address that belongs to somebody else here.
"""

import re
from collections.abc import Iterable, Iterator

from listward.config.site import Site
from listward.filters.findings import Finding
from listward.filters.identity import elsewhere
from listward.filters.identity.alike import resembles, shows
from listward.filters.identity.author import ADDRESS_OCTETS
from listward.filters.identity.claims import Claims
from listward.filters.identity.domains import domain_of
from listward.filters.identity.lookalikes import letters
from listward.filters.identity.names import FILLERS, claims_to_speak, is_list_name, shown_readings, words_of
from listward.filters.identity.origin import Authentication, Role
from listward.filters.identity.ours import ours_of
from listward.filters.identity.shown import Shown
from listward.filters.message.values import Mailbox
from listward.filters.probes import Rosters

AMBIGUITY = "ambiguity"
NAME_LETTERS = 200
NAME_READ = 20_000
"""So much of a name is looked at, to find the letters that people see: what nobody sees can be long."""
MOST_NAMES = 12
"""So many names are compared: From's, and those of an answer to a few people."""
_SPEAKING = frozenset({Role.OFFICER, Role.MODERATOR})
_AT = re.compile(r"\s*(?:@|[\[({<]\s*(?:at|@|arroba)\s*[\])}>]|\s(?:at|arroba)\s(?=\s*[\w-]{2,63}\s*\.))\s*")
_DOT = re.compile(r"\s*(?:[\[({]\s*(?:dot|punto|\.)\s*[\])}])\s*|\s+\.\s*|(?<=\w)\.\s+(?=\w{2,}\b)")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a\u202d\u2060-\u2066\u2068\u206a-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]+"
)
_BLANKS = re.compile(r"\s+")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def check(
    claims: Claims,
    authentication: Authentication,
    list_address: str,
    site: Site,
    rosters: Rosters,
    proven: bool | None = None,
) -> Iterable[Finding]:
    """Say where the message shows a name or address that is not its author's. Never raises.

    `proven` says whether the author's address is proven, also by other means than DMARC; None asks `authentication`.
    """
    known = authentication.aligned if proven is None else proven
    shown = Shown(claims, authentication.author, known, list_address.lower(), site, rosters)
    yield from _several_authors(shown)
    yield from _from_is_list(shown)
    yield from _display_names(shown)
    yield from _domains(shown)
    yield from elsewhere.check(shown)


def _several_authors(shown: Shown) -> Iterator[Finding]:
    """More than one From, or none that is one address: readers would show different authors."""
    count = shown.claims.from_fields
    if count == 1 and shown.author:
        return
    reason = "The message does not name exactly one author." if count else "The message names no author."
    yield shown.finding("several-authors", 0.9, reason, "From", shown.claims.values.get("From", ""), AMBIGUITY)


def _from_is_list(shown: Shown) -> Iterator[Finding]:
    if shown.author and shown.is_role(shown.author):
        reason = "The message is written in the name of a list or office, not of a person."
        yield shown.finding("from-is-list", 0.9, reason, "From", shown.author)


def _display_names(shown: Shown) -> Iterator[Finding]:
    """Every name shown beside an address: the author's, and where answers would go."""
    for field, mailbox in shown.claims.shown[:MOST_NAMES]:
        name = seen(mailbox.name)
        if not name or shown.is_role(mailbox.address):
            continue
        if reason := _posing(name, mailbox, shown):
            yield shown.finding("display-name-poses", 0.8, reason, field, mailbox.name)
        elif any(address != mailbox.address.lower() for address in addresses_in(name)):
            reason = "The name shows another address than the one that the message comes from."
            yield shown.finding("name-shows-address", 0.4, reason, field, mailbox.name, elsewhere.APPEARANCE)


def seen(name: str) -> str:
    """The part of a name that people see: its first letters, without what nobody sees and with single blanks.

    Two blanks stay two where letters are spread out. Signs that turn the order of letters stay too.
    """
    shown = _UNSEEN.sub("", name[:NAME_READ])
    return _BLANKS.sub(lambda blanks: "  " if len(blanks.group()) > 1 else " ", shown).strip()[:NAME_LETTERS]


def addresses_in(name: str) -> tuple[str, ...]:
    """The addresses that a name shows, in lower case, also where they are written "ana (at) party.example"."""
    plain = _DOT.sub(".", _AT.sub("@", letters(name)))
    return tuple(found.lower().strip(".") for found in _ADDRESS.findall(plain))


def _posing(name: str, mailbox: Mailbox, shown: Shown) -> str:
    """Why this name belongs to somebody else, "" where it does not."""
    if _shows_ours(name, mailbox.address, shown):
        return "The name shows an address of ours that the message does not come from."
    if _is_list_name(name, shown) and not shown.is_own(mailbox.address):
        return "The name is that of a list, and the address is not."
    if _claims_to_speak(name, shown) and not _may_speak(mailbox.address, shown):
        return "The name is that of the organisation or of an office, and the author does not hold it."
    if _shows_member(name, mailbox.address, shown):
        return "The name shows the address of another person on the list."
    if not _is_roster_name(name, shown):
        return "" if not _is_officer_name(name, shown) else "The name is that of an officer of ours."
    if not shown.proven:
        # Whether the address is on the list must not show before it is proven, so nothing here may depend on it.
        return "The name is that of a person on the list, and nothing proves the address."
    return "" if _has_own_name(name, mailbox.address, shown) else "The name is that of another person on the list."


def _shows_ours(name: str, address: str, shown: Shown) -> bool:
    """Whether the name holds an address under one of our domains that is not the real one, or is such a domain."""
    if any(shown.is_own(found) and found != address.lower() for found in addresses_in(name)):
        return True
    plain = letters(name).strip(" .\"'<>()[]@")
    return bool(_DOMAIN.fullmatch(plain)) and shown.is_own(f"x@{plain}") and not shown.is_own(address)


def _shows_member(name: str, address: str, shown: Shown) -> bool:
    """Whether one member shows another's address. Of strangers it is not asked: they could ask who is a member."""
    found = [each for each in addresses_in(name) if each != address.lower()]
    if not found or not any(shown.entries(shown.author)):
        return False
    own = shown.own_addresses()
    return any(entry.address not in own for entry in shown.entries(*found))


def _is_list_name(name: str, shown: Shown) -> bool:
    """Whether the name is a list's short name with "list", and perhaps what stands beside such a name."""
    words = words_of(name) - FILLERS
    return any(is_list_name(words, listed) for listed in ours_of(shown.site).list_names)


def _claims_to_speak(name: str, shown: Shown) -> bool:
    return claims_to_speak(name, shown.site.organisation.name, ours_of(shown.site).list_words)


def _may_speak(address: str, shown: Shown) -> bool:
    """Whether the author may write in the organisation's name: an officer, or an address of ours that is nobody's."""
    if not shown.proven:
        return shown.is_own(address)
    known = tuple(shown.entries(shown.author, address.lower()))
    return any(entry.role in _SPEAKING for entry in known) if known else shown.is_own(address)


def _is_roster_name(name: str, shown: Shown) -> bool:
    """Whether somebody on the list is called so; one word alone, like a first name, is everybody's."""
    names = shown.rosters.names(shown.list_address)
    return any(reading in names for reading in shown_readings(name))


def _is_officer_name(name: str, shown: Shown) -> bool:
    """Whether it is the name of an officer or moderator of any list, and not the author's own there."""
    names, found = shown.rosters.officers(), shown_readings(name)
    if not any(reading in names for reading in found):
        return False
    return not any(shown_readings(entry.name) & found for entry in shown.entries_anywhere())


def _has_own_name(name: str, address: str, shown: Shown) -> bool:
    """Whether the roster gives this name to the author, or to the address it stands beside."""
    known = shown.entries(shown.author, address.lower())
    return any(shown_readings(entry.name) & shown_readings(name) for entry in known)


def _domains(shown: Shown) -> Iterator[Finding]:
    """Addresses in a domain that can be taken for one of ours, or that show one of ours before the @."""
    friends = ours_of(shown.site).friends
    done = set(_trusted(shown))
    for field, address in _every_address(shown):
        domain = domain_of(address)
        if domain in done:
            continue
        done.add(domain)
        if own := resembles(domain, shown.domains, friends):
            reason = f"The address is in {domain}, which looks like our {own} and is not."
        elif not shown.is_own(address) and (own := shows(address.rpartition("@")[0][:ADDRESS_OCTETS], shown.domains)):
            reason = f"The address shows our {own} before the @, and is in {domain}."
        else:
            continue
        yield shown.finding("look-alike-domain", 0.9, reason, field, address)


def _trusted(shown: Shown) -> Iterator[str]:
    """The domains of a proven author's addresses that stand in the roster: it knows them."""
    if any(shown.entries(shown.author)):
        yield from map(domain_of, shown.own_addresses())


def _every_address(shown: Shown) -> Iterator[tuple[str, str]]:
    for field, mailbox in elsewhere.mailboxes(shown):
        yield field, mailbox.address
    for field, mailbox in shown.claims.shown[:MOST_NAMES]:
        for address in addresses_in(seen(mailbox.name)):
            yield field, address
