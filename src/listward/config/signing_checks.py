"""What must hold for [signing]: it is whole, or not there. Only who seals, and `config check`, read the key itself."""

import re
from collections.abc import Iterator

from listward.config.proof import Signing
from listward.config.site import Site

Key = tuple[str | int, ...]

_SELECTOR = re.compile(r"(?=.{1,200}\Z)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*", re.IGNORECASE)


def check_signing(site: Site) -> Iterator[tuple[Key, str]]:
    """Yield the key and message of each fault of [signing]: it is whole, or not there."""
    table = site.signing
    if not (table.domain or table.selector or table.key_file):
        return
    for name, value in (("domain", table.domain), ("selector", table.selector), ("key_file", table.key_file)):
        if not value:
            yield ("signing", name), "is missing: domain, selector and key_file go together"
    if table.selector and not is_selector(table.selector):
        yield ("signing", "selector"), f"{table.selector!r} is not allowed; allowed: letters, digits, hyphens and dots"
    if table.key_file and not (site.directory / table.key_file).is_file():
        yield ("signing", "key_file"), f"{str(table.key_file)!r} is not a file; `listward config signing-key` makes one"


def is_selector(text: str) -> bool:
    """Whether a key can be published under this name (RFC 6376 section 3.1)."""
    return _SELECTOR.fullmatch(text) is not None


def is_signing(table: Signing) -> bool:
    """Whether there is a key to seal with."""
    return bool(table.domain and table.selector and table.key_file)
