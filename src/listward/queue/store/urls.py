"""The [store] url: embedded, unix:///path, redis://, rediss://, redis+sentinel://h1,h2/name, redis+cluster://h1,h2."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

Kind = Literal["embedded", "unix", "single", "sentinel", "cluster"]
ALLOWED = "embedded, unix:///path, redis://host, rediss://host, redis+sentinel://h1,h2/name or redis+cluster://h1,h2"
_KINDS: dict[str, Kind] = {
    "unix": "unix",
    "redis": "single",
    "rediss": "single",
    "redis+sentinel": "sentinel",
    "rediss+sentinel": "sentinel",
    "redis+cluster": "cluster",
    "rediss+cluster": "cluster",
}
_PORTS = {"sentinel": 26_379}


class BadUrl(ValueError):
    """The url of the store cannot be used; the text says what is allowed."""


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """A parsed url. `hosts` pairs names and ports; `name` is the Sentinel's master, `path` the unix socket."""

    kind: Kind
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    name: str = ""
    user: str = ""
    database: int = 0
    tls: bool = False


def parse_store_url(url: str) -> StoreUrl:
    """Read the url. Raises BadUrl."""
    if url == "embedded":
        return StoreUrl("embedded")
    parts = urlsplit(url)
    kind = _KINDS.get(parts.scheme)
    if kind is None or parts.query or parts.fragment:
        raise BadUrl(f"{parts.scheme or 'this'} is not a store; allowed: {ALLOWED}")
    if kind == "unix":
        return _unix(parts)
    user, _, hosts = parts.netloc.rpartition("@")
    if ":" in user:
        raise BadUrl("the password does not belong in the url; name a file in [store] password_file")
    found = tuple(_host(entry, _PORTS.get(kind, 6379)) for entry in hosts.split(","))
    if kind == "single" and len(found) != 1:
        raise BadUrl(f"this form takes one host; allowed: {ALLOWED}")
    name, database = _tail(kind, parts.path.strip("/"))
    return StoreUrl(kind, found, "", name, unquote(user), database, parts.scheme.startswith("rediss"))


def _unix(parts: SplitResult) -> StoreUrl:
    if parts.netloc or not parts.path.startswith("/"):
        raise BadUrl(f"unix needs an absolute path after three slashes; allowed: {ALLOWED}")
    return StoreUrl("unix", path=unquote(parts.path))


def _host(text: str, usual_port: int) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    try:
        port = parts.port
    except ValueError:
        raise BadUrl(f"the port of {text} is no number from 1 to 65535") from None
    if not parts.hostname or port == 0:
        raise BadUrl(f"a host is missing; allowed: {ALLOWED}")
    return parts.hostname, port or usual_port


def _tail(kind: Kind, tail: str) -> tuple[str, int]:
    """What follows the hosts: a Sentinel's master name, or a database number."""
    if kind == "sentinel":
        if not tail or "/" in tail:
            raise BadUrl("redis+sentinel needs the name of the master after the hosts, like /listward")
        return unquote(tail), 0
    if tail and (kind == "cluster" or not tail.isdigit()):
        raise BadUrl(f"{tail!r} after the host is not understood; allowed: {ALLOWED}")
    return "", int(tail or 0)
