"""Other rules run: secretary and moderators hear it in sentences, each change once, and the audit log keeps it."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from memory_redis import HashRedis
from notices_world import Post, notice_site, sentences
from policy_bench import FakeRosters

from listward.config.phrases import PhraseList
from listward.config.policy import Policy, Rule
from listward.config.site import PolicyTable, Site
from listward.filters.identity.origin import Role
from listward.filters.probes import RosterEntry
from listward.queue.notices.changed import MOST_SENTENCES, RulesChanged
from listward.queue.notices.posting import NotYetTold, Posting
from listward.queue.store.codec import Codec
from listward.queue.store.keys import KeyRing, key_id
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.rules import CLAIMED_S, MOST_WAITING, Ran, RulesHistory
from listward.runtime.maillog import MailLog
from listward.wire.reply import Reply

KEY = b"k" * 32
VERA, SAM = "vera@members.example", "sam@members.example"


def rules(digest: str, *names: str, **changes: Any) -> Policy:
    """A policy with these rules."""
    made = tuple(Rule(name=name, stage="content", action="hold", queue="moderators") for name in names or ("one",))
    return Policy(rule=made, digest=digest * 64, **changes)


class NotedTrail:
    """Keeps what is appended."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, Any]]] = []

    async def append(self, _list: str, verb: str, _at: float, facts: Any, _personal: Any) -> int:
        self.entries.append((verb, facts))
        return len(self.entries)


class Bench:
    """One store and one next hop; couriers come and go."""

    def __init__(self, *roster: RosterEntry) -> None:
        self.post, self.redis, self.trail = Post(), HashRedis(), NotedTrail()
        self.roster, self.people, self.asked = FakeRosters(*roster), (VERA, SAM), ()

    async def people_of(self, queues: Any) -> tuple[str, ...]:
        """Whoever decides."""
        self.asked = tuple(queues)
        return tuple(self.people)

    def courier(self, policy: Policy, site: Site | None = None) -> RulesChanged:
        """A courier that runs these rules."""
        log, pool = MailLog(b"k", self.post.log, self.post.clock), self.post.pool
        configuration = replace(self.post.configuration, policy=policy, site=site or self.post.site)
        posting = Posting(configuration.site, pool, self.post.metrics, log)  # type: ignore[arg-type]  # it has what is needed
        history = RulesHistory(self.redis, Codec(KeyRing(KEY, {key_id(KEY): KEY})))
        return RulesChanged(configuration, posting, history, self.trail, self.people_of, self.roster, self.post.clock)

    @property
    def told(self) -> list[str]:
        """Who was written to."""
        return [mail["To"] for mail in self.post.pool.mails]


async def test_a_change_is_told_once_to_each(bench: Bench) -> None:
    """By whichever courier comes first; neither a restart nor a second courier tells it again."""
    assert await bench.courier(rules("a")).look() == 0
    again, other = bench.courier(rules("b", "one", "two")), bench.courier(rules("b", "one", "two"))
    assert await again.look() == 1
    for courier in (other, again, bench.courier(rules("b", "one", "two"))):
        assert await courier.look() == 0
    assert bench.told == [VERA, SAM]
    assert bench.asked[:2] == ("secretary", "moderators")
    text = bench.post.pool.texts[0]
    assert "New rule “two”" in text
    assert "Nobody has approved these rules." in text
    assert "Version bbbbbbbbbbbb, before that aaaaaaaaaaaa." in text
    assert bench.trail.entries == [
        ("policy-changed", {"before": "a" * 64, "after": "b" * 64, "approval": "never-approved"})
    ]


async def test_every_change_is_told_also_the_one_back(bench: Bench) -> None:
    """In the order in which they came, each with a name of its own."""
    for at, digest in enumerate("abab"):
        bench.post.clock.at += at
        await bench.courier(rules(digest)).look()
    assert len(bench.told) == 6
    assert len({mail["Message-ID"] for mail in bench.post.pool.mails}) == 6
    assert [facts["after"][0] for _, facts in bench.trail.entries] == ["b", "a", "b"]


async def test_the_same_rules_that_come_into_force_are_a_change(bench: Bench) -> None:
    """Their hash is the same, and yet mail fares otherwise from now on."""

    def site(mode: str) -> Site:
        return bench.post.site.model_copy(update={"policy": PolicyTable(mode=mode)})

    await bench.courier(rules("a"), site("observe")).look()
    for mode, says in (("enforce", "the rules are in force"), ("observe", "all rules only watch and count")):
        bench.post.clock.at += 1
        assert await bench.courier(rules("a"), site(mode)).look() == 1
        assert await bench.courier(rules("a"), site(mode)).look() == 0
        assert f"From now on {says}" in bench.post.pool.texts[-1].replace("\n", " ")
    assert [facts["mode"] for _, facts in bench.trail.entries] == ["enforce", "observe"]


async def test_the_first_rules_are_no_change(bench: Bench) -> None:
    """Nothing ran before."""
    assert await bench.courier(rules("a")).look() == 0
    assert not bench.told
    assert not bench.trail.entries


async def test_who_could_not_be_told_hears_it_later(bench: Bench) -> None:
    """Those who have heard it already do not hear it again, and it may be the next courier that tells."""
    await bench.courier(rules("a")).look()
    bench.people = (VERA,)
    bench.post.pool.reply = Reply(451, "4.3.0", "Later")
    with pytest.raises(NotYetTold):
        await bench.courier(rules("b")).look()
    bench.post.pool.reply = Reply(250, "2.0.0", "Ok")
    courier = bench.courier(rules("b"))
    assert await courier.look() == 1
    assert bench.told == [VERA, VERA]
    assert len({mail["Message-ID"] for mail in bench.post.pool.mails}) == 1
    assert len(bench.trail.entries) == 1


