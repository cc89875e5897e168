"""A reload of a running gateway: new settings, and nothing that has to stay goes."""

import pytest
from running import Running

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


def test_the_embedded_store_lives_through_a_reload(running: Running) -> None:
    """SIGHUP is for those that read the configuration; the store keeps its process."""
    running.wait_for(lambda: len(running.children("lw:store")) == 1, "the store")
    courier, store = running.children("lw:courier")[0], running.children("lw:store")[0]
    running.hang_up()
    running.wait_for(lambda: running.children("lw:courier") not in ([], [courier]), "a courier with the new settings")
    assert running.children("lw:store") == [store]
    assert running.stop() == 0
