"""A judgement as `check --json` and `replay --json` print it."""

from typing import Any

from listward.filters.judgement import Judgement
from listward.filters.verdict_json import verdict_json


def as_json(path: str, judgement: Judgement, explain: bool = False) -> dict[str, Any]:
    """Return the object for one message of a file; `explain` adds every rule tried for each recipient."""
    return {"path": path, **verdict_json(judgement, explain)}
