"""Rosters from Mailman to the store: only what is whole and believable replaces the copy, and trouble is said once."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from courier_world import Log
from fake_mailman import PASSWORD, Answer, FakeMailman, serving
from store_world import LIST, HandClock

from listward.config.proof import Mailman
from listward.config.site import MailingList, Site
from listward.filters.identity.origin import Role
from listward.queue.courier import rosters as rounds
from listward.queue.courier.asides import aside
from listward.queue.courier.courier import Courier
from listward.queue.courier.mailman.asking import Asker
from listward.queue.courier.mailman.trouble import Kind
from listward.queue.courier.roster_sync import BELIEVE_LOSS_S, Outcome, Result, RosterSync
from listward.queue.store.connect import Store
from listward.queue.store.names import ListKeys
from listward.runtime.metrics import Metrics
from listward.wire.limits import Limits
from listward.wire.pool import Pool


@dataclass
class World:
    """A Mailman with one list, the store, and a clock turned by hand."""

    mailman: FakeMailman
    store: Store
    site: Site
    clock: HandClock
    metrics: Metrics = field(default_factory=Metrics)
    log: Log = field(default_factory=Log)

    @property
    def board(self) -> MailingList:
        return self.site.lists[0]

    def sync(self, owner: str = "one") -> RosterSync:
        asker = Asker(self.site, self.clock.monotonic)
        return RosterSync(asker, self.store.rosters, self.store.agenda, self.clock, owner)

    def rounds(self) -> rounds.RosterRounds:
        return rounds.RosterRounds(self.store, self.site, "one", self.clock, self.metrics, self.log)

    async def copy(self) -> dict[str, Role] | None:
        found = await self.store.rosters.read(LIST)
        return {entry.address: entry.role for entry in found[1].people()} if found else None

    async def agreed_at(self) -> float:
        return (await self.store.rosters.stamps([LIST]))[LIST].agreed_at

    def members(self, count: int) -> None:
        self.mailman.rosters["member"] = []
        for number in range(count):
            self.mailman.add(f"p{number}@m.example")

    def counted(self, result: Result) -> float:
        return self.metrics.registry.get_sample_value("listward_roster_syncs_total", {"result": result.value}) or 0.0


@pytest.fixture
def world(store: Store, site: Site, clock: HandClock, tmp_path: Path) -> Iterator[World]:
    """One list whose roster is that Mailman's."""
    mailman = FakeMailman()
    (tmp_path / "rest").write_text(f"{PASSWORD}\n", encoding="utf-8")
    with serving(mailman) as port:
        roster = f"mailman://127.0.0.1:{port}"
        board = MailingList(address=LIST, zone="members", next_hop="smtp://h:1", roster=roster)
        other = MailingList(address="members@party.example", zone="members", next_hop="smtp://h:1")
        table = Mailman(user="rest", password_file=tmp_path / "rest")
        yield World(mailman, store, site.model_copy(update={"lists": (board, other), "mailman": table}), clock)


async def around(look: rounds.RosterRounds, lists: tuple[str, ...] = (LIST,)) -> None:
    """One round, to its end."""
    await look.look(lists)
    await asyncio.gather(*look.under_way.values())


async def test_a_list_comes_into_the_store(world: World) -> None:
    """Everybody, with roles, at the time of the question."""
    world.mailman.add("ann@m.example")
    world.mailman.add("ben@m.example", moderation_action="discard")
    assert await world.sync().look(world.board) == Outcome(Result.FRESH, people=1, joined=1)
    assert await world.copy() == {"ann@m.example": Role.MEMBER, "ben@m.example": Role.BANNED}
    assert await world.agreed_at() == world.clock.now()


async def test_an_unchanged_list_costs_a_glance(world: World) -> None:
    """A few small questions, no row, nothing written but the time."""
    world.members(5)
    sync = world.sync()
    await sync.look(world.board)
    name = (await world.store.rosters.stamps([LIST]))[LIST].copy
    sync._known[LIST].took_s = 10.0
    world.mailman.asked.clear()
    world.clock.turn(60)
    assert (await sync.look(world.board)).result is Result.SAME
    assert len(world.mailman.asked) == 8
    stamp = (await world.store.rosters.stamps([LIST]))[LIST]
    assert (stamp.copy, stamp.agreed_at) == (name, world.clock.now())


async def test_now_and_then_everybody_is_read_all_the_same(world: World) -> None:
    """Counts cannot show that one left and one joined; reading again takes a sixtieth of the time at most."""
    world.members(5)
    sync = world.sync()
    await sync.look(world.board)
    sync._known[LIST].took_s = 10.0
    world.mailman.remove("p0@m.example")
    world.mailman.add("new@m.example")
    world.clock.turn(599)
    assert (await sync.look(world.board)).result is Result.SAME
    world.clock.turn(1)
    assert await sync.look(world.board) == Outcome(Result.FRESH, people=5, joined=1, left=1)


