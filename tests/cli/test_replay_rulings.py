"""A policy against what people have ruled: rulings of past cases, or a file of labels."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from case_samples import draft
from desk_config import call
from desk_config import write_site as write_live_site
from messages import build
from policy_bench import write_site
from redis_server import running_server

from listward.cli import replay_judging
from listward.cli.output import WrongUse
from listward.cli.replay_marks import Mark, Marks, read_labels
from listward.cli.replay_rulings import READ, ruled, rulings
from listward.config.load import load
from listward.filters.identity.origin import Role
from listward.filters.learner import SpamModel
from listward.filters.message.facts import facts
from listward.filters.message.parse import parse_message
from listward.filters.probes import RosterEntry
from listward.gateway.records import Records
from listward.gateway.trace.facts import read_facts
from listward.gateway.trace.fields import header_end
from listward.queue.cases.case import Case, CaseState, Reason, Ruling, StoredEnvelope
from listward.queue.cases.commands import Command, Verb
from listward.queue.store.connect import connect
from listward.wire.payload import Payload

BOARD = "board@party.example"
MODERATOR = "greta.moderator@party.example"
WHEN = 2_000_000_000.0


@pytest.fixture(autouse=True)
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """An untrained model, and judges made anew: a folder's content differs between tests."""
    monkeypatch.setattr(SpamModel, "load_default", classmethod(lambda cls: cls()))
    replay_judging.judges_for.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration: subjects with "raffle" wait, mail of Ana passes before, and something only watches."""
    made = write_site(tmp_path / "etc")
    (made / "policy.toml").write_text(
        """
[[rule]]
name = "ana-passes"
stage = "content"
action = "accept"
when = { subject = ["urgent"] }

[[rule]]
name = "raffles"
stage = "content"
action = "hold"
when = { subject = ["raffle"] }

[[rule]]
name = "shouting"
stage = "content"
action = "hold"
mode = "shadow"
when = { subject = ["now"] }
"""
    )
    return made


def archive(folder: Path, *subjects: str) -> Path:
    """A folder of messages with these subjects: 0.eml, 1.eml and so on."""
    made = folder / "mail"
    made.mkdir()
    for number, subject in enumerate(subjects):
        raw = build(to="members@party.example", subject=subject, message_id=f"<{number}@party.example>")
        (made / f"{number}.eml").write_bytes(raw)
    return made


def test_labels_score_each_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Held in error, rightly held, missed: for each rule that stopped it, let it pass, or had held it before."""
    mail = archive(folder, "raffle", "raffle now", "urgent", "now", "minutes", "minutes", "no label")
    labels = folder / "labels.csv"
    labels.write_text(
        "message_id,label,rule\n<0@party.example>,keep,\n1@party.example,stop,\n<2@party.example>,stop,\n"
        "<3@party.example>,stop,shouting\n<4@party.example>,keep,\n<5@party.example>,stop,old-rule\n"
    )
    state = folder / "state"
    options = ("--config", str(folder), "--labels", str(labels), "--resume", str(state), "--no-rulings")
    code, out, err = call(capsys, "replay", str(mail), *options)
    assert (code, err) == (0, "")
    assert "Of 6 messages that people ruled on, 2 would go as they ruled (33 %). Held in error: 1. Missed: 3." in out
    (score,) = json.loads(state.read_bytes())["tally"]["scores"]
    assert score["rules"] == {
        "raffles": {"right": 1, "false": 1, "missed": 0, "watches": False},
        "shouting": {"right": 1, "false": 0, "missed": 0, "watches": True},
        "ana-passes": {"right": 0, "false": 0, "missed": 1, "watches": False},
        "old-rule": {"right": 0, "false": 0, "missed": 1, "watches": False},
    }


