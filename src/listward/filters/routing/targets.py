"""What a recipient address is for: a post, a command, a bounce, an owner, our own; None where there is none such."""

from dataclasses import replace

from listward.config.site import MailingList, Site
from listward.filters.routing.kinds import Kind, Target, Zone
from listward.filters.routing.servers import SERVERS, ServerNames, Word

# RFC 5321 section 4.5.1 demands postmaster; RFC 2142 section 2 adds abuse.
REQUIRED = frozenset({"postmaster", "abuse"})


class Directory:
    """The site's addresses, indexed once. Names compare without case."""

    def __init__(self, site: Site) -> None:
        own = site.addresses
        self.site = site
        self._own = frozenset(filter(None, (own.report, own.appeal, own.rulings, own.notices)))
        self._posts = {entry.address: _target(entry.address, Kind.POST, entry) for entry in site.lists}
        self._domains: dict[str, list[MailingList]] = {}
        for entry in site.lists:
            self._domains.setdefault(entry.address.rpartition("@")[2], []).append(entry)

    def target(self, address: str) -> Target | None:
        """Return what the address is for, None where it does not exist (550 5.1.1).

        `Target.address` keeps the case it was given in, since tokens may need it.
        """
        local, at, domain = address.lower().rpartition("@")
        if not at:
            return self._bare(address, domain)
        if (post := self._posts.get(f"{local}@{domain}")) is not None:
            return post if address == post.address else replace(post, address=address)
        # Sub-addresses of ours carry what a notice asked for, as in appeal+CASE-TOKEN@.
        if f"{local.partition('+')[0]}@{domain}" in self._own:
            return Target(address, Kind.OWN, Zone.INTERNAL, "", "")
        lists = self._domains.get(domain)
        if not lists:
            return None
        if local in REQUIRED:
            return _target(address, Kind.OWNER, lists[0])
        return _sub_address(address, local, lists)

    def _bare(self, address: str, local: str) -> Target | None:
        """RFC 5321 section 4.1.1.3: <postmaster> may stand without a domain; nothing else may."""
        return _target(address, Kind.OWNER, self.site.lists[0]) if local == "postmaster" else None


def target_for(address: str, site: Site) -> Target | None:
    """Return what the address is for, None where it does not exist. Whoever asks often keeps a `Directory`."""
    return Directory(site).target(address)


def kind_of(local: str, name: str, server: ServerNames) -> Kind | None:
    """Return what a lower-case local part is to the list `name` of such a server, None where it is nothing."""
    if kind := _kind_among(local, server.alone, server.marks):
        return kind
    for word, meaning in server.prefixed.items():
        if local == f"{word}-{name}":
            return meaning.kind
    rest = next((local[len(name) + 1 :] for mark in server.delimiters if local.startswith(name + mark)), "")
    return _kind_among(rest, server.words, server.marks)


def _target(address: str, kind: Kind, mailing_list: MailingList) -> Target:
    return Target(address, kind, Zone(mailing_list.zone), mailing_list.address, mailing_list.next_hop)


def _sub_address(address: str, local: str, lists: list[MailingList]) -> Target | None:
    """Try the longest list name first, so that "board-news-owner" belongs to board-news and not to board."""
    for mailing_list in sorted(lists, key=lambda entry: -len(entry.address)):
        if kind := kind_of(local, mailing_list.short_name, SERVERS[mailing_list.server]):
            return _target(address, kind, mailing_list)
    return None


def _kind_among(text: str, words: dict[str, Word], marks: tuple[str, ...]) -> Kind | None:
    return next((meaning.kind for word, meaning in words.items() if _matches(text, word, meaning, marks)), None)


def _matches(text: str, word: str, meaning: Word, marks: tuple[str, ...]) -> bool:
    """Whether the text is the word, or the word with a token: after a mark, and never empty."""
    if text == word:
        return True
    return meaning.token and any(text.startswith(word + mark) and len(text) > len(word) + len(mark) for mark in marks)