async def test_a_changed_count_is_read_soon(world: World) -> None:
    """A large list that changes all the time is read no oftener than a tenth of the time allows."""
    world.members(5)
    sync = world.sync()
    await sync.look(world.board)
    sync._known[LIST].took_s = 10.0
    world.mailman.add("new@m.example")
    world.clock.turn(99)
    before = await world.agreed_at()
    assert (await sync.look(world.board)).result is Result.LATER
    assert await world.agreed_at() == before
    world.clock.turn(1)
    assert (await sync.look(world.board)).joined == 1


async def test_a_sudden_loss_is_not_believed_for_an_hour(world: World) -> None:
    """The copy stays and grows old; when Mailman has said so for an hour, it is so."""
    world.members(40)
    sync = world.sync()
    await sync.look(world.board)
    began = world.clock.now()
    world.members(19)
    for _ in range(2):
        world.clock.turn(60)
        assert await sync.look(world.board, whole=True) == Outcome(Result.DOUBTED, people=19)
    assert len(await world.copy() or ()) == 40
    assert await world.agreed_at() == began
    world.clock.turn(BELIEVE_LOSS_S)
    assert (await world.sync("another").look(world.board)).left == 21
    assert len(await world.copy() or ()) == 19


async def test_a_loss_that_heals_begins_anew(world: World) -> None:
    """Yesterday's doubt does not make today's loss credible."""
    world.members(40)
    sync = world.sync()
    await sync.look(world.board)
    world.members(0)
    assert (await sync.look(world.board, whole=True)).result is Result.DOUBTED
    world.members(40)
    assert (await sync.look(world.board, whole=True)).result is Result.SAME
    world.clock.turn(2 * BELIEVE_LOSS_S)
    world.members(0)
    assert (await sync.look(world.board, whole=True)).result is Result.DOUBTED


async def test_a_person_can_accept_a_loss(world: World) -> None:
    """Somebody who knows that the list was emptied says so."""
    world.members(40)
    sync = world.sync()
    await sync.look(world.board)
    world.members(0)
    assert (await sync.look(world.board, whole=True, accept=True)).left == 40
    assert await world.copy() == {}


async def test_small_lists_change_by_half_in_a_day(world: World) -> None:
    """Only emptiness is strange there."""
    world.members(6)
    sync = world.sync()
    await sync.look(world.board)
    world.members(2)
    assert (await sync.look(world.board, whole=True)).result is Result.FRESH
    world.members(0)
    assert (await sync.look(world.board, whole=True)).result is Result.DOUBTED


async def test_bans_are_no_people(world: World) -> None:
    """A list that lost everybody is empty, however many are banned there."""
    world.members(3)
    sync = world.sync()
    await sync.look(world.board)
    world.members(0)
    world.mailman.bans["list"] = ["a@x.example", "b@x.example", "c@x.example"]
    assert (await sync.look(world.board, whole=True)).result is Result.DOUBTED


def no_list(path: str) -> Answer:
    return Answer(404)


@pytest.mark.parametrize(
    ("mischief", "kind"),
    [
        (no_list, Kind.NO_LIST),
        (lambda path: Answer(500), Kind.SERVER_ERROR),
        (lambda path: Answer(body=b"{"), Kind.GARBAGE),
        (lambda path: Answer(500) if "bans" in path and "count=500" in path else None, Kind.SERVER_ERROR),
    ],
)
async def test_trouble_leaves_the_copy(world: World, mischief: Callable[[str], Answer | None], kind: Kind) -> None:
    """From the first question to the last: what is not whole replaces nothing."""
    world.members(3)
    sync = world.sync()
    await sync.look(world.board)
    world.members(2)
    world.mailman.mischief = mischief
    assert await sync.look(world.board, whole=True) == Outcome(Result.FAILED, trouble=kind)
    assert len(await world.copy() or ()) == 3


@pytest.mark.parametrize("content", [None, "", "wrong"])
async def test_the_password_is_read_each_time(world: World, content: str | None) -> None:
    """One that is gone, empty or wrong is told apart, and a mended one needs no restart."""
    path = world.site.mailman.password_file
    assert path is not None
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    sync = world.sync()
    expected = Kind.REFUSED if content else Kind.NO_PASSWORD
    assert (await sync.look(world.board)).trouble is expected
    path.write_text(PASSWORD, encoding="utf-8")
    assert (await sync.look(world.board)).trouble is None


async def test_one_at_a_time_over_all_couriers(world: World) -> None:
    """Whoever comes second is told, and asks Mailman nothing; afterwards the way is free."""
    first, second = world.sync("one"), world.sync("two")
    release, arrived = threading.Event(), threading.Event()

    def wait(path: str) -> None:
        arrived.set()
        release.wait(10)

    world.mailman.mischief = wait
    looking = asyncio.create_task(first.look(world.board))
    await aside(lambda: arrived.wait(10), "test")
    asked = len(world.mailman.asked)
    assert (await second.look(world.board)).result is Result.BUSY
    assert len(world.mailman.asked) == asked
    release.set()
    assert (await looking).result is Result.FRESH
    assert (await second.look(world.board)).result is Result.SAME


