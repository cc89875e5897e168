"""Turns pydantic's errors into plain words that name what is allowed."""

from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_NUMBERS = {
    "int_parsing": "such as 3",
    "int_type": "such as 3",
    "int_from_float": "a whole one, such as 3",
    "float_parsing": "such as 0.8",
    "float_type": "such as 0.8",
}
_BOUNDS = {
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
}


def plain_message(model: type[BaseModel], error: ErrorDetails) -> str:
    """Return one sentence without a full stop: what is wrong, and what is allowed where that is known."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return f"is not a known key; allowed: {', '.join(_keys_at(model, error['loc'][:-1]))}"
    if kind in {"literal_error", "enum"}:
        return f"{_shown(error['input'])} is not allowed; allowed: {_allowed(context.get('expected', ''))}"
    if kind == "value_error":
        return str(context["error"])
    if kind == "too_short":
        return f"needs at least {context['min_length']} entry"
    if kind == "string_pattern_mismatch":
        return (
            f"{_shown(error['input'])} is not a name; allowed: small letters, digits and hyphens, such as first-posts"
        )
    if kind == "tuple_type":
        return f'{_shown(error["input"])} is not a list; allowed: a list such as ["one", "two"]'
    if message := _plain_value(model, error):
        return message
    message = error["msg"].replace("Input should be", "it should be").replace("Tuple should have", "it should have")
    return f"{_shown(error['input'])} does not fit: {_lower_first(message)}"


def _plain_value(model: type[BaseModel], error: ErrorDetails) -> str:
    """What is wrong with a table or a number, "" where it is neither."""
    kind, context, shown = error["type"], error.get("ctx", {}), _shown(error["input"])
    if kind in {"model_type", "dict_type"}:
        keys = ", ".join(_keys_at(model, error["loc"]))
        return f"{shown} is not a table; allowed: {{ key = value }}{f' with {keys}' if keys else ''}"
    if kind in _NUMBERS:
        return f"{shown} is not a number that fits; allowed: {_NUMBERS[kind]}, without quotation marks"
    if kind in _BOUNDS:
        relation, name = _BOUNDS[kind]
        return f"{shown} is out of bounds; allowed: {relation} {context[name]:g}"
    return ""


def _allowed(expected: str) -> str:
    if expected == "''":
        return 'only "", because it is not served yet'
    return expected.lower() if expected in {"True", "False"} else expected


def _shown(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)  # as TOML writes it
    return text if len(text) <= 60 else f"{text[:57]}..."


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Return the keys a table allows, following the path through nested models."""
    current: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, int):
            continue
        current = _nested(current, part) if current else None
    if current is None:
        return []
    return [field.alias or name for name, field in current.model_fields.items() if field.exclude is not True]


def _nested(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    field = next((field for name, field in model.model_fields.items() if (field.alias or name) == key), None)
    return _model_in(field.annotation) if field else None


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
