"""The promise under any trouble: random verdicts, next hops, stores and retries, checked by what was really kept."""

from collections.abc import Iterator, Sequence
from io import StringIO

from gateway_fakes import BOARD, MEMBERS, NEWS, FakeCases, FakeJudge, FakeLedger, FakeTrail, make_site, message
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.config.policy import Policy
from listward.filters.judgement import Action
from listward.filters.transaction import Client
from listward.gateway.hopsize import HopSizes
from listward.gateway.ingress import Ingress
from listward.gateway.services import Services
from listward.gateway.session.door import Arrival
from listward.gateway.snapshot import make_snapshot
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.envelope import Envelope, Recipient
from listward.wire.hop import Hop
from listward.wire.outcome import Delivery, Step
from listward.wire.payload import Payload
from listward.wire.reply import Reply

SITE = make_site("lmtp://127.0.0.1:1", "smtp://127.0.0.1:2", "smtp://127.0.0.1:3")
POLICY = Policy.model_validate({"rule": [{"name": "any", "stage": "content", "action": "accept"}]})
RECIPIENTS = (BOARD, NEWS, MEMBERS, "board-owner@lists.party.example")
OK = Delivery(Reply(250, "2.0.0", "ok"), Step.DOT)
TROUBLE = [
    Delivery(Reply(451, "4.4.1", "away"), Step.CONNECT),
    Delivery(Reply(450, "4.2.0", "later"), Step.RCPT),
    Delivery(Reply(451, "4.3.0", "later"), Step.DOT),
    Delivery(Reply(550, "5.1.1", "no"), Step.RCPT),
    Delivery(Reply(554, "5.0.0", "no"), Step.DOT),
    Delivery(Reply(451, "4.4.2", ""), Step.DOT, lost=True),
]
OFFICE = "office@inside.party.example"
OUTCOME = st.sampled_from([OK, OK, OK, *TROUBLE])
ACTIONS = st.sampled_from([Action.ACCEPT, Action.ACCEPT, Action.HOLD, Action.DISCARD])


class World:
    """Next hops and a store that do what is drawn, and remember what they really took."""

    def __init__(self, draw: st.DataObject) -> None:
        self._draw = draw
        self.copies: dict[str, int] = {}
        self.lost: dict[str, int] = {}
        self.cases = DrawnCases(self)
        self.ledger = DrawnLedger(self)

    def fails(self) -> bool:
        """Whether the store fails now."""
        return self._draw.draw(st.integers(0, 4)) == 0

    async def deliver(self, hop: Hop, envelope: Envelope, data: Payload, timeout_s: float) -> dict[str, Delivery]:
        """Answer for every recipient; a lost reply may or may not hide a delivery."""
        answers = {}
        for address in envelope.addresses:
            answer = answers[address] = self._draw.draw(OUTCOME)
            if answer.lost:
                self.lost[address] = self.lost.get(address, 0) + 1
            if answer.delivered or (answer.lost and self._draw.draw(st.booleans())):
                self.copies[address] = self.copies.get(address, 0) + 1
        return answers

    def kept(self, address: str) -> bool:
        """Whether somebody has custody of this recipient's copy."""
        return address in self.cases.acknowledged or self.copies.get(address, 0) > 0


