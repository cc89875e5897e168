"""What authors are told, when, and what they are not told."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_cases import START, MemoryCases, draft, stranger
from messages import build
from notices_world import Post, sentences

from listward.config.site import Addresses, Console, Limits, Organisation
from listward.config.site import Notices as NoticesTable
from listward.queue.cases.case import Case, Reason
from listward.queue.cases.commands import Command, Verb
from listward.queue.notices.notices import KINDS, NotYetTold
from listward.queue.store.ports import DamagedBody, Event, StoreUnavailable
from listward.wire.outcome import Step
from listward.wire.payload import Payload
from listward.wire.reply import Reply

MakePost = Callable[..., Post]
BODY = build(text="Dear all, please send money to me.\nAna\n")
SECRET = "zanzibar"


async def reject(cases: MemoryCases, case: Case, verb: Verb = Verb.REJECT) -> Case:
    """A moderator's ruling."""
    command = Command(verb, "mod@party.example", START + 5, clause="A 7.3", sentence="Please leave the appeal out.")
    return await cases.apply(case.number, case.version, command)


async def test_a_hold_is_told(post: Post) -> None:
    """Safe, not yet sent, why, the rule with its link, by when, what to do, no accusation."""
    case = await post.cases.hold(draft(), Payload(BODY))
    await post.handle_all()
    (mail,), (text,) = post.pool.mails, post.pool.texts
    assert mail["Subject"] == f"Your message to board@party.example (case {case.number})"
    assert mail["To"] == "ana@party.example"
    for words in (
        "is safe. It is not yet sent.",
        "Its subject: Help with my rent",
        "Why: Your message seems to ask for money for a person.",
        "The rule: A 7.3, No personal appeals",
        "https://lists.party.example/rules#A-7.3",
        "A person decides by Saturday, 21 November, 11:06 UTC.",
        "office@party.example",
        "This is an automatic check and it can be wrong; it is not an accusation.",
    ):
        assert words in text
    assert max(len(sentence.split()) for sentence in sentences(text)) <= 20


@pytest.mark.parametrize("verb", [Verb.REJECT, Verb.DISCARD])
async def test_a_ruling_is_told_with_office_rule_sentence_and_the_own_text(post: Post, verb: Verb) -> None:
    """Never the moderator's name; a discard of a proven author's mail tells like a reject."""
    case = await post.cases.hold(draft(), Payload(BODY))
    await reject(post.cases, case, verb)
    await post.handle_all()
    (text,) = post.pool.texts
    assert "was not sent on" in text
    assert "The moderators decided this. It was a person" in text
    assert "Why: Please leave the appeal out." in text
    assert "The rule: A 7.3, No personal appeals" in text
    assert "write to appeal@party.example" in text
    assert "> Dear all, please send money to me." in text
    assert "mod@party.example" not in post.pool.sent[0][1].decode()


async def test_a_hold_that_is_decided_already_is_not_told_late(post: Post) -> None:
    """Only the outcome is told, or nothing for a release: the list's copy tells."""
    released = await post.cases.hold(draft(), Payload(BODY))
    await post.cases.apply(released.number, 1, Command(Verb.RELEASE, "m@x", START, "moderators"))
    await post.handle_all()
    assert post.pool.sent == []


async def test_nobody_else_is_told(post: Post) -> None:
    """Unproven, machines and lists get nothing, on hold and on ruling."""
    held = [
        await post.cases.hold(stranger(), Payload(BODY)),
        await post.cases.hold(draft(), Payload(build(headers=[("List-Id", "<x>")]))),
        await post.cases.hold(draft(), Payload(build(headers=[("Auto-Submitted", "auto-replied")]))),
    ]
    for case in held:
        await reject(post.cases, case)
    await post.handle_all()
    assert post.pool.sent == []
    assert post.counted() == {("rejected", "nobody"): 3.0}


async def test_the_message_cannot_be_answered_by_a_machine(post: Post) -> None:
    """Null envelope sender, Auto-Submitted, an id of ours, seven-bit lines."""
    await post.cases.hold(draft(), Payload(BODY))
    await post.handle_all()
    envelope, data = post.pool.sent[0]
    mail = post.pool.mails[0]
    assert (envelope.sender, envelope.addresses) == ("", ("ana@party.example",))
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["From"] == "The Party <listward@party.example>"
    assert mail["Content-Language"] == "en"
    assert mail.get_content_type() == "text/plain"
    assert data.isascii()
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")


