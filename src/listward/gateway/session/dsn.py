"""The parameters of delivery status notifications (RFC 3461 section 4), read strictly and passed on as written."""

import re
from collections.abc import Callable, Iterable

from listward.wire.addresses import Parameter

ENVID_LIMIT = 100  # section 4.4, before encoding
ORCPT_LIMIT = 500  # section 4.2

_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")  # section 4
_HEX = re.compile(r"\+([0-9A-F]{2})")
_PRINTABLE = re.compile(r"[ -~]+")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*/?^_`{|}~-]+")
_EVENTS = frozenset({"SUCCESS", "FAILURE", "DELAY"})


def _is_ret(value: str) -> bool:
    return value.upper() in {"FULL", "HDRS"}


def _is_envid(value: str) -> bool:
    return _is_xtext(value, ENVID_LIMIT)


def _is_notify(value: str) -> bool:
    """NEVER stands alone; the others once each (section 4.1)."""
    events = value.upper().split(",")
    return events == ["NEVER"] or (_EVENTS.issuperset(events) and len(set(events)) == len(events))


def _is_orcpt(value: str) -> bool:
    """An address type, a semicolon, and the address as xtext (section 4.2)."""
    kind, semicolon, address = value.partition(";")
    fits = bool(semicolon) and len(value) <= ORCPT_LIMIT
    return fits and _ATOM.fullmatch(kind) is not None and _is_xtext(address, ORCPT_LIMIT)


def _is_xtext(value: str, limit: int) -> bool:
    """Encoded control characters would be written out by whoever decodes them: they are none."""
    if not _XTEXT.fullmatch(value):
        return False
    plain = _HEX.sub(lambda found: chr(int(found[1], 16)), value)
    return len(plain) <= limit and _PRINTABLE.fullmatch(plain) is not None


_FORMS: dict[str, Callable[[str], bool]] = {
    "RET": _is_ret,
    "ENVID": _is_envid,
    "NOTIFY": _is_notify,
    "ORCPT": _is_orcpt,
}
MAIL = frozenset({"RET", "ENVID"})
RCPT = frozenset({"NOTIFY", "ORCPT"})


def well_formed(parameters: Iterable[Parameter]) -> bool:
    """Whether those that belong here are well formed; others are somebody else's."""
    return all(
        _FORMS[parameter.keyword](parameter.value or "") for parameter in parameters if parameter.keyword in _FORMS
    )
