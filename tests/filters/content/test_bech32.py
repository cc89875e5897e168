"""Bech32 and bech32m: the vectors of BIP 173 and BIP 350."""

import pytest

from listward.filters.content.bech32 import is_segwit_address

VALID = (
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    "BC1SW50QGDZ25J",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
)
INVALID = (
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",  # taproot by bech32 instead of bech32m
    "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",  # "o" is no letter of the alphabet
    "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",  # witness version 17
    "bc1pw5dgrnzv",  # program of one byte
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",  # 41 bytes
    "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",  # version 0 with 16 bytes
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",  # padding of more than four bits
    "bc1gmk9yu",  # no program at all
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",  # one letter wrong
    "bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",  # mixed case
    "",
    "1",
    "q" * 100,
)


@pytest.mark.parametrize("address", VALID)
def test_valid_address(address: str) -> None:
    """Every valid address of the two standards is one."""
    assert is_segwit_address(address)


@pytest.mark.parametrize("address", INVALID)
def test_invalid_address(address: str) -> None:
    """An address with any one fault is none."""
    assert not is_segwit_address(address)


def test_other_chain_is_not_bitcoin() -> None:
    """The test network's addresses are valid only under their own prefix."""
    address = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"
    assert not is_segwit_address(address)
    assert is_segwit_address(address, prefix="tb")
