"""What a next hop says it can do in its answer to EHLO or LHLO (RFC 5321 section 4.1.1.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Keywords in capitals, each with its parameters as written. `reachable` is False where the hop did not answer."""

    keywords: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    reachable: bool = True

    def offers(self, keyword: str) -> bool:
        """Whether the hop offers the extension."""
        return keyword in self.keywords

    @property
    def size_limit(self) -> int:
        """The largest message in octets that the hop takes (RFC 1870); 0 where it states none."""
        value = self.keywords.get("SIZE", "").strip()
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 20 else 0


UNREACHABLE = Capabilities(reachable=False)


def parse_capabilities(text: str) -> Capabilities:
    """Read the reply's lines; the first is the greeting."""
    keywords = {}
    for line in text.split("\n")[1:]:
        keyword, _, parameters = line.strip().replace("=", " ", 1).partition(" ")
        if keyword:
            keywords[keyword.upper()] = parameters.strip()
    return Capabilities(MappingProxyType(keywords))
