"""The spoofing cases of the shared conformance set: their messages, signed where they say so, and their names."""

import base64
import json
from pathlib import Path
from typing import Any

from identity_world import rsa_record, signed


def spoof_cases(path: Path) -> list[tuple[str, Any]]:
    """Every case with its id."""
    return [(case["id"], case) for case in json.loads(path.read_text(encoding="utf-8"))]


def zone_of(case: dict[str, Any]) -> dict[str, Any]:
    """What DNS says in a case; the key of its signature too."""
    zone = dict(case["dns"])
    if how := case["dkim"]:
        tags = "v=DKIM1; t=y; " if how.get("t") == "y" else "v=DKIM1; "
        zone[f"{how['s']}._domainkey.{how['d']}"] = {"TXT": [rsa_record(tags=tags)]}
    return zone


def raw_of(case: dict[str, Any]) -> bytes:
    """The message of a case, signed where it is to be."""
    raw = base64.b64decode(case["message_b64"])
    if not (how := case["dkim"]):
        return raw
    tags = {name: str(value) for name, value in how.items() if name in {"a", "x"}}
    return signed(raw, how["d"], how["s"], tags=tags)
