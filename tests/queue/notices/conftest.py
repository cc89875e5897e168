"""Notices with everything configured, or with other tables."""

from collections.abc import Callable
from typing import Any

import pytest
from notices_world import Post, notice_site


@pytest.fixture
def post() -> Post:
    """Notices of a site with everything configured."""
    return Post()


@pytest.fixture
def make_post() -> Callable[..., Post]:
    """Make notices of a site with other tables."""

    def made(rosters: Any = None, **changes: Any) -> Post:
        return Post(site=notice_site(**changes), rosters=rosters)

    return made
