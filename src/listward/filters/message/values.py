"""The plain values a parsed message is made of."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: `name` as written, `raw` the bytes after the colon without the last CRLF, folds kept.

    `value` is unfolded and RFC 2047-decoded, with control characters removed.
    """

    name: str
    raw: bytes
    value: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of a header field: display name (decoded) and addr-spec, domain in lower case A-label form."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf or container of the MIME tree. `content` is transfer-decoded, b"" for containers; `depth` starts at 0.

    `names` are all file names that any reader might see.
    """

    content_type: str
    charset: str
    disposition: str
    filename: str
    content: bytes = field(repr=False)
    depth: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One link: where it leads and the text it shows."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Defect:
    """What two readers could understand differently, or what is not well formed. `name` is kebab-case and stable."""

    name: str
    detail: str
