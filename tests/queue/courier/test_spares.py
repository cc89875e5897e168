"""Releases go to whichever server of the list answers, and never to a second one after the first may have it."""

from courier_world import World
from scripted_hop import Drop, Say, ScriptedHop

from listward.config.site import Site
from listward.queue.cases.case import CaseState


def with_spare(world: World, spare: ScriptedHop) -> Site:
    """The configuration with a second server behind every list."""
    both = f"{world.hop.url} {spare.url}"
    lists = tuple(entry.model_copy(update={"next_hop": both}) for entry in world.site.lists)
    return world.site.model_copy(update={"lists": lists})


async def test_a_release_goes_to_the_server_that_answers(world: World) -> None:
    """Also where the case was held before the second server stood in the configuration."""
    async with ScriptedHop() as spare:
        world.hop.on("CONNECT", Say("421 4.3.2 closing"))
        case = await world.released()
        world.clock.turn(61)
        await world.once(world.courier(site=with_spare(world, spare)))
        assert (await world.now(case)).state is CaseState.DELIVERED
        assert (len(world.hop.messages), len(spare.messages)) == (0, 1)


async def test_a_lost_answer_is_not_tried_at_the_spare(world: World) -> None:
    """It waits, and is counted, as with one server."""
    async with ScriptedHop() as spare:
        world.hop.on("DOT", Drop(), times=1)
        case = await world.released(next_hop=f"{world.hop.url} {spare.url}")
        world.clock.turn(61)
        await world.once(world.courier(site=with_spare(world, spare)))
        found = await world.now(case)
        assert (found.state, found.unknowns) == (CaseState.RELEASED, 1)
        assert (len(world.hop.messages), spare.connections) == (1, 0)
