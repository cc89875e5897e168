"""What rules on trial cost can be measured."""

from pathlib import Path

from bench.watching import cost


async def test_most_messages_meet_a_rule_and_one_write_takes_them_all(tmp_path: Path) -> None:
    """So that what is measured is the dear way; a write of one list and day is one command."""
    found = await cost(20, tmp_path)
    assert found.firing > 0.5
    assert found.calls == 1
    assert found.seeing_us > 0
