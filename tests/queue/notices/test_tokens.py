"""Tokens in questions: random, bound to one case, one person and one way, kept as hashes only, and gone in time."""

import hashlib
import re

import pytest
from memory_redis import MemoryRedis

from listward.queue.notices.tokens import Tokens, Way
from listward.queue.store.ports import StoreUnavailable

ANA = "Ana@home.example"


@pytest.fixture
def redis() -> MemoryRedis:
    """A store."""
    return MemoryRedis()


async def test_a_token_names_its_case_and_its_person(redis: MemoryRedis) -> None:
    """And nobody else; case makes no difference to either."""
    tokens = Tokens(redis)
    token = await tokens.issue("10008", ANA, Way.LINK, 60)
    found = await tokens.question(token.upper(), Way.LINK)
    assert found is not None
    assert (found.number, found.way) == ("10008", Way.LINK)
    assert found.is_to("ana@HOME.example")
    assert not found.is_to("ana@other.example")


async def test_tokens_have_128_random_bits_and_never_repeat(redis: MemoryRedis) -> None:
    """Also for the same case."""
    made = {await Tokens(redis).issue("10008", ANA, Way.LINK, 60) for _ in range(200)}
    assert len(made) == 200
    assert {len(token) for token in made} == {32}


async def test_neither_token_nor_address_is_kept(redis: MemoryRedis) -> None:
    """Who reads the store can answer nothing."""
    token = await Tokens(redis).issue("10008", ANA, Way.LINK, 60)
    assert token not in f"{redis.dump} {redis.keys}"
    assert "home.example" not in redis.dump.lower()


async def test_who_was_asked_cannot_be_tried_out_on_the_store(redis: MemoryRedis) -> None:
    """Only people of the roster are asked: what is kept of two addresses differs by the token, not by the address."""
    for _ in range(2):
        await Tokens(redis).issue("10008", ANA, Way.LINK, 60)
    assert hashlib.sha256(ANA.lower().encode()).hexdigest() not in redis.dump
    kept = re.findall(r'"person": "([0-9a-f]+)"', redis.dump)
    assert len(set(kept)) == len(kept) == 2


async def test_a_token_answers_in_one_way_only(redis: MemoryRedis) -> None:
    """What stands in an address opens no page, and what stands in a link confirms no mail."""
    tokens = Tokens(redis)
    link = await tokens.issue("10008", ANA, Way.LINK, 60)
    reply = await tokens.issue("10008", ANA, Way.REPLY, 60)
    assert await tokens.question(link, Way.REPLY) is None
    assert await tokens.question(reply, Way.LINK) is None


async def test_a_token_ends_when_spent_and_by_itself(redis: MemoryRedis) -> None:
    """After that it is as if it had never been."""
    tokens = Tokens(redis)
    spent, old = [await tokens.issue("10008", ANA, Way.LINK, 60) for _ in range(2)]
    await tokens.spend(spent, Way.LINK)
    assert await tokens.question(spent, Way.LINK) is None
    redis.now = 61
    assert await tokens.question(old, Way.LINK) is None


@pytest.mark.parametrize("token", ["", "0" * 32, "../x", "\udcff", "é" * 40, "x" * 5000])
async def test_other_text_is_no_token(redis: MemoryRedis, token: str) -> None:
    """Whatever somebody writes into the link."""
    assert await Tokens(redis).question(token, Way.LINK) is None


async def test_a_store_that_is_away_is_said(redis: MemoryRedis) -> None:
    """So that the page says "try again" and the letter waits."""
    redis.away = True
    with pytest.raises(StoreUnavailable):
        await Tokens(redis).issue("10008", ANA, Way.LINK, 60)