class DrawnCases(FakeCases):
    """Cases in a store that fails now and then, before or after it has written."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self.acknowledged: set[str] = set()

    async def hold(self, draft: CaseDraft, body: Payload) -> Case:
        """Hold, or fail."""
        if self._world.fails():
            raise StoreUnavailable("before")
        case = await super().hold(draft, body)
        if self._world.fails():
            raise StoreUnavailable("after")
        self.acknowledged.update(draft.envelope.recipients)
        return case

    async def held_as(self, list_address: str, ledger_keys: Sequence[str]) -> dict[str, str]:
        """Look up, or fail; what is found is acknowledged as by `hold`."""
        if self._world.fails():
            raise StoreUnavailable("before")
        found = await super().held_as(list_address, ledger_keys)
        for draft in self.drafts:
            if draft.ledger_key in found:
                self.acknowledged.update(draft.envelope.recipients)
        return found


class DrawnLedger(FakeLedger):
    """A ledger that cannot be read now and then. (Failing writes cost duplicates: tested elsewhere.)"""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self.unread = 0

    async def settled(self, keys: list[str]) -> dict[str, str]:  # type: ignore[override]
        """Read, or fail."""
        self.away = self._world.fails()
        self.unread += self.away
        try:
            return await super().settled(keys)
        finally:
            self.away = False


def arrivals(recipients: list[str]) -> Iterator[Arrival]:
    """The same message again and again, as a client tries it."""
    envelope = Envelope("ana@home.example", tuple(Recipient(address) for address in recipients))
    number = 0
    while True:
        number += 1
        yield Arrival(f"{number:020}", Client("192.0.2.1"), envelope, Payload(message()), "ESMTP", 1e9, 1e12)


@settings(max_examples=150, deadline=None)
@given(
    verdicts=st.dictionaries(st.sampled_from(RECIPIENTS), ACTIONS, min_size=1),
    drawn=st.data(),
    turns=st.booleans(),
)
async def test_every_250_is_kept_and_nothing_is_kept_twice(
    verdicts: dict[str, Action], drawn: st.DataObject, turns: bool
) -> None:
    """For each 250 every recipient's copy is at a next hop or held; copies never outnumber lost replies plus one.

    Where the policy turns to refusing between two tries, no refusal stands beside a case.
    """
    world = World(drawn)
    judge = FakeJudge(SITE)
    judge.per = dict(verdicts)
    snapshot = make_snapshot(SITE, POLICY, judge, b"k" * 32)
    metrics = Metrics()
    services = Services(world, world.cases, world.ledger, FakeTrail(), metrics, MailLog(b"log", StringIO()))
    door = Ingress(services, lambda: snapshot, HopSizes())
    tries = arrivals(list(verdicts))
    for _ in range(6):
        passage = door.begin()
        assert all(passage.recipient(address) is None for address in verdicts)
        reply = await passage.take(next(tries))
        if reply.code == 250:
            assert all(world.kept(address) for address in verdicts)
        elif reply.permanent:
            taken = world.cases.drafts or any(world.kept(each) for each in verdicts if not world.lost.get(each))
            assert not taken or (turns and world.ledger.unread)  # a refusal by policy does not wait for the store
        for address, copies in world.copies.items():
            assert copies <= 1 + world.lost.get(address, 0)
        keys = [(draft.list, draft.ledger_key) for draft in world.cases.drafts]
        assert len(set(keys)) == len(keys)
        assert services.under_way == set()
        if reply.code != 451:
            break
        if turns:
            judge.per, judge.verdict = {}, Action.REJECT
    possible = metrics.registry.get_sample_value("listward_duplicates_possible_total") or 0
    surplus = sum(copies - 1 for copies in world.copies.values())
    assert surplus <= possible + world.ledger.unread  # mail to owners flows without the ledger, and uncounted


@settings(max_examples=150, deadline=None)
@given(verdicts=st.dictionaries(st.sampled_from([BOARD, NEWS, MEMBERS]), ACTIONS, min_size=1), drawn=st.data())
async def test_a_copy_goes_with_its_list_and_never_twice(verdicts: dict[str, Action], drawn: st.DataObject) -> None:
    """250 with a list's yes says that the copy is kept; without one there is none; no retry makes a second one."""
    world = World(drawn)
    judge = FakeJudge(SITE)
    judge.per, judge.copy_to = dict(verdicts), (OFFICE,)
    snapshot = make_snapshot(SITE, POLICY, judge, b"k" * 32)
    services = Services(world, world.cases, world.ledger, FakeTrail(), Metrics(), MailLog(b"log", StringIO()))
    door = Ingress(services, lambda: snapshot, HopSizes())
    tries = arrivals(list(verdicts))
    for _ in range(6):
        passage = door.begin()
        assert all(passage.recipient(address) is None for address in verdicts)
        reply = await passage.take(next(tries))
        copies = [draft for draft in world.cases.drafts if draft.is_copy]
        relayed = sum(world.copies.values())
        assert len({draft.ledger_key for draft in copies}) <= 1
        assert not copies or relayed
        for address, count in world.copies.items():
            assert count <= 1 + world.lost.get(address, 0)
        if reply.code == 250:
            assert all(world.kept(address) for address in verdicts)
            assert OFFICE in world.cases.acknowledged or not relayed or world.lost
        if reply.code != 451:
            break
