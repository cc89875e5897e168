"""Addresses of header fields (RFC 5322, section 3.4): split before anything is decoded, in linear time.

An address is never taken out of an encoded word, a display name or a comment. Where a field can be read in more than
one way, that is said; what is found all the same is kept for those who ask whether any reader sees an address.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile

from listward.filters.message import limits
from listward.filters.message.address_syntax import normal_address
from listward.filters.message.charsets import guess
from listward.filters.message.values import Defect, Field, Mailbox
from listward.filters.message.words import clean, decode_words

ADDRESS_FIELDS = ("from", "sender", "reply-to", "to", "cc")
_QUOTED = r"""(?P<quoted>"(?:[^"\\]|\\.)*+") | """
_UNQUOTED = r"""(?P<white>[ \t\r\n]++)
    | (?P<literal>\[[^\[\]\\ \t\r\n]*+\])
    | (?P<atom>[^ \t\r\n()<>\[\]:;@\\,"]++)
    | (?P<sign>.)"""
_TOKEN = re.compile(_QUOTED + _UNQUOTED, re.DOTALL | re.VERBOSE)
_TOKEN_BEHIND_OPEN_QUOTE = re.compile(_UNQUOTED, re.DOTALL | re.VERBOSE)
# How archives write an author so that harvesters do not find the address: "ana at party.example (Ana)".
_OBSCURED = re.compile(rb"\s*\S{1,100} (?:at|@end\S{0,4} \S{0,2}rom) \S{1,100}(?: \([^\r\n]{0,200}\))?\s*\Z")
_COMMENT_SIGN = re.compile(r"[()]|\\.", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SHORT = 200


@dataclass(frozen=True, slots=True)
class Token:
    """A lexical token: `kind` is the group's name above, or "comment"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class AddressList:
    """The addresses of one field. `plain` says that all readers find the same ones; `groups` counts group names."""

    mailboxes: tuple[Mailbox, ...] = ()
    plain: bool = True
    groups: int = 0
    truncated: bool = False
    obscured: bool = False


@dataclass(frozen=True, slots=True)
class Addresses:
    """The address lists of a message by lower-case field name, one for each field in order."""

    lists: dict[str, tuple[AddressList, ...]] = field(default_factory=dict)
    defects: tuple[Defect, ...] = ()

    def of(self, name: str) -> tuple[Mailbox, ...]:
        """Every address of the fields of that name."""
        return tuple(mailbox for found in self.lists.get(name, ()) for mailbox in found.mailboxes)

    def strict(self, name: str) -> tuple[Mailbox, ...]:
        """The addresses where every field of that name is plain and without groups, else ()."""
        return self.of(name) if all(found.plain and not found.groups for found in self.lists.get(name, ())) else ()


def read_addresses(fields: Iterable[Field]) -> Addresses:
    """Parse all address fields of a message."""
    lists: dict[str, tuple[AddressList, ...]] = {}
    for candidate in fields:
        key = candidate.name.lower()
        if key in ADDRESS_FIELDS:
            lists[key] = (*lists.get(key, ()), parse_addresses(candidate.raw))
    return Addresses(lists, _defects(lists))


def _defects(lists: dict[str, tuple[AddressList, ...]]) -> tuple[Defect, ...]:
    found = []
    for key, parsed in lists.items():
        if any(not one.plain for one in parsed):
            # Only who wrote it must be beyond doubt; recipients are taken from the envelope.
            author = "obscured-author" if all(one.obscured for one in parsed) else "ambiguous-author"
            found.append(Defect(author if key == "from" else "ambiguous-addresses", key))
        if any(one.truncated for one in parsed):
            found.append(Defect("too-many-addresses", key))
    return tuple(found)


def parse_addresses(raw: bytes) -> AddressList:
    """The addresses of a field's value, at most 500."""
    return _remembered(raw) if len(raw) <= _SHORT else _parse_addresses(raw)


@lru_cache(maxsize=1024)
def _remembered(raw: bytes) -> AddressList:
    """The same people write to the same lists: short fields are parsed once."""
    return _parse_addresses(raw)


def _parse_addresses(raw: bytes) -> AddressList:
    if _OBSCURED.match(raw):
        return AddressList(plain=False, obscured=True)
    tokens, plain = _tokens(clean_folds(guess(raw)))
    mailboxes: list[Mailbox] = []
    groups = 0
    members: list[list[Token]] = []
    for one in _split(tokens):
        if one and one[-1] == Token("sign", ":"):
            groups += 1
        elif one:
            members.append(one)
    for one in members[: limits.ADDRESSES]:
        mailbox, certain = _mailbox(one)
        plain = plain and certain
        if mailbox is not None:
            mailboxes.append(mailbox)
        elif len(members) > 1:  # "A, B <a@b.example>": a comma that some readers take as part of a name
            plain = False
    return AddressList(
        mailboxes=tuple(mailboxes),
        plain=plain and _separators_plain(tokens, groups),
        groups=groups,
        truncated=len(members) > limits.ADDRESSES,
    )


def clean_folds(text: str) -> str:
    """Unfold; other line ends and controls stay, so that they count as what they are."""
    return text.replace("\r\n", "").replace("\n", "") if "\n" in text else text


def _tokens(text: str) -> tuple[list[Token], bool]:
    """Tokens without white space around them; False where quotes or comments do not end."""
    tokens: list[Token] = []
    plain = True
    position, pattern = 0, _TOKEN
    while position < len(text) and len(tokens) < 20 * limits.ADDRESSES:
        if text[position] == "(":
            position, comment = _comment(text, position)
            plain = plain and comment is not None
            tokens.append(Token("comment", comment or ""))
            continue
        match = pattern.match(text, position)
        if match is None:
            break
        if match.group() == '"':  # it never closes, and so no later one does: looking for each end is quadratic
            pattern = _TOKEN_BEHIND_OPEN_QUOTE
        position = match.end()
        tokens.append(Token(match.lastgroup or "sign", match.group()))
    odd = {token.text for token in tokens if token.kind == "sign"} - {"<", ">", "@", ",", ":", ";"}
    return tokens, plain and not odd


def _comment(text: str, start: int) -> tuple[int, str | None]:
    """The end of the comment at `start` and its text; None where it never ends."""
    depth = 0
    for match in _COMMENT_SIGN.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth == 0:
            return match.end(), text[start + 1 : match.end() - 1]
    return len(text), None


def _split(tokens: list[Token]) -> Iterable[list[Token]]:
    """One list of tokens for each address or group name (which ends with its colon)."""
    current: list[Token] = []
    angle = False
    for token in tokens:
        if token.kind == "sign" and not angle and token.text in ",;":
            yield current
            current = []
            continue
        current.append(token)
        if token.kind == "sign":
            angle = (angle or token.text == "<") and token.text != ">"
            if token.text == ":" and not angle:
                yield current
                current = []
    yield current


def _separators_plain(tokens: list[Token], groups: int) -> bool:
    """Semicolons only end groups; some readers take others for commas."""
    return sum(token == Token("sign", ";") for token in tokens) == groups


def _mailbox(tokens: list[Token]) -> tuple[Mailbox | None, bool]:
    """The mailbox that the tokens name, and whether every reader would find this one."""
    signs = [token.text for token in tokens if token.kind == "sign"]
    words = [token for token in tokens if token.kind not in {"white", "comment"}]
    if not words:
        return None, True
    if signs in (["@"], ["<", "@", ">"]):
        return _plain_mailbox(tokens, angle=len(signs) == 3)
    if not signs or signs == ["<", ">"]:
        return None, not signs  # a name without an address, or the null address
    return _any_mailbox(tokens), False


def _plain_mailbox(tokens: list[Token], angle: bool) -> tuple[Mailbox | None, bool]:
    if not angle:
        core, name = tokens, " ".join(filter(None, (_remark(tokens), _remark(tokens[::-1]))))
    else:
        first, last = tokens.index(Token("sign", "<")), tokens.index(Token("sign", ">"))
        core, name = tokens[first + 1 : last], _display_name(tokens[:first])
        if any(token.kind not in {"white", "comment"} for token in tokens[last + 1 :]):
            return _any_mailbox(tokens), False
    core = _trimmed(core)
    if any(token.kind == "white" for token in core):
        return _any_mailbox(tokens), False
    at = core.index(Token("sign", "@")) if Token("sign", "@") in core else -1
    if at < 0:
        return None, False
    address = normal_address(
        *("".join(token.text for token in side if token.kind != "comment") for side in (core[:at], core[at + 1 :]))
    )
    return (Mailbox(clean(decode_words(name)).strip(), address), True) if address else (None, False)


def _remark(tokens: list[Token]) -> str:
    """The outermost comment on the side where the tokens begin, "" for none."""
    around = takewhile(lambda token: token.kind in {"white", "comment"}, tokens)
    return next((token.text for token in around if token.kind == "comment"), "")


def _trimmed(tokens: list[Token]) -> list[Token]:
    start, stop = 0, len(tokens)
    while start < stop and tokens[start].kind in {"white", "comment"}:
        start += 1
    while stop > start and tokens[stop - 1].kind in {"white", "comment"}:
        stop -= 1
    return tokens[start:stop]


def _any_mailbox(tokens: list[Token]) -> Mailbox | None:
    """An address that some reader may see: what stands right around the last "@"."""
    at = max((index for index, token in enumerate(tokens) if token == Token("sign", "@")), default=0)
    if not 0 < at < len(tokens) - 1:
        return None
    address = normal_address(tokens[at - 1].text, tokens[at + 1].text)
    return Mailbox("", address) if address else None


def _display_name(tokens: list[Token]) -> str:
    """The words before the angle bracket, quotes and their escapes removed, with comments, as most programs show it."""
    return "".join(map(_shown, tokens)).strip()


def _shown(token: Token) -> str:
    if token.kind == "quoted":
        return _ESCAPE.sub(r"\1", token.text[1:-1])
    if token.kind == "comment":
        return f"({token.text})" if token.text else ""
    return " " if token.kind == "white" else token.text