async def test_a_courier_that_died_over_a_letter_is_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The letter may be on its way; when the claim has lapsed it is written."""

    async def die(*_: object) -> None:
        raise RuntimeError("died")

    await bench.courier(rules("a")).look()
    with monkeypatch.context() as dying:
        dying.setattr(bench.post.pool, "deliver", die)
        with pytest.raises(RuntimeError):
            await bench.courier(rules("b")).look()
    courier = bench.courier(rules("b"))
    with pytest.raises(NotYetTold):
        await courier.look()
    bench.redis.now += CLAIMED_S + 1
    assert await courier.look() == 1
    assert bench.told == [VERA, SAM]


async def test_each_reads_it_in_her_language() -> None:
    """By the roster that knows her, and whole."""
    bench = Bench(RosterEntry(VERA, "Vera", Role.MODERATOR, language="es"))
    bench.people = (VERA,)
    await bench.courier(rules("a", "one")).look()
    await bench.courier(rules("b", "two")).look()
    mail, text = bench.post.pool.mails[0], bench.post.pool.texts[0]
    assert mail["Subject"] == "Han cambiado las reglas de nuestras listas"
    assert "Nadie ha aprobado estas reglas." in text
    assert "The rules" not in text


async def test_no_phrase_and_no_account_is_quoted(bench: Bench) -> None:
    """Only how many: the letter may go to any mailbox."""
    secret = PhraseList(entries=("the secret phrase",), lines=(1,))
    await bench.courier(rules("a")).look()
    await bench.courier(rules("b", phrases={"harm": secret}, payees=frozenset({"DE89370400440532013000"}))).look()
    text = bench.post.pool.texts[0]
    assert "The phrase list “harm” changes: 1 new, 0 gone." in text
    assert "secret phrase" not in text
    assert "DE89" not in text
    assert "secret phrase" not in bench.redis.dump


async def test_approval_is_said_of_the_rules_that_run(bench: Bench) -> None:
    """With whoever gave it, or that others were approved."""
    await bench.courier(rules("a")).look()
    table = PolicyTable(approved_hash="b" * 12, approved_by="The board", approved_on="2026-11-02")
    site = bench.post.site.model_copy(update={"policy": table})
    await bench.courier(rules("b"), site).look()
    assert "Approved by The board on 2026-11-02." in bench.post.pool.texts[0]
    await bench.courier(rules("c"), site).look()
    assert "These rules are not yet approved." in bench.post.pool.texts[-1]


async def test_a_large_change_is_no_endless_letter(bench: Bench) -> None:
    """The first sentences, and how many more there are."""
    await bench.courier(rules("a")).look()
    await bench.courier(rules("b", *(f"rule-{number}" for number in range(100)))).look()
    text = bench.post.pool.texts[0]
    assert text.count("\n- ") <= MOST_SENTENCES + 1
    assert "more changes" in text


async def test_rules_of_another_version_are_told_as_such(bench: Bench) -> None:
    """What cannot be read any more is no reason to be silent."""
    history = RulesHistory(bench.redis, Codec(KeyRing(KEY, {key_id(KEY): KEY})))
    await bench.courier(rules("a")).look()
    ran = await history.ran()
    assert ran is not None
    await history.run(replace(ran, policy='{"rule": 7}'))
    await bench.courier(rules("b")).look()
    assert "cannot be told in sentences" in bench.post.pool.texts[0]


async def test_what_a_later_release_wrote_is_read_by_an_earlier_one(bench: Bench) -> None:
    """Who goes back to the release before must not lose the letters about rules for good."""

    @dataclass(frozen=True)
    class Later(Ran):
        more: str = "said"

    history = RulesHistory(bench.redis, Codec(KeyRing(KEY, {key_id(KEY): KEY})))
    await history.run(Later("a" * 64, "{}", 1.0))
    assert await history.ran() == Ran("a" * 64, "{}", 1.0)


async def test_without_a_way_out_nothing_piles_up(bench: Bench) -> None:
    """The audit log has it; a next hop that is named later is not flooded."""
    site = notice_site(notices=bench.post.site.notices.model_copy(update={"next_hop": ""}))
    for digest in "abc":
        await bench.courier(rules(digest), site).look()
    assert len(bench.trail.entries) == 2
    await bench.courier(rules("c")).look()
    assert not bench.told


async def test_what_waits_is_bounded(bench: Bench) -> None:
    """A next hop that is away for a year must not fill the store."""
    bench.post.pool.reply = Reply(451, "4.3.0", "Later")
    for turn in range(MOST_WAITING + 5):
        bench.post.clock.at += 1
        courier = bench.courier(rules("ab"[turn % 2]))
        if turn:
            with pytest.raises(NotYetTold):
                await courier.look()
        else:
            await courier.look()
    history = RulesHistory(bench.redis, Codec(KeyRing(KEY, {key_id(KEY): KEY})))
    assert len(await history.waiting()) == MOST_WAITING


async def test_while_the_store_is_away_the_change_waits(bench: Bench) -> None:
    """It is noted when the store is back."""
    await bench.courier(rules("a")).look()
    courier = bench.courier(rules("b"))
    bench.redis.away = True
    with pytest.raises(StoreUnavailable):
        await courier.look()
    bench.redis.away = False
    assert await courier.look() == 1


async def test_the_letter_is_plain(bench: Bench) -> None:
    """Its own sentences have at most twenty words."""
    await bench.courier(rules("a")).look()
    await bench.courier(rules("b", "one", "two")).look()
    own = [each for each in sentences(bench.post.pool.texts[0]) if not each.startswith("-")]
    assert max(len(each.split()) for each in own if "rule “" not in each) <= 20


@pytest.fixture
def bench() -> Bench:
    return Bench()
