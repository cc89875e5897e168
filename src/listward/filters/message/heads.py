"""What the header of a message or part says about its body, in every reading."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from listward.filters.message.charsets import is_odd, known
from listward.filters.message.defects import Defects
from listward.filters.message.headers import RawField
from listward.filters.message.parameters import Structured, parse_structured, readings
from listward.filters.message.values import Defect
from listward.filters.message.words import value_of

_ENCODINGS = frozenset({b"7bit", b"8bit", b"binary", b"base64", b"quoted-printable"})
_COMPOSITE = re.compile(r"multipart|message|boundary", re.IGNORECASE)
# A boundary is 1 to 70 characters and does not end with a space (RFC 2046, section 5.1.1).
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? !#$%&*;<>@\[\]^`{|}~\"-]{0,69}[^\s]\Z", re.ASCII)
_VERSION = re.compile(rb"\s*+(?:\([^()]*+\)\s*+)?1\s*+\.\s*+0(?![0-9.])\s*+(?:[(;]|\Z)")
_UNIQUE = (b"content-type", b"content-transfer-encoding", b"content-disposition", b"mime-version")

_Values = tuple[tuple[bytes, ...], ...]
_SHORT = 300


@dataclass(frozen=True, slots=True)
class Head:
    """The MIME fields of one entity. `boundaries` and `names` hold all readings, the usual one first.

    `doubtful` says that readers may disagree about type or encoding: then all decodings are worth a look.
    """

    content_type: str
    charset: str
    encoding: str
    disposition: str
    filename: str
    names: tuple[str, ...]
    boundaries: tuple[str, ...]
    doubtful: bool = False

    @property
    def main(self) -> str:
        """The part before the slash."""
        return self.content_type.partition("/")[0]


def read_head(fields: list[RawField], defects: Defects, default_type: str = "text/plain") -> Head:
    """Read the MIME fields of an entity, noting where readers differ."""
    before = len(defects)
    values = tuple(tuple([field.raw for field in fields if field.key == key]) for key in _UNIQUE)
    short = sum(len(raw) for raws in values for raw in raws) <= _SHORT
    head, found = (_remembered if short else _read)(values, default_type)
    for defect in found:
        defects.add(defect.name, defect.detail)
    return replace(head, doubtful=True) if len(defects) > before else head


def _read(values: _Values, default_type: str) -> tuple[Head, tuple[Defect, ...]]:
    defects = Defects()
    _note_duplicates(values, defects)
    content_types, encodings, raw_dispositions, versions = values
    types = [parse_structured(raw, defects) for raw in content_types]
    dispositions = [parse_structured(raw, defects) for raw in raw_dispositions]
    _note_version(versions, defects)
    _note_charsets(types, defects)
    content_type = _content_type(types, content_types, default_type, defects)
    encoding = _encoding(encodings, defects)
    names = _names(types, dispositions, defects)
    head = Head(
        content_type=content_type,
        charset=types[0].get("charset") if types else "",
        encoding=encoding,
        disposition=dispositions[0].value if dispositions else "",
        filename=names[0] if names else "",
        names=names,
        boundaries=_boundaries(content_type, types, defects),
    )
    return head, defects.take()


@lru_cache(maxsize=1024)
def _remembered(values: _Values, default_type: str) -> tuple[Head, tuple[Defect, ...]]:
    """Most parts have the same few lines above them: short ones are read once."""
    return _read(values, default_type)


def _note_duplicates(values: _Values, defects: Defects) -> None:
    """Two fields that say the same are read alike by everybody; two that differ are not."""
    for key, raws in zip(_UNIQUE, values, strict=True):
        if len(raws) > 1 and len({b"".join(raw.split()).lower() for raw in raws}) > 1:
            defects.add(f"duplicate-{key.decode('ascii')}", f"{len(raws)} fields")


def _note_version(raws: tuple[bytes, ...], defects: Defects) -> None:
    """RFC 2045, section 4: what claims another version than 1.0 is no MIME to some readers."""
    for raw in raws[:1]:
        if _VERSION.match(raw) is None:
            defects.add("odd-mime-version", repr(raw[:40]))


def _note_charsets(types: list[Structured], defects: Defects) -> None:
    """One text in two charsets, or in one where plain letters are other signs, differs between readers."""
    labels = {label: known(label) for parsed in types for label in parsed.every("charset")}
    if len(set(labels.values()) - {"", "ascii"}) > 1:
        defects.add("conflicting-charsets", " / ".join(labels))
    for label, name in labels.items():
        if name and is_odd(name):
            defects.add("odd-charset", label)


def _content_type(types: list[Structured], raws: tuple[bytes, ...], default: str, defects: Defects) -> str:
    if not types:
        return default
    for parsed, raw in zip(types, raws, strict=True):
        if parsed.strict and parsed.value.startswith("text/"):
            continue
        composite = _COMPOSITE.search(raw.decode("latin-1")) is not None
        if composite and (not parsed.strict or "/" not in parsed.value):
            defects.add("malformed-content-type", value_of(raw)[:60])
    value = next((parsed.value for parsed in types if "/" in parsed.value), "")
    if value:
        return value
    return "multipart/mixed" if types[0].value == "multipart" else "text/plain"


def _encoding(raws: tuple[bytes, ...], defects: Defects) -> str:
    """The transfer encoding; anything but the bare token (RFC 2045, section 6.1) is read differently by readers."""
    tokens = [value_of(raw).lower() for raw in raws]
    for raw in raws:
        if raw.strip(b" \t\r\n").lower() not in _ENCODINGS:
            defects.add("odd-transfer-encoding", repr(raw[:40]))
    return tokens[0] if tokens else ""


def _names(types: list[Structured], dispositions: list[Structured], defects: Defects) -> tuple[str, ...]:
    shown = [name for parsed in dispositions for name in parsed.every("filename")]
    shown += [name for parsed in types for name in parsed.every("name")]
    shown += [name for parsed in dispositions for name in parsed.every("name")]
    names = tuple(dict.fromkeys(reading for name in shown for reading in readings(name)))
    if not names:
        return ()
    # A name cut short at a space has no extension: the longer reading is among the names too.
    if len({_extension(readings(name)[0]) for name in shown if name} - {""}) > 1:
        defects.add("conflicting-file-names", " / ".join(shown))
    elif not all(parsed.strict for parsed in (*types, *dispositions)) and _differ(shown):
        defects.add("odd-file-name", " / ".join(shown))
    return names


def _differ(shown: list[str]) -> bool:
    """Whether readings differ in more than where an unquoted name ends: at its first space or behind it."""
    different = {name.strip() for name in shown} - {""}
    return len([name for name in different if not any(longer.startswith(name + " ") for longer in different)]) > 1


def _extension(name: str) -> str:
    stem, dot, extension = name.strip(" .\t").rpartition(".")
    return extension.lower() if dot and stem else ""


def _boundaries(content_type: str, types: list[Structured], defects: Defects) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(value for parsed in types for value in parsed.every("boundary")))
    if len(found) > 1:
        defects.add("several-boundaries", " / ".join(found))
    if any("boundary" in parsed.encoded for parsed in types):
        defects.add("encoded-boundary", " / ".join(found))
    if content_type.startswith("multipart/") and not found:
        defects.add("missing-boundary", content_type)
    for boundary in found[:1]:
        if not _BOUNDARY.match(boundary) or boundary != boundary.strip() or "=?" in boundary:
            defects.add("odd-boundary", repr(boundary[:40]))
    return tuple(dict.fromkeys((*found, *(boundary.strip() for boundary in found if boundary.strip()))))[:8]
