"""A heart beats while its loop turns."""

import asyncio

from listward.runtime.heartbeat import Heartbeat


async def test_it_beats_at_once_and_again_until_its_end() -> None:
    """The first beat says that the process serves; after the end there is none."""
    beats: list[None] = []
    third = asyncio.Event()

    def say() -> None:
        beats.append(None)
        if len(beats) == 3:
            third.set()

    heart = Heartbeat(say, every_s=0.001)
    assert len(beats) == 1
    await third.wait()
    heart.end()
    count = len(beats)
    await asyncio.sleep(0.01)
    assert len(beats) == count
