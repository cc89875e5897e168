"""From bytes to one settled judgement."""

import asyncio
import threading
from typing import Any

import pytest
from messages import build
from policy_bench import HOP, FakeCounters, FakeRosters, SilentResolver, make_policy, make_site, probes, shipped_policy

from listward.config.policy import Policy
from listward.config.site import Site
from listward.filters.identity.origin import OriginKind, Role
from listward.filters.judge import ASIDE_FROM, Judge
from listward.filters.judgement import Action, Judgement
from listward.filters.learner import SpamModel
from listward.filters.message.message import Message
from listward.filters.probes import Probes, RosterEntry
from listward.filters.transaction import Client, Listener, Transaction

SHIPPED = shipped_policy()
ANA = RosterEntry("ana@party.example", "Ana Ruiz", Role.MEMBER)
BERT = RosterEntry("bert@out.example", "Bert", Role.BANNED)


class FixedModel(SpamModel):
    """A model that gives every message the same score."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def score_message(self, message: Message) -> float:
        """The score."""
        return self.value


class WatchingModel(SpamModel):
    """A model that remembers in which thread it was asked."""

    threads: tuple[int, ...] = ()

    def score_message(self, message: Message) -> float:
        """Remember."""
        self.threads = (*self.threads, threading.get_ident())
        return 0.0


class BrokenModel(SpamModel):
    """A model that cannot score."""

    def score_message(self, message: Message) -> float:
        """Raises."""
        raise RuntimeError("weights are gone")


def transaction(raw: bytes, *to: str, **changes: Any) -> Transaction:
    """One message from outside; to the members' list unless told otherwise."""
    values = {
        "id": "id",
        "listener": Listener.INGRESS,
        "client": Client("192.0.2.1"),
        "sender": "ana@party.example",
        "recipients": to or ("members@party.example",),
        "raw": raw,
        "received_at": 1_795_000_000.0,
    }
    return Transaction(**{**values, **changes})


def judge(
    raw: bytes,
    *to: str,
    given: OriginKind | None = OriginKind.MEMBER,
    site: Site | None = None,
    policy: Policy = SHIPPED,
    model: SpamModel | None = None,
    world: Probes | None = None,
    at_word: bool = False,
    failed: list[str] | None = None,
    **changes: Any,
) -> Judgement:
    """Judge one message."""
    names = failed if failed is not None else []
    made = Judge(site or make_site(), policy, model or FixedModel(0.1), world or probes(ANA, BERT), names.append)
    return asyncio.run(made.judge(transaction(raw, *to, **changes), given, at_word))


POST = build(to="members@party.example", subject="Tuesday")
MARKED = build(to="members@party.example, x@out.example", subject="[internal] Budget")


def test_an_ordinary_post_passes() -> None:
    """A member's post to the members' list is accepted, with scores, facts and the policy's hash."""
    found = judge(POST)
    assert (found.action, found.reply.code, found.findings) == (Action.ACCEPT, 250, ())
    assert found.recipients[0].target.next_hop == "lmtp://127.0.0.1:8024"
    assert (found.origin.kind, found.origin.address) == (OriginKind.MEMBER, "ana@party.example")
    assert (found.scores.spam, found.policy_hash) == (0.1, SHIPPED.digest)
    assert found.facts.subject == "Tuesday"


@pytest.mark.parametrize("kind", list(OriginKind))
def test_an_outside_address_refuses_the_whole(kind: OriginKind) -> None:
    """An internal matter with one outside address is refused for every recipient, naming the address."""
    found = judge(MARKED, "members@party.example", "board@party.example", given=kind)
    assert found.action is Action.REJECT
    assert {verdict.action for verdict in found.recipients} == {Action.REJECT}
    assert "x@out.example is outside the organisation" in found.reply.text
    cited = {finding.rule: finding.clause for finding in found.findings}["internal-outside-address"]
    assert cited == ("7.2" if kind in {OriginKind.MEMBER, OriginKind.INTERNAL} else "")


def test_the_envelope_counts_too() -> None:
    """An outside recipient that no header names is found as well, and never relayed to."""
    hidden = build(to="board@party.example", subject="Budget")
    found = judge(hidden, "board@party.example", "x@out.example")
    assert (found.action, found.reply.enhanced) == (Action.REJECT, "5.7.1")
    assert "x@out.example" in found.reply.text


