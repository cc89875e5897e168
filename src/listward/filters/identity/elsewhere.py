"""Other fields that name somebody: who is said to have sent the mail, and where answers and receipts would go.

None of them ever names the author. Most are honest: a secretary sends for a chair, answers go to a second mailbox.
"""

from collections.abc import Iterator

from listward.filters.findings import Finding
from listward.filters.identity.claims import ANSWERING, MOST_SHOWN, SENDING
from listward.filters.identity.domains import domain_of
from listward.filters.identity.shown import Shown
from listward.filters.message.values import Mailbox

APPEARANCE = "appearance"
"""The category of what is shown to people and asks for no decision."""
_FREE_MAIL = """
    126.com 163.com aim.com aol.com bol.com.br duck.com email.com fastmail.com free.fr freenet.de gmail.com gmx.at
    gmx.ch gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr
    hotmail.it hushmail.com icloud.com inbox.lv inbox.ru keemail.me laposte.net libero.it list.ru live.co.uk
    live.com live.de live.fr mac.com mail.com mail.de mail.ru mailbox.org mailfence.com me.com msn.com naver.com
    o2.pl orange.fr outlook.com outlook.de outlook.es outlook.fr pm.me posteo.de posteo.net proton.me protonmail.ch
    protonmail.com qq.com rambler.ru rediffmail.com riseup.net rocketmail.com seznam.cz t-online.de terra.com.br
    tuta.com tuta.io tutamail.com tutanota.com tutanota.de uol.com.br web.de wp.pl ya.ru yahoo.ca yahoo.co.in
    yahoo.co.uk yahoo.com yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru ymail.com zoho.com
    zohomail.com
"""
FREE_MAIL = frozenset(_FREE_MAIL.split())


def check(shown: Shown) -> Iterator[Finding]:
    """At most one finding about who sent it and one about answers, for the first address that asks for it."""
    if not shown.author:
        return
    others = [(field, mailbox.address.lower()) for field, mailbox in mailboxes(shown) if field != "From"]
    own = shown.own_addresses()
    named = [(field, address) for field, address in others if address not in own]
    yield from _first(_sender(shown, field, address) for field, address in named if field in SENDING)
    yield from _first(_answers(shown, field, address) for field, address in named if field in ANSWERING)


def _first(found: Iterator[Finding | None]) -> Iterator[Finding]:
    first = next((finding for finding in found if finding is not None), None)
    if first is not None:
        yield first


def _sender(shown: Shown, field: str, address: str) -> Finding | None:
    """Somebody of ours is said to have sent what another one wrote."""
    if not shown.is_own(shown.author) and (shown.is_own(address) or shown.is_role(address)):
        reason = f"The field {field} names an address of ours, and the author is not one of us."
    elif any(shown.entries(shown.author)) and any(shown.entries(address)):
        reason = f"The field {field} names another person on the list."
    else:
        return None
    return shown.finding("sender-is-another", 0.6, reason, field, address)


def _answers(shown: Shown, field: str, address: str) -> Finding | None:
    """Answers to one of ours, or to a member, go to a mailbox that anybody can open."""
    domain = domain_of(address)
    if domain == domain_of(shown.author) or domain not in FREE_MAIL:
        return None
    if shown.is_own(shown.author):
        reason = "The author's address is ours, and answers would go to a mailbox that anybody can open."
        return shown.finding("answers-elsewhere", 0.6, reason, field, address)
    if any(shown.entries(shown.author)):
        reason = "Answers would go to another mailbox than the author's, one that anybody can open."
        return shown.finding("answers-differ", 0.3, reason, field, address, APPEARANCE)
    return None


def mailboxes(shown: Shown) -> Iterator[tuple[str, Mailbox]]:
    """Every name and address that the header holds, the author's first; no more than an honest reader gives."""
    yield from shown.claims.shown[: 3 * MOST_SHOWN]
    yield from shown.claims.aside[:MOST_SHOWN]
