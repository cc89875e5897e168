"""JSON Schema of the TOML files, from the models that read them, so that editors complete and check what one writes."""

import json
from pathlib import Path
from typing import Any

from listward.config import catalogue
from listward.config.names import NAMES
from listward.config.policy import Policy
from listward.config.policy_files import INCLUDE
from listward.config.site import Site
from listward.config.table import Table

DRAFT = "https://json-schema.org/draft/2020-12/schema"
# What is not written in the file itself: it comes from beside it.
_INCLUDE = 'files whose rules come after those of this one; "shipped" is the policy that ships'
_CLAUSES = 'files whose clauses come after those of this one; "shipped" are the clauses that ship'
_NAMES = 'values that rules share: a condition that says "$boards" means all that boards lists here'
_NOT_WRITTEN = frozenset({"directory", "payees", "phrases", "digest"})


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each file by the file's stem: site, policy and clauses."""
    policy = _schema(Policy)
    policy["properties"][INCLUDE] = {"type": "array", "items": {"type": "string"}, "description": _INCLUDE}
    policy["properties"][NAMES] = {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "description": _NAMES,
    }
    _suggest(policy["$defs"]["Conditions"]["properties"])
    _name(policy["$defs"]["Conditions"]["properties"])
    policy["required"] = []
    included = {"type": "array", "items": {"type": "string"}, "description": _CLAUSES}
    properties = {INCLUDE: included, "clause": policy["properties"].pop("clause")}
    clauses = {**policy, "properties": properties, "required": []}
    policy = {**policy, "$defs": {name: each for name, each in policy["$defs"].items() if name != "Clause"}}
    return {"site": _schema(Site), "policy": policy, "clauses": _without_unused(clauses)}


def _suggest(conditions: dict[str, Any]) -> None:
    """Have editors complete what the checks find; names that a policy or a later release makes are right too."""
    for key, names in (("finding", catalogue.NAMES), ("category", catalogue.CATEGORIES)):
        every = sorted(names | catalogue.LATER[key])
        conditions[key]["items"] = {"anyOf": [{"enum": every}, {"type": "string"}]}


def _name(conditions: dict[str, Any]) -> None:
    """Have editors take a shared name wherever only certain values are right."""
    for condition in conditions.values():
        if "enum" in condition.get("items", {}):
            condition["items"] = {"anyOf": [condition["items"], {"type": "string", "pattern": r"^\$"}]}


def write_schemas(directory: Path) -> tuple[Path, ...]:
    """Write site.schema.json and its like into a folder and return their paths. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in schemas().items():
        path = directory / f"{name}.schema.json"
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(path)
    return tuple(written)


def _schema(model: type[Table]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    schema["properties"] = {name: value for name, value in schema["properties"].items() if name not in _NOT_WRITTEN}
    return {"$schema": DRAFT, **_untitled(schema)}


def _untitled(value: Any) -> Any:
    """Leave out the titles, which only repeat the keys; a key that is called title stays."""
    if isinstance(value, list):
        return [_untitled(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {key: each for key, each in value.items() if key != "title" or not isinstance(each, str)}
    return {key: _untitled(each) for key, each in kept.items()}


def _without_unused(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out the definitions that nothing refers to."""
    text = json.dumps(schema["properties"])
    used = {name: value for name, value in schema["$defs"].items() if f"#/$defs/{name}" in text}
    return {**schema, "$defs": used}
