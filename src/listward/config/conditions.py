"""What a rule asks before it takes effect. All given conditions must hold; a list of values means "one of these"."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

import re2
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from listward.config.table import Table
from listward.config.values import LowerText

LONGEST_PATTERN = 500
PATTERN_OCTETS = 4 * 2**20
"""Memory that one pattern's automaton may use."""
_UNITS = {"": 1, "kb": 1_000, "mb": 1_000_000, "kib": 1024, "mib": 1024**2}
_SHOWN_UNITS = (("bytes", 1), ("kB", 1000), ("KiB", 1024), ("MB", 1_000_000), ("MiB", 1024**2))
_SIZE = re.compile(r"([0-9]{1,10})\s*([a-z]{0,3})")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_FIELD = re.compile(r"[\x21-\x39\x3b-\x7e]{1,76}")  # RFC 5322 section 3.6.8


def options() -> re2.Options:
    """How RE2 reads patterns: without case, within bounds, and without words of its own on stderr."""
    chosen = re2.Options()
    chosen.case_sensitive = False
    chosen.log_errors = False
    chosen.max_mem = PATTERN_OCTETS
    return chosen


def _pattern(value: str) -> str:
    """Accept what RE2 reads: every pattern runs in time linear in the text."""
    if not value or len(value) > LONGEST_PATTERN:
        raise ValueError(f"a pattern has 1 to {LONGEST_PATTERN} signs, this one {len(value)}")
    try:
        re2.compile(value, options())
    except re2.error as error:
        reason = str(error).removeprefix("b'").rstrip("'")
        message = f"{value!r} is not a pattern: {reason}; allowed: RE2, without look-around and back-references"
        raise ValueError(message) from None
    return value


def _size(value: object) -> object:
    """Read "2 MB" and the like as octets."""
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value.strip().lower())
    if match is None or match[2] not in _UNITS:
        raise ValueError(f'{value!r} is not a size; allowed: a number of octets, or "200 kB", "2 MB", "2 MiB"')
    return int(match[1]) * _UNITS[match[2]]


def size_words(octets: int) -> str:
    """Return a size as a person would write it: in the largest unit that fits it, else in bytes."""
    units = ((name, each) for name, each in reversed(_SHOWN_UNITS) if octets and octets % each == 0)
    name, each = next(units, ("bytes", 1))
    return f"{octets // each} {name}"


def _clock(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise ValueError(f'{value!r} is not a time of day; allowed: hour and minute by two digits, such as "09:30"')
    return value


def _field_name(value: str) -> str:
    if not _FIELD.fullmatch(value):
        raise ValueError(f"{value!r} is not the name of a header field; allowed: such as X-Mailer")
    return value


def _text(pattern: str) -> dict[str, Any]:
    """What an editor checks of a text."""
    return {"type": "string", "pattern": pattern}


_SIZE_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 0}, _text("^ *[0-9]{1,10} *(?:[kKmM][iI]?[bB])? *$")]}


def _author(value: str) -> str:
    """Accept an address, or a domain behind an @."""
    if value.startswith("$") or ("@" in value and not value.endswith("@") and " " not in value):
        return value
    raise ValueError(f"{value!r} is no author; allowed: ana@party.example, or @party.example for a whole domain")


Author = Annotated[LowerText, AfterValidator(_author), WithJsonSchema(_text(r"^\$|@[^ ]+$"))]
Pattern = Annotated[str, AfterValidator(_pattern)]
Size = Annotated[int, BeforeValidator(_size), Field(ge=0), WithJsonSchema(_SIZE_SCHEMA)]
TimeOfDay = Annotated[str, AfterValidator(_clock), WithJsonSchema(_text(f"^(?:{_TIME.pattern})$"))]
FieldName = Annotated[str, AfterValidator(_field_name)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Asked:
    """A pattern that somebody has to look for: in the `subject`, the `text`, or a header field by its name in small
    letters behind `header:`. An empty expression asks whether the field is there at all."""

    where: str
    expression: str

    @property
    def name(self) -> str:
        """The name of the finding that it was found."""
        return f"pattern-{hashlib.sha256(f'{self.where} {self.expression}'.encode()).hexdigest()[:12]}"


class ScoreTest(Table):
    """A bound on one calibrated score: fires at or above `at_least`."""

    name: Literal["spam", "solicitation", "internal"]
    at_least: float = Field(ge=0, le=1)


class HeaderTest(Table):
    """A header field with a value that one of the patterns matches; without patterns, one that is there at all."""

    name: FieldName
    matches: tuple[Pattern, ...] = ()


class SizeTest(Table):
    """Bounds on a message's size in octets, both of them included."""

    at_least: Size = 0
    at_most: Size | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "SizeTest":
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError("at_most is less than at_least: nothing is so large")
        return self


class CountTest(Table):
    """Bounds on a count, both of them included. `posts-today` is how often the author wrote in the last 24 hours."""

    name: Literal["recipients", "attachments", "links", "posts-today"]
    at_least: int = Field(default=0, ge=0)
    at_most: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> "CountTest":
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError("at_most is less than at_least: no count is so")
        return self


class TimeTest(Table):
    """Days and times of day, in the organisation's time zone. `since` later than `until` reaches over midnight."""

    since: TimeOfDay = "00:00"
    until: TimeOfDay = "00:00"
    days: tuple[Day, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "TimeTest":
        if not self.days and self.since == self.until:
            raise ValueError('names neither days nor hours; allowed: such as { since = "22:00", until = "06:00" }')
        return self


class Conditions(Table):
    """All given conditions must hold; a list of values means "one of these". An empty table always holds."""

    finding: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    subject: tuple[Pattern, ...] = ()
    text: tuple[Pattern, ...] = ()
    header: tuple[HeaderTest, ...] = ()
    origin: tuple[Literal["forged", "internal", "member", "known", "unproven"], ...] = ()
    author: tuple[Author, ...] = ()
    group: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    zone: tuple[Literal["internal", "members", "public", "external"], ...] = ()
    list: tuple[LowerText, ...] = ()
    score: ScoreTest | None = None
    size: SizeTest | None = None
    count: CountTest | None = None
    time: TimeTest | None = None
    first_posts: bool | None = None

    @property
    def given(self) -> frozenset[str]:
        """The names of the conditions that stand there."""
        return frozenset(name for name in type(self).model_fields if getattr(self, name) not in {(), None})

    @property
    def header_shown(self) -> tuple[str, ...]:
        """What to look for in fields of the header, as people read it: "X-Mailer: bulk", or the name alone."""
        pairs = ((test.name, pattern) for test in self.header for pattern in test.matches or ("",))
        return tuple(f"{name}: {pattern}" if pattern else name for name, pattern in pairs)

    @cached_property
    def in_subject(self) -> tuple[Asked, ...]:
        """What to look for in the subject."""
        return tuple(Asked("subject", pattern) for pattern in self.subject)

    @cached_property
    def in_text(self) -> tuple[Asked, ...]:
        """What to look for in the text."""
        return tuple(Asked("text", pattern) for pattern in self.text)

    @cached_property
    def in_header(self) -> tuple[Asked, ...]:
        """What to look for in fields of the header."""
        tests = ((f"header:{test.name.lower()}", test.matches or ("",)) for test in self.header)
        return tuple(Asked(where, pattern) for where, patterns in tests for pattern in patterns)