async def test_a_second_try_is_the_same_message(post: Post) -> None:
    """While the next hop says 4xx the entry stays; the repeat has the same id and the same bytes."""
    await post.cases.hold(draft(), Payload(BODY))
    event = post.cases.log[0]
    post.pool.reply = Reply(451, "4.3.0", "later")
    with pytest.raises(NotYetTold):
        await post.notices.on_event(event, post.cases.cases[event.number])
    post.clock.at += 900
    post.pool.reply = Reply(250, "2.0.0", "ok")
    await post.notices.on_event(event, post.cases.cases[event.number])
    first, second = post.pool.sent
    assert first == second
    assert post.counted() == {("held", "later"): 1.0, ("held", "sent"): 1.0}


@pytest.mark.parametrize(("step", "lost", "outcome"), [(Step.RCPT, False, "refused"), (Step.DOT, True, "later")])
async def test_a_refusal_ends_and_a_lost_reply_is_repeated(post: Post, step: Step, lost: bool, outcome: str) -> None:
    """5xx is final and counted; where the reply was lost nobody knows, so it is tried again."""
    await post.cases.hold(draft(), Payload(BODY))
    post.pool.reply, post.pool.step, post.pool.lost = Reply(550, "5.1.1", "no"), step, lost
    if outcome == "later":
        with pytest.raises(NotYetTold):
            await post.handle_all()
    else:
        await post.handle_all()
    assert post.counted() == {("held", outcome): 1.0}


async def test_over_the_days_limit_notices_join_one_summary(make_post: MakePost) -> None:
    """None is dropped: the next day one letter has all the rest, and is sent once."""
    post = make_post(limits=Limits(notices_per_author_and_day=2))
    numbers = [(await post.cases.hold(draft(subject=f"Number {one}"), Payload(BODY))).number for one in range(5)]
    await reject(post.cases, post.cases.cases[numbers[4]])
    await post.handle_all()
    assert len(post.pool.sent) == 2
    assert await post.notices.send_summaries() == 0
    post.clock.at += 86_400
    assert await post.notices.send_summaries() == 1
    assert await post.notices.send_summaries() == 0
    text = post.pool.texts[-1]
    for number in numbers[2:4]:
        assert f"Case {number}, to board@party.example: It is safe." in text
    assert f"Case {numbers[4]}, to board@party.example: It was not sent on. The moderators decided this." in text
    assert post.pool.mails[-1]["Subject"] == f"Your messages to our lists (cases {', '.join(numbers[2:])})"
    assert not any(number in text for number in numbers[:2])


async def test_the_limit_is_for_each_author_and_day(make_post: MakePost) -> None:
    """Another author and another day start anew; the same entry repeated counts once."""
    post = make_post(limits=Limits(notices_per_author_and_day=1))
    await post.cases.hold(draft(), Payload(BODY))
    event = post.cases.log[0]
    for _ in range(3):
        await post.notices.on_event(event, post.cases.cases[event.number])
    assert len(post.pool.sent) == 3
    await post.cases.hold(draft(author="luis@party.example"), Payload(BODY))
    post.cases.now += 86_400
    await post.cases.hold(draft(), Payload(BODY))
    await post.handle_all()
    assert [mail["To"] for mail in post.pool.mails[4:]] == ["luis@party.example", "ana@party.example"]


async def test_a_summary_that_cannot_leave_waits(make_post: MakePost) -> None:
    """Nothing is forgotten while the next hop is away; what was overtaken meanwhile is left out."""
    post = make_post(limits=Limits(notices_per_author_and_day=0))
    first = await post.cases.hold(draft(), Payload(BODY))
    second = await post.cases.hold(draft(), Payload(BODY))
    await post.handle_all()
    post.clock.at += 86_400
    post.pool.reply = Reply(421, "4.3.2", "away")
    with pytest.raises(NotYetTold):
        await post.notices.send_summaries()
    await post.cases.apply(first.number, 1, Command(Verb.RELEASE, "m@x", START, "moderators"))
    post.pool.reply = Reply(250, "2.0.0", "ok")
    assert await post.notices.send_summaries() == 1
    assert second.number in post.pool.texts[-1]
    assert first.number not in post.pool.texts[-1]


async def test_no_address_is_kept_for_counting(make_post: MakePost) -> None:
    """Digests and case numbers only."""
    post = make_post(limits=Limits(notices_per_author_and_day=0))
    await post.cases.hold(draft(), Payload(BODY))
    await post.handle_all()
    assert "ana@party.example" not in post.redis.dump + " ".join(post.redis.keys)


