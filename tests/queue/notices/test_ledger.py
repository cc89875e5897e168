"""The counts of notices: of whom they are is not to be found out from the store."""

import hashlib

from memory_redis import MemoryRedis
from notices_world import CODEC

from listward.queue.notices.ledger import NoticeLedger

ANA = "Ana@home.example"
AT = 1_700_000_000.0


async def test_whose_a_count_is_cannot_be_tried_out_on_the_store() -> None:
    """Only people of the roster are asked: so the names of keys are keyed, the same for one address in any case."""
    redis = MemoryRedis()
    ledger = NoticeLedger(redis, CODEC.lasting_name)
    assert await ledger.is_first(ANA, "one", AT)
    assert not await ledger.is_first(ANA.lower(), "two", AT)
    assert [await ledger.place(address, address, AT) for address in (ANA, ANA.lower())] == [0, 1]
    kept = f"{redis.dump} {redis.keys}".lower()
    assert "listward:{notices}:asked" in kept
    assert hashlib.sha256(ANA.lower().encode()).hexdigest()[:16] not in kept
