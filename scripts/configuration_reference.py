"""Writes the reference of site.toml into docs/configuration.md, from the models that read it."""

import inspect
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from listward.config import values
from listward.config.site import Site

DOCUMENT = Path(__file__).parents[1] / "docs" / "configuration.md"
# Texts with a form of their own; the validators in their annotation tell them from plain text.
FORMS = {
    values.NextHop: "next hop, or list of them",
    values.Listen: "host:port",
    values.StoreUrl: "`embedded` or address of a store",
    values.WebAddress: "http or https address",
    values.Fingerprint: "SHA-256 fingerprint",
    values.Domain: "domain",
    values.Language: "language",
    values.TimeZone: "time zone",
    values.LoginName: "name to log in with",
}
BEGIN, END = "<!-- reference: begin -->", "<!-- reference: end -->"


def reference() -> str:
    """Return one table a TOML table, in the order of the models."""
    return "\n".join(_tables())


def rewritten(document: str) -> str:
    """Return the document with the reference between its markers."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def _tables() -> Iterator[str]:
    for name, field in Site.model_fields.items():
        model, repeated = _model(field.annotation)
        if model is not None:
            yield from _table(field.alias or name, model, repeated)


def _table(key: str, model: type[BaseModel], repeated: bool) -> Iterator[str]:
    """One table, then the tables inside it."""
    yield f"### `[[{key}]]`\n" if repeated else f"### `[{key}]`\n"
    summary, *more = (inspect.getdoc(model) or "").split("\n\n")
    summary = summary.split(": ", 1)[-1]
    yield f"{summary[:1].upper()}{summary[1:]}\n"
    yield from (f"{paragraph}\n" for paragraph in more)
    yield "| key | default | allowed |\n|---|---|---|"
    inside: list[tuple[str, type[BaseModel], bool]] = []
    for inner, field in model.model_fields.items():
        nested, nested_repeated = _model(field.annotation)
        if nested is None:
            yield f"| `{field.alias or inner}` | {_default(field)} | {_allowed(field)} |"
        else:
            inside.append((f"{key}.{field.alias or inner}", nested, nested_repeated))
    yield ""
    for each in inside:
        yield from _table(*each)


def _model(annotation: object) -> tuple[type[BaseModel] | None, bool]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    for part in get_args(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part, get_origin(annotation) is tuple
    return None, False


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "needed"
    if isinstance(field.default, tuple):
        return f"`[{', '.join(_toml(value) for value in field.default)}]`"
    return "none" if field.default is None else f"`{_toml(field.default)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else f'"{value}"'


def _allowed(field: FieldInfo) -> str:
    words = [_form(field.metadata) or _type_words(field.annotation)]
    for bound in field.metadata:
        for sign, name in (("≥", "ge"), (">", "gt"), ("≤", "le"), ("<", "lt")):
            if (limit := getattr(bound, name, None)) is not None:
                words.append(f"{sign} {limit}")
    return ", ".join(words)


def _form(metadata: Sequence[object]) -> str:
    """Name the form of a text by its validators, "" where it has none of ours."""
    found = (form for annotation, form in FORMS.items() if all(each in metadata for each in get_args(annotation)[1:]))
    return next(found, "")


def _type_words(annotation: object) -> str:
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return _form(metadata) or _type_words(inner)
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{_toml(value)}`" for value in get_args(annotation))
    if get_origin(annotation) is tuple:
        return f"list of {_type_words(get_args(annotation)[0])}"
    plain = {str: "text", int: "number", float: "number", bool: "true or false", Path: "file"}
    for kind, words in plain.items():
        if annotation is kind or kind in get_args(annotation):
            return words
    names = {getattr(part, "__name__", "") for part in (annotation, *get_args(annotation))}
    return "network" if any("Network" in name for name in names) else "text"


if __name__ == "__main__":
    text = rewritten(DOCUMENT.read_text(encoding="utf-8"))
    if "--check" in sys.argv:
        sys.exit(text != DOCUMENT.read_text(encoding="utf-8"))
    DOCUMENT.write_text(text, encoding="utf-8")
