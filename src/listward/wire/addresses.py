"""The strict reader of what follows MAIL FROM: and RCPT TO: (RFC 5321 section 4.1.2, RFC 6531 section 3.3).

The address leaves exactly as it came: case, quoting and all. Source routes are dropped (RFC 5321 appendix C).
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from email_validator import EmailNotValidError, validate_email

LOCAL_LIMIT = 64  # RFC 5321 section 4.5.3.1.1, octets
DOMAIN_LIMIT = 255  # section 4.5.3.1.2
PATH_LIMIT = 256  # section 4.5.3.1.3, angle brackets included
ARGUMENT_LIMIT = 4096  # far above any command line; bounds the work on hostile input

# Never in an address, not even quoted: C0, DEL, C1, the line separators, and halves of a character.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ATEXT = "A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a0-\U0010ffff-"
_DOT_STRING = re.compile(rf"[{_ATEXT}]+(?:\.[{_ATEXT}]+)*")
_QUOTED = re.compile(r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e\u00a0-\U0010ffff]|\\[\x20-\x7e])*"')
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_VALUE = re.compile("[\x21-\x3c\x3e-\x7e\u00a0-\U0010ffff]+")
_SIZE = re.compile(r"[0-9]{1,20}")  # RFC 1870 section 5; ASCII digits alone

Kind = Literal["syntax", "too-long", "smtputf8-needed"]


class AddressError(ValueError):
    """A refused argument of MAIL or RCPT. `kind` says which answer fits; the message is plain and quotes nothing."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind: Kind = kind


@dataclass(frozen=True, slots=True)
class Parameter:
    """One ESMTP parameter: its keyword in capitals, its value (None without "="), and both as written."""

    keyword: str
    value: str | None
    written: str


@dataclass(frozen=True, slots=True)
class ParsedPath:
    """The address between the angle brackets ("" for the null path) and the parameters after them."""

    address: str
    parameters: tuple[Parameter, ...] = ()

    @property
    def written(self) -> tuple[str, ...]:
        """The parameters as an Envelope keeps them."""
        return tuple(parameter.written for parameter in self.parameters)

    def has(self, keyword: str) -> bool:
        """Whether the parameter was given."""
        return any(parameter.keyword == keyword for parameter in self.parameters)

    def get(self, keyword: str) -> str | None:
        """The parameter's value; None where it is absent or has none."""
        return next((parameter.value for parameter in self.parameters if parameter.keyword == keyword), None)

    @property
    def size(self) -> int | None:
        """The declared SIZE in octets (RFC 1870), None where there is none."""
        value = self.get("SIZE")
        return int(value) if value is not None else None


def after_keyword(argument: str, keyword: str) -> str:
    """Return what follows "FROM:" or "TO:" in the argument of MAIL or RCPT. Raises AddressError."""
    if argument[: len(keyword)].upper() != keyword:
        raise AddressError("syntax", f"the command needs {keyword}<address>")
    return argument[len(keyword) :].lstrip(" ")  # many clients put a space there


def parse_path(
    argument: str,
    *,
    null: bool = False,
    postmaster: bool = False,
    smtputf8: bool = False,
    local_limit: int = LOCAL_LIMIT,
) -> ParsedPath:
    """Read `<address> KEYWORD=value ...`. Raises AddressError.

    `null` allows <> (MAIL only), `postmaster` allows <postmaster> (RCPT only, section 4.1.1.3), `smtputf8` allows
    non-ASCII addresses; so does the parameter SMTPUTF8 in the same argument.
    """
    if len(argument) > ARGUMENT_LIMIT:
        raise AddressError("too-long", "the command is too long")
    if _CONTROL.search(argument):
        raise AddressError("syntax", "control characters are not allowed in an address")
    end = _end_of_path(argument)
    parameters = _parameters(argument[end + 1 :])
    utf8 = smtputf8 or any(parameter.keyword == "SMTPUTF8" for parameter in parameters)
    if not utf8 and not argument.isascii():
        raise AddressError("smtputf8-needed", "a non-ASCII address needs SMTPUTF8")
    if _octets(argument[: end + 1]) > PATH_LIMIT:
        raise AddressError("too-long", f"the address is longer than {PATH_LIMIT} octets")
    path = argument[1:end]
    if not path:
        return ParsedPath(_null_path(null), parameters)
    mailbox = _without_route(path)
    if not (postmaster and mailbox.lower() == "postmaster"):
        _check_mailbox(mailbox, local_limit)
    return ParsedPath(mailbox, parameters)


