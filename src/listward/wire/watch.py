"""What a pool tells of its next hops, for whoever counts, logs or announces it. Does nothing by itself."""

from listward.wire.capabilities import Capabilities
from listward.wire.hop import Hop


class Watch:
    """Override what is wanted. Nothing here may raise or wait."""

    def learnt(self, hop: Hop, capabilities: Capabilities) -> None:
        """A connection was opened, and this is what the server offered on it."""

    def changed(self, hop: Hop, up: bool, why: str) -> None:
        """A server was set aside, or is back. `why` is our own words, never the server's."""

    def waited(self, hop: Hop) -> None:
        """A message has to wait for a connection: `max_connections` are at work."""
