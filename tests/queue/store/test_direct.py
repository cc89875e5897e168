"""Single commands: tried again where a kept connection had gone, but not what may not be done twice."""

from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from listward.queue.store.direct import Direct
from listward.queue.store.ports import StoreUnavailable


class Line:
    """A client whose connections have gone so many times."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asked = 0

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Raise what was given, then answer."""
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


async def test_a_kept_connection_that_had_gone_is_made_anew() -> None:
    """The store was started again between two uses: nobody has to hear of it."""
    line = Line(RedisConnectionError("closed"))
    assert await Direct(line, "away")("GET", "key") == "answer"


@pytest.mark.parametrize("command", [("INCR", "k"), ("DECR", "k"), ("SET", "k", "1", "EX", 60, "NX")])
async def test_what_may_have_been_done_is_not_done_again(command: tuple[str | int, ...]) -> None:
    """A count would be one too high, and who was first would hear that somebody else was."""
    line = Line(RedisConnectionError("closed"))
    with pytest.raises(StoreUnavailable, match="away"):
        await Direct(line, "away")(*command)
    assert line.asked == 1


@pytest.mark.parametrize("errors", [(RedisConnectionError("a"), OSError("b")), (ResponseError("no permission"),)])
async def test_what_stays_wrong_is_said_in_our_own_words(errors: tuple[Exception, ...]) -> None:
    """The library's texts name keys and hosts."""
    with pytest.raises(StoreUnavailable, match=r"^away$"):
        await Direct(Line(*errors), "away")("GET", "key")
