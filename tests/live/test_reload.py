"""A reload of a running gateway: new settings, and nothing that has to stay goes."""

import pytest
from running import Running

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


def test_the_embedded_store_lives_through_a_reload(running: Running) -> None:
    """The store keeps its process, and so does whoever takes up the new settings."""
    running.wait_for(lambda: len(running.children("lw:store")) == 1, "the store")
    courier, store = running.children("lw:courier")[0], running.children("lw:store")[0]
    running.hang_up()
    running.wait_for(lambda: "config-loaded" in running.log(), "a gateway with the new settings")
    assert running.children("lw:store") == [store]
    assert running.children("lw:courier") == [courier]
    assert running.stop() == 0
