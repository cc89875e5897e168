"""Judges a message that is read elsewhere: the gateway's own half of judgement."""

from dataclasses import dataclass, replace

from listward.config.site import Site
from listward.filters.identity.origins import is_from_inside
from listward.filters.judge import Judge
from listward.filters.judgement import Judgement
from listward.filters.learner import SpamModel
from listward.filters.transaction import Transaction
from listward.gateway.reader.reads import Job, ReadingBounds, ReadingTerms, Reads
from listward.wire.payload import Payload


@dataclass(frozen=True, slots=True)
class ReadingJudge:
    """One configuration's judge, and the readers that every configuration shares."""

    judge_read: Judge
    reads: Reads
    terms: ReadingTerms

    async def judge(self, transaction: Transaction, payload: Payload) -> Judgement:
        """Have the message read and judge it. Raises Unread where nobody could read it."""
        source = transaction.client.address or ""
        inside = is_from_inside(transaction, self.judge_read.site)
        job = Job(transaction.id, payload, transaction.received_at, self.terms, source, inside)
        reading = await self.reads.read(job)
        # What was received is counted here: a rule on the size hangs on no word of a reader.
        reading = replace(reading, facts=replace(reading.facts, size=len(payload)))
        return await self.judge_read.conclude(transaction, reading)


def terms_for(site: Site, judge: Judge, model: SpamModel) -> ReadingTerms:
    """Return what messages of a configuration are read by."""
    gateway = site.gateway
    bounds = ReadingBounds(
        cpu_s=gateway.read_cpu_s,
        large_cpu_s=gateway.read_large_cpu_s,
        large_octets=gateway.read_large_bytes,
        wall_s=4 * gateway.read_cpu_s,
        large_wall_s=gateway.judge_deadline_s,
    )
    return ReadingTerms(judge.context, model, bounds)
