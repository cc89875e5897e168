"""The function library: one text from the Lua files, its name and its functions' names carrying its content hash.

So two releases side by side never replace each other's functions. Needs Redis 7.0 or Valkey.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from listward.queue.store.words import Word, Words

FILES = ("common.lua", "cases.lua", "site.lua", "audit.lua", "ledger.lua", "standings.lua", "observations.lua")
FUNCTIONS = (
    "hold",
    "apply",
    "announce",
    "set_aside",
    "forget",
    "sweep",
    "lease_block",
    "take_numbers",
    "open_block",
    "count_held",
    "uncount_held",
    "seen",
    "lease",
    "end_lease",
    "append",
    "seal",
    "chain",
    "claim",
    "settle",
    "standing",
    "sighted",
    "vouch",
    "relied_on",
    "lapse",
    "posted",
    "observed",
    "mark",
)


@dataclass(frozen=True, slots=True)
class Library:
    """The library's text and the hash its functions' names end with."""

    text: str
    mark: str

    def call(self, name: str, keys: tuple[str, ...], *arguments: Word) -> Words:
        """Return the command that calls one function on keys of one tag."""
        return ("FCALL", f"lw_{name}_{self.mark}", len(keys), *keys, *arguments)


def read_library() -> Library:
    """Put the library together from the files that ship."""
    folder = files("listward.queue.store.functions")
    body = "\n".join((folder / name).read_text(encoding="utf-8") for name in FILES)
    mark = hashlib.sha256(body.encode()).hexdigest()[:12]
    register = "\n".join(f"redis.register_function('lw_{name}_{mark}', {name})" for name in FUNCTIONS)
    return Library(f"#!lua name=listward_{mark}\n{body}\n{register}\n", mark)


LIBRARY = read_library()
