"""What one of ours sends from inside proves itself: its signatures are not even read. Everything else's are."""

from dataclasses import replace

import pytest
from identity_world import INSIDE, OUTSIDE, claims, signed, transaction
from messages import build
from policy_bench import make_policy, make_site, probes
from reader_process import BOUNDS, MODEL, Readers

from listward.filters.identity.origins import inside_proof
from listward.filters.judge import Judge
from listward.filters.reading import Reading
from listward.filters.transaction import Listener
from listward.gateway.reader.judging import ReadingJudge
from listward.gateway.reader.reads import Job, ReadingTerms, Reads, ReadsHere
from listward.wire.payload import Payload

ORGANISATION = {
    "name": "The Example Party",
    "domains": ["party.example"],
    "internal_domains": ["inside.party.example"],
    "internal_networks": ["10.0.0.0/8"],
}
SITE = make_site(organisation=ORGANISATION)
JUDGE = Judge(SITE, make_policy({}), MODEL, probes())
AUTHORS = (
    "ana@party.example",
    "Ana@PARTY.example",
    "ana@inside.party.example",
    "ana@below.party.example",
    "board@party.example",
    "appeal@party.example",
    "ben@mail.example",
    "ana@party.example, ben@mail.example",
)


class Remembered:
    """Reads through readers, and keeps what they said."""

    def __init__(self, inner: Reads) -> None:
        self.inner = inner
        self.readings: list[Reading] = []

    async def read(self, job: Job) -> Reading:
        """Return what is in the message."""
        self.readings.append(await self.inner.read(job))
        return self.readings[-1]

    def close(self) -> None:
        """Hang up."""
        self.inner.close()


@pytest.mark.parametrize("filler", ["", "word " * 100_000], ids=["ordinary", "large"])
async def test_signatures_are_read_where_they_can_count(filler: str) -> None:
    """A reader leaves out exactly the signatures of mail that `inside_proof` believes without them."""
    with Readers() as readers:
        reads = Remembered(readers.client())
        judge = ReadingJudge(JUDGE, reads, ReadingTerms(JUDGE.context, MODEL, BOUNDS))
        for author in AUTHORS:
            raw = signed(build(from_=author, text=f"Hello.\n{filler}"))
            for turn in (
                transaction(b"", address=INSIDE),
                transaction(b"", address=OUTSIDE),
                transaction(b"", address=None),
                transaction(b"", address=INSIDE, listener=Listener.SUBMISSION),
            ):
                await judge.judge(turn, Payload(raw))
                believed = bool(inside_proof(claims(raw).author, turn, SITE))
                assert (reads.readings[-1].claims.signatures == ()) is believed
    assert any(reading.claims.signatures for reading in reads.readings)
    assert not all(reading.claims.signatures for reading in reads.readings)


class Belittling(Remembered):
    """Says of every message that it has one octet."""

    async def read(self, job: Job) -> Reading:
        """Return what is in the message, but for its size."""
        said = await self.inner.read(job)
        return replace(said, facts=replace(said.facts, size=1))


async def test_the_size_is_what_was_received() -> None:
    """No reader talks a message below the bound of a rule on its size."""
    belittling = ReadingJudge(JUDGE, Belittling(ReadsHere()), ReadingTerms(JUDGE.context, MODEL, BOUNDS))
    payload = Payload(build(text="word " * 500))
    assert (await belittling.judge(transaction(b"", address=INSIDE), payload)).facts.size == len(payload)