@pytest.mark.parametrize("kind", [OriginKind.KNOWN, OriginKind.UNPROVEN, OriginKind.FORGED])
def test_outsiders_may_not_write_to_internal_lists(kind: OriginKind) -> None:
    """They read how to write, and nothing about who is on the list."""
    found = judge(build(to="board@party.example"), "board@party.example", given=kind)
    assert (found.action, found.reply.enhanced) == (Action.REJECT, "5.7.2")
    assert "How to write here: office@party.example" in found.reply.text


def test_an_outsider_writing_to_a_board_and_members_is_refused_whole() -> None:
    """What goes to an internal list has one verdict, also beside another list."""
    both = build(to="board@party.example, members@party.example")
    found = judge(both, "board@party.example", "members@party.example", given=OriginKind.KNOWN)
    assert [verdict.action for verdict in found.recipients] == [Action.REJECT, Action.REJECT]


def test_unknown_addresses_are_refused_alone() -> None:
    """550 5.1.1 for an address that does not exist; the others are not touched by it."""
    alone = judge(POST, "nobody@party.example")
    assert (alone.action, alone.reply.enhanced) == (Action.REJECT, "5.1.1")
    beside = judge(POST, "members@party.example", "nobody@party.example")
    assert (beside.action, [verdict.action for verdict in beside.recipients]) == (
        Action.ACCEPT,
        [Action.ACCEPT, Action.REJECT],
    )


def test_personal_mail_on_submission_is_not_judged() -> None:
    """A log-in's mail to a person elsewhere passes whatever it says, unless it is an internal matter."""
    changes = {"listener": Listener.SUBMISSION, "client": Client(None, submitted_as="internal")}
    model = FixedModel(1.0)
    personal = judge(build(to="x@out.example"), "x@out.example", given=None, model=model, **changes)
    assert (personal.action, personal.origin.kind) == (Action.ACCEPT, OriginKind.INTERNAL)
    marked = build(to="x@out.example", subject="[internal] Budget")
    assert judge(marked, "x@out.example", given=None, model=model, **changes).action is Action.REJECT


def test_a_moderator_reads_members_junk_and_asks() -> None:
    """A member's junk is held with its clause, never refused."""
    found = judge(build(text="The best offers of the year, all of them here. " * 3), model=FixedModel(0.999))
    assert (found.action, found.recipients[0].queues) == (Action.HOLD, ("moderators",))
    deciding = found.recipients[0].deciding
    assert deciding is not None
    assert (deciding.rule, deciding.clause) == ("junk-member", "7.1")
    assert found.reply.text == "Received. A moderator reads it first. Case {case}"


def test_a_members_short_answer_passes_whatever_the_model_says() -> None:
    """A few words tell nothing: "Yes, I will come" goes to the list."""
    assert judge(build(text="Yes, I will come!\n"), model=FixedModel(0.999)).action is Action.ACCEPT


def test_silent_dns_defers_what_needs_proof() -> None:
    """Without an answer nothing is accepted and nothing refused; commands need no proof."""
    world = probes(ANA)
    waiting = judge(POST, given=None, world=world)
    assert (waiting.action, waiting.reply.code, waiting.origin.undecided) == (Action.DEFER, 451, True)
    command = judge(POST, "members-leave@party.example", given=None, world=world)
    assert command.action is Action.ACCEPT


def test_a_given_origin_asks_no_dns() -> None:
    """Neither a given origin nor an author taken at her word costs a question."""
    resolver = SilentResolver()
    world = Probes(resolver, FakeRosters(ANA, BERT))
    assert judge(POST, world=world).action is Action.ACCEPT
    assert judge(POST, given=None, at_word=True, world=world).origin.kind is OriginKind.MEMBER
    assert resolver.queries == 0


@pytest.mark.parametrize(
    ("author", "kind", "action"),
    [
        ("ana@party.example", OriginKind.MEMBER, Action.ACCEPT),
        ("carl@elsewhere.example", OriginKind.KNOWN, Action.HOLD),
        ("bert@out.example", OriginKind.MEMBER, Action.REJECT),
    ],
)
def test_authors_taken_at_their_word(author: str, kind: OriginKind, action: Action) -> None:
    """The roster decides who is a member, and who is barred."""
    found = judge(build(from_=author), given=None, at_word=True)
    assert (found.origin.kind, found.action) == (kind, action)


def test_nobody_is_taken_at_nobodys_word() -> None:
    """Two authors are no author."""
    two = build(from_="ana@party.example, bert@out.example")
    assert judge(two, given=None, at_word=True).origin.kind is OriginKind.UNPROVEN


