"""What one worker may take at once: connections, connections of one client, octets of messages."""

from collections import Counter

from listward.runtime.metrics import Metrics


class Bounds:
    """Counts of this worker. Limits are handed in with each question, so that a reload changes them at once."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._addresses: Counter[str] = Counter()
        self.connections = 0
        self.octets = 0

    def connect(self, most: int) -> bool:
        """Count one connection in; False when there are `most` already."""
        if self.connections >= most:
            self.hit("clients")
            return False
        self.connections += 1
        self._metrics.connections.inc()
        return True

    def disconnect(self) -> None:
        """Count one connection out."""
        self.connections -= 1
        self._metrics.connections.dec()

    def enter(self, address: str, most: int) -> bool:
        """Count one connection of this client in; False when it has `most` already."""
        if self._addresses[address] >= most:
            self.hit("clients_per_address")
            return False
        self._addresses[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count one connection of this client out."""
        self._addresses[address] -= 1
        if self._addresses[address] <= 0:
            del self._addresses[address]

    def has_room(self, octets: int, most: int) -> bool:
        """Whether that many octets more may be taken; counted when not."""
        if self.octets + octets > most:
            self.hit("inflight_bytes")
            return False
        return True

    def take(self, octets: int) -> None:
        """Count octets in."""
        self.octets += octets
        self._metrics.inflight_bytes.inc(octets)

    def give_back(self, octets: int) -> None:
        """Count octets out."""
        self.octets -= octets
        self._metrics.inflight_bytes.dec(octets)

    def hit(self, limit: str) -> None:
        """Count one refusal by a bound."""
        self._metrics.limits_hit.labels(limit).inc()