async def test_the_log_has_no_address_and_no_text(post: Post) -> None:
    """Keyed hashes only."""
    await post.cases.hold(draft(), Payload(BODY))
    await post.handle_all()
    assert '"event":"told"' in post.log.getvalue()
    assert "ana@" not in post.log.getvalue()
    assert "rent" not in post.log.getvalue()


async def test_without_a_next_hop_nothing_is_sent(make_post: MakePost) -> None:
    """[notices] next_hop "" sends none, and no entry hangs."""
    post = make_post(notices=NoticesTable(**{"next_hop": "", "from": "l@party.example"}))
    await post.cases.hold(draft(), Payload(BODY))
    await post.handle_all()
    assert post.pool.sent == []


async def test_a_store_that_is_away_leaves_the_entry(post: Post) -> None:
    """Nothing is sent that could not be counted."""
    await post.cases.hold(draft(), Payload(BODY))
    event = post.cases.log[0]
    post.redis.away = True
    with pytest.raises(StoreUnavailable):
        await post.notices.on_event(event, post.cases.cases[event.number])
    assert post.pool.sent == []


async def test_unconfigured_addresses_leave_no_empty_promise(make_post: MakePost) -> None:
    """Without help, appeal and public address their lines are gone; the rule is still named."""
    post = make_post(addresses=Addresses(), console=Console())
    case = await post.cases.hold(draft(), Payload(BODY))
    await reject(post.cases, case)
    await post.handle_all()
    text = post.pool.texts[0]
    assert "ask us" not in text
    assert "Read the rule" not in text
    assert "The rule: A 7.3, No personal appeals" in text


@pytest.mark.parametrize("category", ["passage", "fingerprint"])
async def test_what_a_passage_matched_is_not_told(post: Post, category: str) -> None:
    """Else anyone could test what was discussed elsewhere."""
    reasons = (Reason("rule", "content", "A 7.3", "It quotes the board of 3 May."), Reason("p", category, "", SECRET))
    await post.cases.hold(draft(reasons=reasons), Payload(BODY))
    await post.handle_all()
    assert "A moderator looks at this first." in post.pool.texts[0]
    assert "3 May" not in post.pool.texts[0]


# --- Languages ----------------------------------------------------------------------------------------------------


def rosters(language: str) -> Any:
    """A roster that knows everybody's language."""
    return SimpleNamespace(find=lambda *_: SimpleNamespace(language=language), names=lambda _: frozenset())


async def test_the_roster_says_the_language(make_post: MakePost) -> None:
    """A Spanish reader gets Spanish alone."""
    post = make_post(rosters=rosters("es"))
    await post.cases.hold(draft(), Payload(BODY))
    await post.handle_all()
    text = post.pool.texts[0]
    assert "está a salvo" in text
    assert "sábado 21 de noviembre, 11:06 UTC" in text
    assert "is safe" not in text
    assert post.pool.mails[0]["Subject"].startswith("Tu mensaje a")


async def test_without_a_known_language_all_of_the_organisations(make_post: MakePost) -> None:
    """Both, one below the other."""
    organisation = Organisation(name="Party", domains=("party.example",), languages=("en", "es"))
    post = make_post(organisation=organisation)
    await post.cases.hold(draft(), Payload(BODY))
    await post.handle_all()
    assert post.pool.texts[0].index("is safe") < post.pool.texts[0].index("está a salvo")
    assert post.pool.mails[0]["Content-Language"] == "en, es"


# --- Internal matters (the property over every sender of mail) -------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    author=st.sampled_from(["ana@party.example", "ana@gmail.example", "ana@inside.party.example"]),
    verb=st.sampled_from([None, Verb.REJECT, Verb.DISCARD]),
    place=st.sampled_from(["subject", "text", "reason", "quote", "sentence", "name"]),
    limit=st.sampled_from([0, 5]),
    languages=st.sampled_from([("en",), ("es",), ("en", "es")]),
)
async def test_no_internal_matter_leaves_for_an_outside_mailbox(
    make_post: MakePost, author: str, verb: Verb | None, place: str, limit: int, languages: tuple[str, ...]
) -> None:
    """Whatever is told and wherever the words stand: only an inside mailbox may read them."""
    organisation = Organisation(
        name="Party", domains=("party.example",), internal_domains=("inside.party.example",), languages=languages
    )
    post = make_post(organisation=organisation, limits=Limits(notices_per_author_and_day=limit))
    words = {name: SECRET if name == place else "nothing" for name in ("subject", "text", "reason", "quote", "name")}
    reason = Reason("rule", "internal", "A 7.3", words["reason"], "text", 0, 8, words["quote"])
    body = build(subject=words["subject"], text=words["text"] + "\n")
    case = await post.cases.hold(
        draft(author=author, internal=True, subject=words["subject"], author_name=words["name"], reasons=(reason,)),
        Payload(body),
    )
    if verb:
        command = Command(verb, "m@x", START, clause="A 7.3", sentence=SECRET if place == "sentence" else "No.")
        await post.cases.apply(case.number, 1, command)
    await post.handle_all()
    post.clock.at += 86_400
    await post.notices.send_summaries()
    assert len(post.pool.sent) == 1
    if not author.endswith("@inside.party.example"):
        whole = post.pool.sent[0][1].decode() + post.pool.texts[0] + str(post.pool.mails[0]["Subject"])
        assert SECRET not in whole


