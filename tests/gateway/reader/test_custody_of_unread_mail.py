"""A message that kills its readers: the sender keeps it twice, then a person looks; nobody else's mail is touched."""

from dataclasses import replace

from gateway_fakes import BOARD, NEWS, Rig, message
from policy_bench import probes
from reader_process import HOSTILE, MODEL, Readers

from listward.filters.judge import Judge
from listward.gateway.reader.judging import ReadingJudge, terms_for


async def test_the_third_try_is_held() -> None:
    """451, 451, and a hold whose reason says that the check failed; the store has the whole message."""
    with Readers(HOSTILE) as readers:
        async with Rig() as rig:
            judge = Judge(rig.site, rig.policy, MODEL, probes())
            reads = ReadingJudge(judge, readers.client(), terms_for(rig.site, judge, MODEL))
            rig.snapshot = replace(rig.snapshot, judge=reads)
            for expected in (451, 451, 250):
                code, text = await rig.send(message(subject="die", message_id="<bad@home.example>"), NEWS)
                assert code == expected, text
                code, text = await rig.send(
                    message(message_id=f"<good{expected}{len(rig.news.messages)}@x.example>"), NEWS
                )
                assert code == 250, text
            assert [reason.rule for reason in rig.cases.drafts[0].reasons] == ["filter-failed"]
            assert len(rig.cases.drafts) == 1
            assert BOARD not in {draft.list for draft in rig.cases.drafts}
