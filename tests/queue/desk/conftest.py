"""A desk with its people, and clients that are logged in."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_world import World, browser, log_in
from starlette.testclient import TestClient


@pytest.fixture
async def world() -> World:
    """A desk with one user of each kind."""
    made = World()
    await made.people()
    return made


@pytest.fixture
def enter(world: World) -> Callable[..., TestClient]:
    """Log a person in and return the browser."""

    def entered(address: str = "mod@party.example", app: Any = None) -> TestClient:
        client = browser(app or world.app())
        assert log_in(client, address).status_code == 303
        return client

    return entered
