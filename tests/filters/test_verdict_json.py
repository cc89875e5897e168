"""The one shape of a judgement for programs."""

import json
from dataclasses import replace

from listward.filters.findings import Evidence, Finding, Scores
from listward.filters.identity.origin import Authentication, Origin, OriginKind
from listward.filters.judgement import (
    Action,
    Judgement,
    MessageFacts,
    Mode,
    RecipientVerdict,
    ReplyWords,
    RuleOutcome,
)
from listward.filters.routing.kinds import Kind, Target, Zone
from listward.filters.verdict_json import queue_of, reply_text, verdict_json

ANA = Origin(OriginKind.MEMBER, "ana@party.example")
BOARD = Target("board@party.example", Kind.POST, Zone.MEMBERS, "board@party.example", "smtp://127.0.0.1:2527")
TRIED = RuleOutcome("junk", "content", Mode.SHADOW, True, "the spam score is 0.99")
FIRED = RuleOutcome("plea", "content", Mode.HOLD, True, "a plea", Action.HOLD, "moderators", "7.3")
HELD = Judgement(
    action=Action.HOLD,
    reply=ReplyWords(250, "2.0.0", "Received. A moderator reads it first. Case {case}, {id}"),
    origin=ANA,
    authentication=Authentication("ana@party.example", (), True),
    scores=Scores(0.12345678, 1.0, 0.0),
    findings=(Finding("plea", "solicitation", 0.9, "It asks for money.", (Evidence("own_text", 3, 6, "pay"),), "7.3"),),
    recipients=(RecipientVerdict(BOARD, ANA, Action.HOLD, ("moderators",), (TRIED, FIRED)),),
    facts=MessageFacts("s", "<m@x>", "d", "t", 3, True, True),
    policy_hash="p",
)


def test_every_key_has_its_value() -> None:
    """What scripts rely on, whole."""
    assert verdict_json(HELD) == {
        "message_id": "<m@x>",
        "action": "hold",
        "queue": "moderators",
        "reply": {
            "code": 250,
            "enhanced": "2.0.0",
            "text": "Received. A moderator reads it first. Case (number), (id)",
        },
        "origin": {
            "kind": "member",
            "address": "ana@party.example",
            "basis": "not-proven",
            "reasons": [],
            "role": "",
            "first_posts_moderated": False,
            "vouched": False,
            "undecided": False,
            "policy": "",
            "results": [],
        },
        "scores": {"spam": 0.123457, "solicitation": 1.0, "internal": 0.0},
        "findings": [
            {
                "rule": "plea",
                "category": "solicitation",
                "weight": 0.9,
                "clause": "7.3",
                "reason": "It asks for money.",
                "evidence": [{"view": "own_text", "start": 3, "end": 6, "text": "pay"}],
            }
        ],
        "recipients": [
            {
                "address": "board@party.example",
                "zone": "members",
                "action": "hold",
                "next_hop": "smtp://127.0.0.1:2527",
                "kind": "post",
                "queues": ["moderators"],
                "copy_to": [],
            }
        ],
        "policy": "p",
    }


def test_explaining_adds_every_rule_and_nothing_else() -> None:
    """Fired or not, in shadow or not, in the order they were tried."""
    (shown,), (explained,) = verdict_json(HELD)["recipients"], verdict_json(HELD, explain=True)["recipients"]
    rules = explained.pop("rules")
    assert explained == shown
    assert [(rule["rule"], rule["mode"], rule["action"]) for rule in rules] == [
        ("junk", "shadow", None),
        ("plea", "hold", "hold"),
    ]


def test_the_object_is_json() -> None:
    """Plain values only, also halves of characters."""
    odd = replace(HELD, facts=replace(HELD.facts, message_id="\udce9"))
    assert json.loads(json.dumps(verdict_json(odd, explain=True)))["message_id"] == "\udce9"


def test_the_queue_and_the_reply_stand_alone() -> None:
    """Where nothing is held no queue is named; numbers that only a real case has are left open."""
    assert queue_of(HELD) == "moderators"
    assert queue_of(replace(HELD, recipients=())) == ""
    assert reply_text(ReplyWords(550, "5.7.1", "Case {case}")) == "Case (number)"