def test_a_missing_roster_defers() -> None:
    """Where no roster was ever read, nobody can be told from a member."""
    world = Probes(SilentResolver(), FakeRosters(away=True))
    assert judge(POST, given=None, at_word=True, world=world).action is Action.DEFER


@pytest.mark.parametrize(("attempt", "action"), [(1, Action.DEFER), (3, Action.HOLD)])
def test_a_broken_filter_is_counted_and_never_lets_pass(attempt: int, action: Action) -> None:
    """A score that could not be had defers the message, and holds it from the third try on."""
    failed: list[str] = []
    found = judge(POST, model=BrokenModel(), failed=failed, attempt=attempt)
    assert (found.action, failed) == (action, ["spam-model"])


def test_offices_decide_first() -> None:
    """Mail of a fraternal organisation waits in the queue of the office."""
    site = make_site(
        route=[{"domains": ["fraternal.example"], "queue": "international"}],
        queue=[{"name": "international", "group": "office"}],
        group=[{"name": "office", "members": ["office@party.example"]}],
    )
    found = judge(build(from_="sec@fraternal.example"), "news@party.example", given=OriginKind.KNOWN, site=site)
    assert (found.action, found.recipients[0].queues) == (Action.HOLD, ("international",))


def test_each_list_has_its_own_queue() -> None:
    """A list's moderators decide on its posts, and on refusals that became holds."""
    lists = [
        {
            "address": "members@party.example",
            "zone": "members",
            "next_hop": "smtp://127.0.0.1:1",
            "moderators": ["tutors"],
        },
        {"address": "news@party.example", "zone": "public", "next_hop": "smtp://127.0.0.1:1"},
    ]
    found = judge(
        POST, "members@party.example", "news@party.example", given=OriginKind.KNOWN, site=make_site(list=lists)
    )
    assert [(verdict.action, verdict.queues) for verdict in found.recipients] == [
        (Action.HOLD, ("tutors",)),
        (Action.ACCEPT, ()),
    ]
    assert found.action is Action.HOLD


def test_floods_count_for_the_list_they_reach() -> None:
    """A text that went to many lists is held, and the finding is shown with its clause."""
    more = [{"address": f"list{number}@party.example", "zone": "public", "next_hop": HOP} for number in range(3)]
    lists = [{"address": "members@party.example", "zone": "members", "next_hop": HOP}, *more]
    found = judge(POST, site=make_site(list=lists), world=probes(ANA, counters=FakeCounters(5)))
    assert (found.action, [(one.rule, one.clause) for one in found.findings]) == (Action.HOLD, [("many-lists", "7.1")])


def test_few_lists_are_never_flooded() -> None:
    """Where there are not as many lists as make a flood, the store is not asked."""
    counters = FakeCounters(0)
    assert judge(POST, world=probes(ANA, counters=counters)).action is Action.ACCEPT
    assert counters.asked == []


def test_observing_changes_nothing_but_the_books() -> None:
    """A site that observes lets everything pass, and refuses what does not exist."""
    site = make_site(policy={"mode": "observe"})
    found = judge(MARKED, site=site)
    assert (found.action, bool(found.findings)) == (Action.ACCEPT, True)
    assert judge(POST, "nobody@party.example", site=site).reply.enhanced == "5.1.1"


def test_unproven_authors_learn_nothing() -> None:
    """Reply, action and queue are the same whether the address is a member's, a barred one's or nobody's."""
    seen = set()
    for author in ("ana@home.example", "bert@out.example", "stranger@out.example"):
        world = probes(RosterEntry("ana@home.example", "Ana", Role.MEMBER), BERT)
        found = judge(build(from_=author), given=OriginKind.UNPROVEN, world=world)
        seen.add((found.action, found.reply, found.recipients[0].queues, found.recipients[0].origin.role))
    assert len(seen) == 1


def test_our_own_list_coming_back_is_a_loop() -> None:
    """A list's own mail is refused as a loop, also while observing."""
    raw = build(headers=[("List-Id", "<members.party.example>")])
    for site in (make_site(), make_site(policy={"mode": "observe"})):
        found = judge(raw, site=site)
        assert (found.action, found.reply.enhanced) == (Action.REJECT, "5.4.6")


