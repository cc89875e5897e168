"""The plainest next hop for tests: takes everything and remembers it.

async with sink() as hop:              # or sink("lmtp"), or sink(unix_path=tmp_path / "s")
    ... deliver to hop.hop or hop.url ...
    await hop.wait_for(1)
    assert hop.messages[0].recipients == ("board@party.test",)
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from scripted_hop import ScriptedHop


@asynccontextmanager
async def sink(protocol: str = "smtp", *, unix_path: Path | None = None, port: int = 0) -> AsyncIterator[ScriptedHop]:
    """Run a hop that accepts all; see ScriptedHop for what it remembers and how to make it fail after all."""
    async with ScriptedHop(protocol, unix_path=unix_path, port=port) as hop:
        yield hop
