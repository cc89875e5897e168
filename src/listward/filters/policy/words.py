"""The words of SMTP replies: ASCII, short, clear alone, since they are read inside a provider's bounce.

They never quote the message, never accuse, and say nothing that tells whether an address is on a list.
"""

import re
from collections.abc import Iterable

from listward.config.site import Site
from listward.filters.findings import Finding
from listward.filters.judgement import Action, RecipientVerdict, ReplyWords, RuleOutcome

# people.md 11: a line has at most 400 octets; code, enhanced code, case number and CRLF take their share.
MOST_TEXT = 340
MOST_NAMED = 3
ACCEPTED = ReplyWords(250, "2.0.0", "Accepted. Ref {id}")
HELD = ReplyWords(250, "2.0.0", "Received. A moderator reads it first. Case {case}")
DEFERRED = ReplyWords(
    451,
    "4.3.0",
    "Not delivered yet. Nothing is lost; your mail service tries again by itself. Ref {id}",
)
UNKNOWN = ReplyWords(550, "5.1.1", "Not delivered. This address does not exist here.")
# RFC 5321 section 4.1.2, without quoted local parts: a header's address must not smuggle words into a reply.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`|~-]{1,64}@[A-Za-z0-9.-]{1,190}")


def reply_for(
    action: Action, verdicts: tuple[RecipientVerdict, ...], findings: tuple[Finding, ...], site: Site
) -> ReplyWords:
    """Return the one reply for all recipients. The gateway fills {case} and {id}."""
    if action is Action.DEFER:
        return DEFERRED
    if action is Action.HOLD:
        return HELD
    if action is not Action.REJECT:
        # A discard is answered as a delivery is: whoever sends junk learns nothing.
        return ACCEPTED
    return _refusal(_first_deciding(verdicts), findings, site)


def _first_deciding(verdicts: tuple[RecipientVerdict, ...]) -> RuleOutcome | None:
    """The author's next step decides: an address to remove comes before any other reason."""
    deciding = [outcome for verdict in verdicts if (outcome := verdict.deciding) is not None]
    return next((outcome for outcome in deciding if outcome.reply == "outside"), deciding[0] if deciding else None)


def _refusal(outcome: RuleOutcome | None, findings: tuple[Finding, ...], site: Site) -> ReplyWords:
    if outcome is None:
        return UNKNOWN
    if outcome.reply == "not-entitled":
        how = f"How to write here: {_help(site)}" if site.addresses.help else ""
        return _words("5.7.2", f"Not delivered. {_sentence(outcome.words)}", how)
    if outcome.reply == "barred":
        appeal = site.addresses.appeal or site.addresses.help
        return _words(
            "5.7.2", f"Not delivered. {_sentence(outcome.words)}", f"Appeal: {_literal(appeal)}" if appeal else ""
        )
    if outcome.reply == "outside":
        return _words("5.7.1", f"Not delivered to anyone. {_outside(findings)}", _questions(site))
    if outcome.reply == "malformed":
        reason = "Not delivered. The message is built in a way that two mail programs could read differently."
        # RFC 3463 section 3.7: X.6.0 is trouble with the media, not with policy.
        return _words("5.6.0", reason, _questions(site))
    if outcome.reply == "loop":
        # RFC 3463 section 3.5: X.4.6 is a routing loop.
        return _words("5.4.6", "Not delivered. The message has come through here before.", _questions(site))
    return _words("5.7.1", f"Not delivered. {_sentence(outcome.words)}".rstrip(), _questions(site))


def _words(enhanced: str, reason: str, end: str) -> ReplyWords:
    """Join, and cut the reason rather than the way to ask."""
    room = MOST_TEXT - len(end) - 1
    reason = reason if len(reason) <= room else f"{reason[: room - 3].rstrip()}..."
    return ReplyWords(550, enhanced, f"{reason} {end}".strip())


def _questions(site: Site) -> str:
    """The reference leads to the mail log's line; a refusal keeps no case that a number could name."""
    return f"Questions: {_help(site)}. Ref {{id}}" if site.addresses.help else "Ref {id}"


def _help(site: Site) -> str:
    return _literal(site.addresses.help)[:120]


def _sentence(words: str) -> str:
    return _literal(words.strip()) or "The rules of this list do not allow it."


def _literal(text: str) -> str:
    """ASCII on one line, and no braces, since the gateway fills the text in."""
    plain = "".join(character if " " <= character <= "~" else "?" for character in text)
    return plain.replace("{", "(").replace("}", ")")


def _outside(findings: tuple[Finding, ...]) -> str:
    external = _addresses(findings, "internal-outside-address")
    public = _addresses(findings, "internal-public-list")
    sentences = []
    if external:
        sentences.append(f"{_named(external)} outside the organisation.")
    if public:
        sentences.append(f"{_named(public)} open to the public.")
    remove = "Remove it and send again." if len(external) + len(public) == 1 else "Remove them and send again."
    return " ".join([*sentences, remove])


def _addresses(findings: tuple[Finding, ...], rule: str) -> list[str]:
    return [evidence.text for finding in findings if finding.rule == rule for evidence in finding.evidence]


def _named(addresses: list[str]) -> str:
    """Name a few. An address that no plain mailbox has is only described: it might be words to the reader."""
    shown = list(_shown(addresses[:MOST_NAMED]))
    more = len(addresses) - len(shown)
    if more:
        shown.append(f"{more} more")
    listed = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{listed} {'is' if len(addresses) == 1 else 'are'}"


def _shown(addresses: Iterable[str]) -> Iterable[str]:
    for address in addresses:
        plain = _PLAIN_ADDRESS.fullmatch(address) and len(address) <= 80
        yield _literal(address) if plain else "an address in To or Cc"
