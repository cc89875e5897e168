"""A chain crosses from the reader to the worker as it was read, within the bound of an answer."""

from arc_world import keys, said, sealed
from messages import build
from reader_process import MODEL, TERMS, Readers, job
from static_dns import StaticResolver

from listward.filters.identity.arc import NO_CHAIN, check_chain
from listward.filters.identity.arc_evidence import SETS
from listward.filters.message.parse import parse_message
from listward.filters.reading import read
from listward.gateway.reader.wire import LENGTH_OCTETS, MOST_ANSWER, decode_reading, encode_reading


async def test_a_reader_sends_what_a_key_can_confirm() -> None:
    """Without a chain nothing; with one all that is needed to verify it."""
    with Readers() as readers:
        client = readers.client()
        assert (await client.read(job(build()))).claims.chain == NO_CHAIN
        chain = (await client.read(job(sealed(sealed(build()))))).claims.chain
        client.close()
    results = chain.sets[0].results
    assert results is not None
    assert [result.method for result in results.results] == ["spf", "dmarc"]
    assert (await check_chain(chain, StaticResolver(keys("relay.example")))).result == "pass"


def test_the_longest_chain_fits() -> None:
    """As many sets as are looked at, each with as many results as are read."""
    raw = build()
    for _ in range(SETS):
        raw = sealed(raw, results=said() + "; a=b" * 700)
    reading = read(parse_message(raw), 1_795_000_000.0, TERMS.context, MODEL)
    frame = encode_reading(reading)
    assert len(frame) < MOST_ANSWER / 2
    assert decode_reading(frame[LENGTH_OCTETS:]).claims.chain == reading.claims.chain
    assert len(reading.claims.chain.sets) == SETS
    assert all(each.results is not None for each in reading.claims.chain.sets)