def is_safe_address(address: str) -> bool:
    """Whether the address can stand between angle brackets on the wire and in a header field; "" cannot."""
    if _CONTROL.search(address) or _octets(address) + 2 > PATH_LIMIT:
        return False
    try:
        _check_mailbox(address, PATH_LIMIT)
    except AddressError:
        return address.lower() == "postmaster"
    return True


def is_safe_parameter(parameter: str) -> bool:
    """Whether the text is one well-formed ESMTP parameter."""
    if _CONTROL.search(parameter):
        return False
    try:
        return len(_parameters(" " + parameter)) == 1
    except AddressError:
        return False


def _octets(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _null_path(allowed: bool) -> str:
    if not allowed:
        raise AddressError("syntax", "an empty address is not allowed here")
    return ""


def _end_of_path(argument: str) -> int:
    """Return the place of the closing bracket, which may also stand quoted inside the local part."""
    if not argument.startswith("<"):
        raise AddressError("syntax", "the address must stand between < and >")
    start = 1
    while True:
        close, quote = argument.find(">", start), argument.find('"', start)
        if close < 0:
            raise AddressError("syntax", "the address must stand between < and >")
        if quote < 0 or close < quote:
            return close
        quoted = _QUOTED.match(argument, quote)
        if quoted is None:
            raise AddressError("syntax", "a quoted part of the address is not closed")
        start = quoted.end()


def _without_route(path: str) -> str:
    """Drop a source route `@one,@two:` (RFC 5321 section 4.1.1.3: ignored when it is there)."""
    if not path.startswith("@"):
        return path
    route, colon, mailbox = path.partition(":")
    if not colon:
        raise AddressError("syntax", "the address needs a part before the @")
    for host in route.split(","):
        if not host.startswith("@"):
            raise AddressError("syntax", "the source route is malformed")
        _check_domain(host[1:])
    return mailbox


def _check_mailbox(mailbox: str, local_limit: int) -> None:
    local = (_QUOTED if mailbox.startswith('"') else _DOT_STRING).match(mailbox)
    if local is None or mailbox[local.end() : local.end() + 1] != "@":
        raise AddressError("syntax", "the address is not of the form local-part@domain")
    if _octets(local.group()) > local_limit:
        raise AddressError("too-long", f"the part before the @ is longer than {local_limit} octets")
    _check_domain(mailbox[local.end() + 1 :])


def _check_domain(domain: str) -> None:
    if domain.startswith("["):
        return _check_literal(domain)
    if _octets(domain) > DOMAIN_LIMIT:
        raise AddressError("too-long", f"the domain is longer than {DOMAIN_LIMIT} octets")
    if not domain.isascii():
        return _check_unicode_domain(domain)
    for label in domain.split("."):
        if not _LABEL.fullmatch(label):
            raise AddressError("syntax", "the domain is malformed")
        if len(label) > 63:  # RFC 1035 section 2.3.4
            raise AddressError("too-long", "a label of the domain is longer than 63 octets")
    return None


def _check_unicode_domain(domain: str) -> None:
    """Ask for a domain whose A-label form exists (RFC 6531 section 3.2, RFC 5890)."""
    try:
        validate_email(f"a@{domain}", check_deliverability=False, test_environment=True, globally_deliverable=False)
    except EmailNotValidError as error:
        raise AddressError("syntax", "the domain is malformed") from error


def _check_literal(domain: str) -> None:
    """Accept [192.0.2.1] and [IPv6:2001:db8::1] (section 4.1.3); no other tag is registered."""
    text = domain[1:-1]
    try:
        if not domain.endswith("]") or "%" in text:
            raise ValueError
        if text[:5].lower() == "ipv6:":
            ipaddress.IPv6Address(text[5:])
        else:
            ipaddress.IPv4Address(text)
    except ValueError as error:
        raise AddressError("syntax", "the address literal is malformed") from error


def _parameters(text: str) -> tuple[Parameter, ...]:
    if text and not text.startswith(" "):
        raise AddressError("syntax", "a space must follow the address")
    parameters = tuple(_parameter(word) for word in text.split(" ") if word)
    if len({parameter.keyword for parameter in parameters}) < len(parameters):
        raise AddressError("syntax", "a parameter is given twice")
    return parameters


def _parameter(word: str) -> Parameter:
    keyword, equals, value = word.partition("=")
    if not _KEYWORD.fullmatch(keyword) or (equals and not _VALUE.fullmatch(value)):
        raise AddressError("syntax", "a parameter is malformed")
    if keyword.upper() == "SIZE" and not _SIZE.fullmatch(value):
        raise AddressError("syntax", "SIZE must be a number")
    return Parameter(keyword.upper(), value if equals else None, word)