def test_both_policies_are_scored(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --against each policy is held against the same rulings."""
    other = write_site(tmp_path / "other")
    (other / "policy.toml").write_text(
        '[[rule]]\nname = "x"\nstage = "content"\naction = "hold"\nwhen = { subject = ["never"] }\n'
    )
    mail = archive(folder, "raffle", "minutes")
    labels = folder / "labels.jsonl"
    labels.write_text(f'{{"path": "{mail}/0.eml", "label": "stop"}}\n{{"path": "{mail}/1.eml", "label": "keep"}}\n')
    options = ("--config", str(folder), "--against", str(other), "--labels", str(labels), "--no-rulings")
    _, out, _ = call(capsys, "replay", str(mail), *options)
    assert "The policy. Of 2 messages that people ruled on, 2 would go as they ruled (100 %)." in out
    assert "The other policy. Of 2 messages that people ruled on, 1 would go as they ruled (50 %)." in out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("path,mark\na,keep\n", "the head must name label"),
        ("", "the head must name label"),
        ("path,label\na,maybe\n", ":2: label 'maybe' is neither"),
        ("path,label,rule\na,keep,<x>\n", ":2: rule '<x>' is no name of a rule"),
        ("path,label\n,keep\n", ":2: names neither path nor message_id"),
        ('{"path": "a", "label": "keep"}\n{"path"\n', ":2: is not a JSON object"),
        ('{"path": "a", "label": 1}\n', ":1: label '1' is neither"),
        ('path,label\n"' + "x" * 200_000 + '",keep\n', "field larger"),
    ],
)
def test_labels_that_make_no_sense_are_named_by_line(content: str, words: str, tmp_path: Path) -> None:
    """Nothing is guessed: file, line and what is allowed."""
    path = tmp_path / "labels"
    path.write_text(content)
    with pytest.raises(WrongUse, match=words):
        read_labels(path)
    with pytest.raises(WrongUse, match="No such file"):
        read_labels(tmp_path / "nowhere")


def test_labels_name_messages_in_several_ways(tmp_path: Path) -> None:
    """By the path that replay prints, from the labels' own folder, by Message-ID or by a record's own id."""
    path = tmp_path / "labels.csv"
    path.write_text("\ufeffPath,Label,Rule\nbox/1.eml,stop,a b\nx@y.example,keep,\n")
    labels = read_labels(path)
    stop, keep = Mark(stop=True, rules=("a", "b")), Mark(stop=False)
    assert labels["box/1.eml"] == labels[f"{tmp_path}/box/1.eml"] == stop
    assert labels["<x@y.example>"] == keep
    raw = build(message_id="<x@y.example>")
    known = facts(parse_message(raw))
    assert Marks(labels).of("elsewhere", "", known, raw) == (keep,)
    assert Marks(labels).of("elsewhere", "box/1.eml", known, raw) == (stop,)
    assert Marks({}).of("elsewhere", "", known, raw) == ()


@pytest.mark.parametrize(
    ("state", "verb", "counts"),
    [
        (CaseState.DELIVERED, "release", True),
        (CaseState.DELIVERING, "release", True),
        (CaseState.REJECTED, "reject", True),
        (CaseState.DISCARDED, "discard", True),
        (CaseState.OVERTURNED, "reject", True),
        (CaseState.RELEASED, "release", False),  # it can still be undone
        (CaseState.DELIVERED, "confirm", False),  # the author's own answer
        (CaseState.HELD, "escalate", False),
        (CaseState.EXPIRED, "expire", False),
        (CaseState.WITHDRAWN, "withdraw", False),
        (CaseState.APPEALED, "reject", False),
    ],
)
def test_only_what_people_ruled_for_good_counts(state: CaseState, verb: str, counts: bool) -> None:
    """Clocks, answers and what is still open are no rulings; nor are rulings later than the run began."""
    case = Case("1", 2, state, draft(), 0.0, 5.0, ruling=Ruling(verb, MODERATOR, 5.0))
    assert ruled(case, WHEN) == counts
    assert not ruled(case, 4.0)
    assert not ruled(replace(case, ruling=None), WHEN)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A configuration on a running store, with four cases: released, rejected, one on which nobody has ruled."""
    with running_server() as server:
        made = write_live_site(tmp_path_factory.mktemp("live") / "etc", server)
        (made / "policy.toml").write_text(
            '[[rule]]\nname = "raffles"\nstage = "content"\naction = "hold"\nwhen = { subject = ["raffle"] }\n'
        )
        asyncio.run(_rule(made))
        yield made


def sample(number: int, subject: str) -> bytes:
    """The message of a case."""
    return build(to=BOARD, subject=subject, message_id=f"<{number}@party.example>", text=f"Text {number}\n")


RULED = (("raffle one", Verb.RELEASE), ("raffle two", Verb.REJECT), ("passes today", Verb.REJECT), ("raffle", None))


async def _rule(folder: Path) -> None:
    """Hold messages as the gateway does, and let a moderator rule on them."""
    store = connect(load(folder).site)
    try:
        for number, (subject, verb) in enumerate(RULED):
            raw = sample(number, subject)
            known = read_facts(raw[: header_end(raw)], Payload(raw), "localhost")
            key = Records("ana@party.example", known).key(BOARD, "unproven")
            reasons = (Reason("raffles", "content", "7.3", "It waits."), Reason("donate", "solicitation", "", "Money."))
            envelope = StoredEnvelope("ana@party.example", (BOARD,))
            made = draft(list=BOARD, ledger_key=key, reasons=reasons, envelope=envelope)
            case = await store.cases.hold(made, Payload(raw))
            for step, by in ((verb, MODERATOR), *(((Verb.DELIVERING, "courier"),) if verb is Verb.RELEASE else ())):
                if step is not None:
                    command = Command(step, by, case.changed_at, clause="7.3", sentence="Because.")
                    case = await store.cases.apply(case.number, case.version, command)
    finally:
        await store.close()


@pytest.mark.live
def test_rulings_of_the_store_score_the_policy(live: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Messages are known again by author, Message-ID and body, also from an mbox with other line ends."""
    mbox = tmp_path / "old.mbox"
    stored = [sample(number, subject) for number, (subject, _) in enumerate(RULED)]
    forged = stored[1].replace(b"Text 1", b"Other words")
    mbox.write_bytes(
        b"".join(
            b"From x Sat Nov 21 10:00:00 2026\n" + raw.replace(b"\r\n", b"\n") + b"\n" for raw in (*stored, forged)
        )
    )
    state, report = tmp_path / "state", tmp_path / "report.html"
    options = ("--config", str(live), "--resume", str(state), "--report", str(report))
    code, out, err = call(capsys, "replay", str(mbox), *options)
    assert (code, err) == (0, "")
    assert "Of 3 messages that people ruled on, 1 would go as they ruled (33 %). Held in error: 1. Missed: 1." in out
    (score,) = json.loads(state.read_bytes())["tally"]["scores"]
    assert score["rules"] == {"raffles": {"right": 1, "false": 1, "missed": 1, "watches": False}}
    for text in (out, report.read_text(), state.read_text()):
        assert MODERATOR not in text  # a score says nothing of people
        assert "ana@party.example" not in text


@pytest.mark.live
def test_reading_rulings_is_written_down(live: Path) -> None:
    """Whoever reads them stands in the log of each list; no case is named."""

    async def entries() -> list[bytes]:
        store = connect(load(live).site)
        try:
            keys = [key async for key in store.redis.scan_iter(match="*audit*")]
            found = [await store.redis.xrange(key) for key in keys if await store.redis.type(key) == b"stream"]
            return [value for stream in found for _, fields in stream for value in fields.values()]
        finally:
            await store.close()

    found = rulings(load(live).site, WHEN * 2, wanted=True)
    assert found is not None
    assert sorted(mark.stop for mark in found.by_copy.values()) == [False, True, True]
    assert any(f'"verb":"{READ}"'.encode() in entry for entry in asyncio.run(entries()))


@pytest.mark.live
def test_rosters_of_mailman_come_from_the_store(live: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the courier has read from Mailman decides who is a member; where it has read nothing, that is said."""
    folder = tmp_path / "etc"
    folder.mkdir()
    mailman = 'roster = "mailman://127.0.0.1:1"\n[mailman]\npassword_file = "password"\n'
    (folder / "site.toml").write_text((live / "site.toml").read_text() + mailman)
    (folder / "password").write_text("secret\n")
    path = tmp_path / "one.eml"
    path.write_bytes(build(to=BOARD))
    code, out, err = call(capsys, "replay", str(path), "--config", str(folder), "--no-rulings", "--json")
    assert (code, json.loads(out)["action"]) == (0, "defer")
    assert err == f"listward: the rosters of these lists are not at hand, so their mail is undecided: {BOARD}\n"

    async def read() -> None:
        store = connect(load(live).site)
        try:
            people = (RosterEntry("ana@party.example", "Ana Ruiz", Role.MEMBER),)
            await store.rosters.write(BOARD, store.rosters.seal(BOARD, people), 100.0)
        finally:
            await store.close()

    asyncio.run(read())
    replay_judging.judges_for.cache_clear()
    code, out, err = call(capsys, "replay", str(path), "--config", str(folder), "--no-rulings", "--json")
    assert (code, err, json.loads(out)["origin"]["kind"]) == (0, "", "member")


def test_a_store_that_is_not_there_is_passed_over_unless_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a store replay judges alone, and makes no key; asked for rulings it says that nobody answers."""
    mail = archive(folder, "raffle")
    assert call(capsys, "replay", str(mail), "--config", str(folder))[0] == 0
    assert not (folder / "var").exists()
    code, out, err = call(capsys, "replay", str(mail), "--config", str(folder), "--rulings")
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "the rulings cannot be read" in err