def test_a_message_to_nobody_is_no_error() -> None:
    """Without recipients there is nothing to refuse but the message."""
    made = Judge(make_site(), make_policy({}), FixedModel(0), probes())
    found = asyncio.run(made.judge(transaction(POST, recipients=()), OriginKind.KNOWN))
    assert (found.recipients, found.reply.enhanced) == ((), "5.1.1")


def test_posing_is_seen_by_each_lists_roster() -> None:
    """A stranger under a member's name is held, with the finding; the member under her own name is not."""
    stranger = judge(build(from_="Ana Ruiz <carl@elsewhere.example>"), "news@party.example", given=OriginKind.KNOWN)
    assert (stranger.action, [one.rule for one in stranger.findings]) == (Action.HOLD, ["display-name-poses"])
    assert judge(build(from_="Ana Ruiz <ana@party.example>"), "news@party.example").action is Action.ACCEPT


def test_nobody_writes_as_a_list() -> None:
    """A post in the name of a list is refused, and told to come in the writer's own name."""
    found = judge(build(from_="news@party.example"), "news@party.example", given=OriginKind.KNOWN)
    assert (found.action, found.reply.enhanced) == (Action.REJECT, "5.7.1")
    assert "Please write in your own name." in found.reply.text


def test_a_posing_check_that_breaks_defers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the check of names could not finish is counted, and the message waits."""

    def broken(*arguments: object, **named: object) -> None:
        raise RecursionError

    monkeypatch.setattr("listward.filters.judge.posing.check", broken)
    failed: list[str] = []
    assert (judge(POST, failed=failed).action, failed) == (Action.DEFER, ["posing"])


EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
ASKS = "Friends, I lost my job and cannot pay my rent. Please send me money on Venmo, @ana-ruiz-7, whatever you can.\n"
H, R, A, X = Action.HOLD, Action.REJECT, Action.ACCEPT, Action.DISCARD


@pytest.mark.parametrize(
    ("raw", "member", "stranger"),
    [
        (build(attachments=[("plan.pdf", EICAR)]), H, R),
        (build(attachments=[("plan.exe", b"MZ" + b"\0" * 100)]), H, R),
        (build(attachments=[("plan.pdf.scr", b"x")]), H, R),
        (build(attachments=[("plan.docm", b"PK\x03\x04broken")]), H, H),
        (build(attachments=[("plan.zip", b"PK\x03\x04broken")]), H, H),
        (build(attachments=[("plan.pdf", b"%PDF-1.4\n")]), A, A),
        (build(headers=[("From", "bert@out.example")]), H, H),
        (build(from_=None), H, H),
        (build(headers=[("Content-Type", "multipart/mixed; boundary=a; boundary=b")]), H, H),
        (build(headers=[("Received", "by x")] * 101), R, R),
        (build(headers=[("Auto-Submitted", "auto-replied")]), H, H),
        (build(text=ASKS), H, H),
        (build(text="The leadership has failed, and the moderators hide it. Shame on them!\n"), A, A),
        (build(text="Dues are due: please pay to the strike fund of the party.\n"), A, A),
    ],
)
def test_what_readers_find_meets_a_rule(raw: bytes, member: Action, stranger: Action) -> None:
    """Real readers and the shipped policy agree on names: each kind of finding has its action."""
    assert judge(raw, "members@party.example").action is member
    assert judge(raw, "news@party.example", given=OriginKind.KNOWN, world=probes()).action is stranger


def test_strangers_automatic_answers_are_dropped() -> None:
    """An out-of-office answer of nobody we know goes nowhere, and the reply tells nothing; one that asks is held."""
    away = [("Auto-Submitted", "auto-replied")]
    silent, asking = (build(from_="carl@out.example", headers=away, text=text) for text in ("I am away.\n", ASKS))
    found = judge(silent, "news@party.example", given=OriginKind.UNPROVEN)
    assert (found.action, found.reply.text) == (X, "Accepted. Ref {id}")
    assert judge(asking, "news@party.example", given=OriginKind.UNPROVEN).action is H


@pytest.mark.parametrize(("words", "aside"), [(10, False), (ASIDE_FROM // 5, True)])
async def test_a_large_message_is_read_beside_the_loop(words: int, aside: bool) -> None:
    """Where messages are judged again, console and courier have other work to do meanwhile."""
    model = WatchingModel()
    one = Judge(make_site(), SHIPPED, model, probes(ANA))
    await one.judge(transaction(build(text="word " * words)), OriginKind.MEMBER)
    assert [thread != threading.get_ident() for thread in model.threads] == [aside]
