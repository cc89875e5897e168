"""What it costs to prove an author can be measured by either standard."""

import pytest
from bench.identity import STANDARDS, cost_us

from listward.filters.identity.dmarc_standards import StandardName


@pytest.mark.parametrize("standard", STANDARDS)
async def test_the_measured_message_is_proven(standard: StandardName) -> None:
    """The message passes SPF, DKIM and DMARC, so that what is measured is the whole way."""
    assert await cost_us(standard, messages=2, rounds=1) > 0