async def test_a_large_list_is_read_twice_at_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first reading has no copy to be checked against."""
    monkeypatch.setattr("listward.queue.courier.roster_sync.PAGE", 4)
    world.members(5)
    sync = world.sync()
    await sync.look(world.board)
    sync._known[LIST].took_s = 10.0
    world.mailman.asked.clear()
    await sync.look(world.board)
    assert any("count=500" in path for path in world.mailman.asked)
    sync._known[LIST].took_s = 10.0
    world.mailman.asked.clear()
    await sync.look(world.board)
    assert not any("count=500" in path for path in world.mailman.asked)


async def test_a_damaged_copy_is_written_anew(world: World) -> None:
    """What nobody can read is no copy."""
    world.members(3)
    sync = world.sync()
    await sync.look(world.board)
    name = (await world.store.rosters.stamps([LIST]))[LIST].copy
    await world.store.lanes.one(ListKeys(LIST).roster, "DEL", ListKeys(LIST).roster_pieces(name))
    assert (await sync.look(world.board, whole=True)).joined == 3
    assert len(await world.copy() or ()) == 3


async def test_a_copy_that_is_gone_is_written_anew(world: World) -> None:
    """A store that was replaced has no copy, and a glance at Mailman alone would never bring one."""
    world.members(3)
    sync = world.sync()
    await sync.look(world.board)
    sync._known[LIST].took_s = 10.0
    await world.store.lanes.one("any", "FLUSHALL")
    assert (await sync.look(world.board)).result is Result.FRESH
    assert len(await world.copy() or ()) == 3


async def test_trouble_is_said_once_and_so_is_its_end(world: World) -> None:
    """In one word, with the list; never an address, a name or the password."""
    world.mailman.add("ann@m.example", display_name="Ann Ito")
    world.mailman.bans["list"] = ["^(?!x).*"]
    look = world.rounds()
    await around(look)
    world.mailman.mischief = no_list
    for _ in range(4):
        world.clock.turn(400)
        await around(look)
    world.mailman.mischief = lambda path: None
    world.clock.turn(400)
    await around(look)
    events = [(line["event"], line.get("reason")) for name in ("roster-trouble",) for line in world.log.lines(name)]
    assert events == [("roster-trouble", "no-such-list")]
    assert len(world.log.lines("roster-trouble-over")) == 1
    (synced,) = world.log.lines("roster-synced")
    assert (synced["list"], synced["people"], synced["joined"], synced["left"]) == (LIST, 1, 1, 0)
    assert [line["count"] for line in world.log.lines("roster-bans-unread")] == [1]
    text = world.log.text.getvalue()
    assert not any(secret in text for secret in (PASSWORD, "ann@", "Ito"))
    assert (world.counted(Result.FAILED), world.counted(Result.FRESH)) == (4, 1)


async def test_a_mailman_that_is_down_at_the_start(world: World) -> None:
    """Nobody is known, nothing is written; once it is there, its people come."""
    world.members(2)
    (address,) = (entry.roster for entry in world.site.lists if entry.roster)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    down = world.board.model_copy(update={"roster": f"mailman://127.0.0.1:{port}"})
    sync = world.sync()
    assert (await sync.look(down)).trouble is Kind.UNREACHABLE
    assert await world.copy() is None
    assert (await sync.look(down.model_copy(update={"roster": address}))).people == 2


async def test_pauses_grow_while_mailman_is_away(world: World) -> None:
    """Soon again at first, later every five minutes; a list that is well has its own pace."""
    look = world.rounds()
    turn = look._turns[LIST]
    world.mailman.mischief = lambda path: Answer(500)
    pauses = []
    for _ in range(9):
        await around(look)
        pauses.append(turn.next_at - world.clock.monotonic())
        world.clock.turn(pauses[-1])
    assert 4 < pauses[0] < 6
    assert all(later > earlier for earlier, later in pairwise(pauses[:6]))
    assert 270 <= pauses[-1] <= 330
    world.mailman.mischief = lambda path: None
    await around(look)
    assert 54 <= turn.next_at - world.clock.monotonic() <= 66


async def test_only_lists_of_this_courier_are_looked_at(world: World) -> None:
    """And of them only those that Mailman keeps, once at a time."""
    look = world.rounds()
    await around(look, ("members@party.example",))
    assert world.mailman.asked == []
    await look.look((LIST,))
    await look.look((LIST,))
    assert len(look.under_way) == 1
    await look.drain()
    assert look.under_way == {}


async def test_the_courier_does_it(world: World) -> None:
    """With its leases, from its first round on; a site without such a list never imports the client."""
    world.members(2)
    pool = Pool("gateway.party.example", Limits())
    courier = Courier(world.store, pool, world.site, world.metrics, world.log, {}, clock=world.clock)
    await courier.take_leases()
    await courier.look_at_rosters()
    assert courier._rosters is not None
    await asyncio.gather(*courier._rosters.under_way.values())
    await courier.drain()
    await pool.close()
    assert len(await world.copy() or ()) == 2


async def test_work_aside_can_be_given_up() -> None:
    """Who waits may go; the thread ends by itself, and what it raises reaches who waits."""
    release = threading.Event()
    waiting = asyncio.create_task(aside(lambda: release.wait(10), "test"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 // 0, "test")
