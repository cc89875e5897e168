"""Durations as people write them: "90s", "15m", "24h", "5d", or a number of seconds."""

import re
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_FORM = re.compile(r"([0-9]+)([smhd])")


def seconds(value: object) -> object:
    """Return seconds for a duration's text; leaves numbers alone. Raises ValueError saying what is allowed."""
    if not isinstance(value, str):
        return value
    match = _FORM.fullmatch(value.strip())
    if match is None:
        raise ValueError(f'{value!r} is not a duration; allowed: a number of seconds, or "90s", "15m", "24h", "5d"')
    return int(match[1]) * _UNITS[match[2]]


Duration = Annotated[float, BeforeValidator(seconds, json_schema_input_type=float | str)]