async def test_an_inside_mailbox_reads_the_whole_notice(post: Post) -> None:
    """Inside, subject and text may be named."""
    await post.cases.hold(draft(author="ana@inside.party.example", internal=True, subject=SECRET), Payload(BODY))
    await post.handle_all()
    assert SECRET in post.pool.texts[0]


# --- Hostile words --------------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=st.text(max_size=120), sentence=st.text(max_size=120), name=st.text(max_size=40))
async def test_no_words_of_a_stranger_become_a_header_field(
    make_post: MakePost, subject: str, sentence: str, name: str
) -> None:
    """Whatever stands in subject, name or reason: the same fields, one message, well-formed lines."""
    post = make_post()
    reason = Reason("rule", "c", "", sentence)
    await post.cases.hold(
        draft(subject=subject, author_name=name, reasons=(reason,)), Payload(build(subject=None, text="x\n"))
    )
    await post.handle_all()
    data = post.pool.sent[0][1]
    head = data.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert names == [
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"X-Auto-Response-Suppress",
        b"Content-Language", b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version",
    ]  # fmt: skip
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", data)


async def test_handlers_are_for_the_verbs_that_are_told(post: Post) -> None:
    """The courier looks handlers up by the entry's verb; other verbs tell nobody."""
    made = post.notices.handlers()
    assert set(made) == set(KINDS) == {"hold", "confirm", "reject", "discard", "delivered", "expire"}
    case = await post.cases.hold(draft(), Payload(BODY))
    await made["hold"](post.cases.log[0], case)
    assert len(post.pool.sent) == 1
    await post.notices.on_event(Event("2", "board@party.example", case.number, "claim", 1, START, ""), case)
    assert len(post.pool.sent) == 1


async def test_one_courier_at_a_time_sends_summaries(make_post: MakePost) -> None:
    """While another has the lease nothing is sent; afterwards it goes."""
    post = make_post(limits=Limits(notices_per_author_and_day=0))
    await post.cases.hold(draft(), Payload(BODY))
    await post.handle_all()
    post.clock.at += 86_400
    assert await post.ledger.lease(60)
    assert await post.notices.send_summaries() == 0
    await post.ledger.release()
    assert await post.notices.send_summaries() == 1


async def test_a_damaged_case_does_not_stop_the_others_summaries(
    make_post: MakePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be read cannot be told; everybody else's letter leaves."""
    post = make_post(limits=Limits(notices_per_author_and_day=0))
    broken = await post.cases.hold(draft(), Payload(BODY))
    await post.cases.hold(draft(author="luis@party.example"), Payload(BODY))
    await post.handle_all()
    post.clock.at += 86_400
    usual = post.cases.get

    async def get(number: str) -> Case:
        if number == broken.number:
            raise DamagedBody
        return await usual(number)

    monkeypatch.setattr(post.cases, "get", get)
    assert await post.notices.send_summaries() == 1
    assert [mail["To"] for mail in post.pool.mails] == ["luis@party.example"]


async def test_a_case_that_is_gone_tells_nobody(post: Post) -> None:
    """An entry without its case is done with; without its text it is told all the same."""
    await post.notices.on_event(Event("1", "board@party.example", "99999", "hold", 1, START, ""))
    assert post.pool.sent == []
    case = await post.cases.hold(draft(), Payload(BODY))
    del post.cases.bodies[case.number]
    await reject(post.cases, case)
    await post.handle_all()
    assert "was not sent on" in post.pool.texts[0]
    assert ">" not in post.pool.texts[0]
