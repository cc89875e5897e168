"""`python -m bench.watching`: what rules on trial cost once a message is answered, in processor time, and in the store.

Messages are judged by the shipped policy while the site only observes, so that nearly every rule is on trial. Counting
happens after the reply: "seeing" is what each message adds at once, "writing" its share of the write each second.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import Author, raw_messages
from listward.config.load import load
from listward.config.site import Site
from listward.filters.identity.roster import SiteRosters
from listward.filters.judge import Judge
from listward.filters.judgement import Judgement
from listward.filters.learner import SpamModel
from listward.filters.policy.trial import trial_of
from listward.filters.probes import Probes
from listward.filters.transaction import Client, Listener, Transaction
from listward.gateway.course import Fate
from listward.gateway.observing import Watched
from listward.queue.store.connect import Store, connect, store_folder
from listward.queue.store.embedded import EmbeddedServer
from listward.queue.store.observations import Observation

LIST, AUTHOR = "news@lists.party.example", Author("mail.example", "news@lists.party.example")
FATES = {LIST: Fate.RELAYED}
SITE = """
[organisation]
name = "Party"
domains = ["party.example"]
[gateway]
[policy]
mode = "observe"
[store]
path = "{folder}"
[[list]]
address = "news@lists.party.example"
zone = "public"
next_hop = "lmtp://127.0.0.1:8024"
tuners = ["tuner@party.example"]
"""


class _Nobody:
    """A resolver that knows nothing: everybody is a stranger, whom most rules concern."""

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Nothing."""
        return ()

    def spent(self) -> None:
        """Nobody counts here."""

    async def exists(self, name: str) -> bool:
        """Every domain is there."""
        return True

    def remembered(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Nothing."""
        return ()


@dataclass(frozen=True)
class Cost:
    """Processor microseconds a message; `firing` is the share of messages with an example, `calls` those of a write."""

    judging_us: float
    seeing_us: float
    writing_us: float
    firing: float
    calls: int
    rules: int


async def cost(messages: int, folder: Path) -> Cost:
    """Measure on so many messages. Needs redis-server or valkey-server."""
    (folder / "site.toml").write_text(SITE.format(folder=folder / "state"))
    configuration = load(folder)
    site, policy = configuration.site, configuration.policy
    judge = Judge(site, policy, SpamModel.load_default(), Probes(_Nobody(), SiteRosters(site)))
    began = time.process_time()
    judged = [await judge.judge(_transaction(raw)) for _, raw in raw_messages(1, messages, AUTHOR)]
    judging = time.process_time() - began
    watched, now = Watched(site, policy), time.time()
    began = time.process_time()
    seen = [one for judgement in judged for one in watched.seen(judgement, now, FATES)]
    seeing = time.process_time() - began
    writing, calls = await _written(site, seen)
    return Cost(
        judging / messages * 1e6,
        seeing / messages * 1e6,
        writing / messages * 1e6,
        _firing(judged),
        calls,
        len(trial_of(policy, observing=True).watched),
    )


async def _written(site: Site, seen: Sequence[Observation]) -> tuple[float, int]:
    """Seconds of processor time of this process to write all at once, and how many commands that takes."""
    with EmbeddedServer(store_folder(site)):
        store = connect(site)
        await store.observations.observed(seen[:1])
        before = await _calls(store)
        began = time.process_time()
        await store.observations.observed(seen)
        spent = time.process_time() - began
        calls = await _calls(store) - before
        await store.close()
    return spent, calls


async def _calls(store: Store) -> int:
    """How many functions the store has run, and keys it has set."""
    found = await store.lanes.one("any", "INFO", "commandstats")
    return sum(found.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("fcall", "set"))


def _transaction(raw: bytes) -> Transaction:
    return Transaction("1", Listener.INGRESS, Client("198.51.100.7"), "x@mail.example", (LIST,), raw, time.time())


def _firing(judged: Sequence[Judgement]) -> float:
    return sum(bool(judgement.watched) for judgement in judged) / max(1, len(judged))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=500)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(cost(wanted.messages, Path(folder)))
    print(f"{wanted.messages} messages, {found.rules} rules on trial, {found.firing:.0%} of the messages met one")
    print(f"judging, for comparison: {found.judging_us:.0f} us a message")
    print(f"seeing: {found.seeing_us:.1f} us a message; writing: {found.writing_us:.1f} us a message")
    print(f"one write of all of them: {found.calls} commands to the store")


if __name__ == "__main__":
    main()
