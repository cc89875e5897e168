"""Metric series are bounded whatever mail arrives, and no label holds a word of anybody's message."""

import random
from io import StringIO
from typing import Any

from gateway_fakes import BOARD, MEMBERS, NEWS, FakeCases, FakeJudge, FakeLedger, FakeTrail, make_site, message

from listward.config.policy import Policy
from listward.filters.judgement import Action
from listward.filters.transaction import Client
from listward.gateway.hopsize import HopSizes
from listward.gateway.ingress import Ingress
from listward.gateway.services import Services
from listward.gateway.session.door import Arrival
from listward.gateway.snapshot import make_snapshot
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.envelope import Envelope, Recipient
from listward.wire.hop import Hop
from listward.wire.outcome import Delivery, Step
from listward.wire.payload import Payload
from listward.wire.reply import Reply

MESSAGES, WARM = 10_000, 2_000
MARK = "zebra"
SITE = make_site("lmtp://127.0.0.1:1", "smtp://127.0.0.1:2", "smtp://127.0.0.1:3")
POLICY = Policy.model_validate({"rule": [{"name": "any", "stage": "content", "action": "accept"}]})


class RandomHop:
    """Answers anything, in any words."""

    def __init__(self, draws: random.Random) -> None:
        self._draws = draws

    async def deliver(self, hop: Hop, envelope: Envelope, data: Any, timeout_s: float) -> dict[str, Delivery]:
        """Answer for each recipient."""
        return {address: self._answer() for address in envelope.addresses}

    def _answer(self) -> Delivery:
        code, step = self._draws.choice((250, 250, 421, 451, 550, 554)), self._draws.choice(list(Step))
        step = Step.DOT if code == 250 else step
        return Delivery(Reply(code, "", f"{MARK}{self._draws.random()}"), step, self._draws.random() < 0.1)


def series(metrics: Metrics) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """Every series there is: its name and its labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in metrics.registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def recipients(draws: random.Random) -> list[str]:
    """Lists, their sub-addresses with anything behind, and what does not exist."""
    name, token = draws.choice(("board", "news", "members")), f"{MARK}{draws.getrandbits(40):x}"
    other = (f"{name}-bounces+{token}=x.example", f"{name}-confirm+{token}", f"{name}-owner", f"{token}", "postmaster")
    return [draws.choice((BOARD, NEWS, MEMBERS)), f"{draws.choice(other)}@lists.party.example"]


async def test_ten_thousand_strangers_make_no_new_series() -> None:
    """Senders, recipients, subjects, answers and clients at random: after a while there is nothing new to count."""
    draws, metrics, judge = random.Random(1), Metrics(), FakeJudge(SITE)
    snapshot = make_snapshot(SITE, POLICY, judge, b"k" * 32)
    log = MailLog(b"log", StringIO())
    cases = FakeCases()
    services = Services(RandomHop(draws), cases, FakeLedger(), FakeTrail(), metrics, log)
    door, known = Ingress(services, lambda: snapshot, HopSizes()), set[Any]()
    for number in range(MESSAGES):
        if number % 200 == 0:
            cases.__init__()  # type: ignore[misc]  # empty again: this test is about counting, not about keeping
        if number == WARM:
            known = series(metrics)
        judge.verdict = draws.choice(list(Action))
        passage = door.begin()
        taken = [address for address in recipients(draws) if passage.recipient(address) is None]
        envelope = Envelope(f"{MARK}{number}@{MARK}{number}.example", tuple(Recipient(address) for address in taken))
        content = Payload(message(message_id=f"<{MARK}{number}@x>", subject=f"{MARK}{draws.random()}"))
        client = Client(f"192.0.2.{number % 256}", f"{MARK}{number}.example")
        await passage.take(Arrival(f"{number:020}", client, envelope, content, "ESMTP", 1e9, 1e12))
    assert series(metrics) == known
    labels = {value for _, pairs in known for _, value in pairs}
    assert not [value for value in labels if MARK in value or "@" in value]
    assert len(known) < 400
