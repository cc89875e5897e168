"""The promise: 250 only when every recipient is settled, by the next hop or by the store, and a retry does the rest."""

import asyncio
from typing import Any

from gateway_fakes import BOARD, KEY, MEMBERS, NEWS, SENDER, Rig, message
from scripted_hop import Delay, Hang, Say

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action
from listward.gateway.course import Ending
from listward.queue.store.ports import HeldLimit


async def test_a_hold_is_written_before_250() -> None:
    """The case has everything that moderators and the release need."""
    async with Rig() as rig:
        rig.judge.verdict = Action.HOLD
        code, text = await rig.send(message(), BOARD)
        assert (code, text) == (250, "2.0.0 Received. A moderator reads it first. Case 10017")
        draft, body = rig.cases.drafts[0], rig.cases.bodies[0]
        assert (draft.list, draft.author, draft.author_name, draft.origin) == (BOARD, SENDER, "Ana Ruiz", "member")
        assert (draft.envelope.sender, draft.envelope.recipients) == (SENDER, (BOARD,))
        assert draft.queues == ("moderators",)
        assert [(reason.rule, reason.clause, reason.quote) for reason in draft.reasons] == [
            ("heat", "4.3", ""),
            ("heat", "4.3", "grr!"),
        ]
        assert draft.internal
        assert draft.next_hop == rig.board.url
        assert body.endswith(message())
        assert body.startswith(b"Received: ")
        assert rig.board.messages == []


async def test_without_the_store_a_hold_is_451_and_comes_again() -> None:
    """Nothing was promised; the retry makes one case."""
    async with Rig() as rig:
        rig.judge.verdict = Action.HOLD
        rig.cases.away = True
        assert (await rig.send(message()))[0] == 451
        rig.cases.away = False
        assert (await rig.send(message()))[0] == 250
        assert len(rig.cases.drafts) == 1


async def test_a_retry_of_a_hold_makes_no_second_case() -> None:
    """The ledger knows the case; the author hears the same number."""
    async with Rig() as rig:
        rig.judge.verdict = Action.HOLD
        first = await rig.send(message())
        second = await rig.send(message())
        assert first == second
        assert rig.cases.calls == 1
        assert rig.count("duplicates_suppressed_total") == 1


async def test_a_full_store_is_452() -> None:
    """Held bytes are bounded; more is not refused for good."""
    async with Rig() as rig:
        rig.judge.verdict = Action.HOLD
        rig.cases.away, rig.cases.error = True, HeldLimit("full")
        code, text = await rig.send(message())
        assert (code, text[:5]) == (452, "4.3.1")


async def test_holds_for_two_lists_are_two_linked_cases() -> None:
    """250 waits for both writes; the second names the first."""
    async with Rig() as rig:
        rig.judge.verdict = Action.HOLD
        code, text = await rig.send(message(), BOARD, NEWS)
        assert (code, text[-13:]) == (250, " 10017, 10027")
        assert [(draft.list, draft.linked) for draft in rig.cases.drafts] == [(BOARD, ()), (NEWS, ("10017",))]


async def test_half_of_two_holds_is_451() -> None:
    """When the second write fails nothing is relayed and nothing is said; the retry completes without a double."""
    async with Rig() as rig:
        rig.judge.per = {BOARD: Action.HOLD, NEWS: Action.HOLD}
        rig.cases.fail_from = 2
        assert (await rig.send(message(), BOARD, NEWS, MEMBERS))[0] == 451
        assert rig.news.messages == []
        rig.cases.fail_from = None
        assert (await rig.send(message(), BOARD, NEWS, MEMBERS))[0] == 250
        assert [draft.list for draft in rig.cases.drafts] == [BOARD, NEWS]
        assert [taken.recipients for taken in rig.news.messages] == [(MEMBERS,)]


async def test_holds_come_before_relays() -> None:
    """A recipient is relayed only when the other's hold is safe."""
    async with Rig() as rig:
        rig.judge.per = {BOARD: Action.HOLD}
        rig.cases.away = True
        assert (await rig.send(message(), BOARD, NEWS))[0] == 451
        assert rig.news.messages == []


async def test_a_discard_is_kept_and_written_down_before_250() -> None:
    """The audit entry is that of a case, discarded by the policy."""
    async with Rig() as rig:
        rig.judge.verdict = Action.DISCARD
        code, text = await rig.send(message())
        assert (code, text[:19]) == (250, "2.0.0 Received. Ref")
        command = rig.cases.commands[0]
        assert (command.verb.value, command.by, command.clause) == ("discard", "policy", "4.3")
        assert rig.board.messages == []
        assert rig.count("messages_total", listener="ingress", action="discard", list="board") == 1


async def test_a_discard_that_was_done_before_is_done() -> None:
    """A retry whose case stands discarded is settled."""
    async with Rig() as rig:
        rig.judge.verdict = Action.DISCARD
        rig.cases.conflict = True
        assert (await rig.send(message()))[0] == 250


async def test_a_refusal_reaches_nobody() -> None:
    """The reply is the policy's; nothing is stored or relayed."""
    async with Rig() as rig:
        rig.judge.verdict = Action.REJECT
        code, text = await rig.send(message())
        assert code == 550
        assert text.startswith("5.7.1 Not delivered. Ref ")
        assert (rig.cases.calls, rig.board.messages) == (0, [])


async def test_a_deferral_is_451() -> None:
    """What the policy could not decide comes again."""
    async with Rig() as rig:
        rig.judge.verdict = Action.DEFER
        assert (await rig.send(message()))[0] == 451
        assert rig.board.messages == []


async def test_a_filter_that_raises_three_times_is_a_hold() -> None:
    """An exception is never accept and never 5xx; from the third try on a person looks."""
    async with Rig() as rig:
        rig.judge.error = RuntimeError("redis://user:secret@10.0.0.7")
        replies = [await rig.send(message(), BOARD, NEWS) for _ in range(3)]
        assert [code for code, _text in replies] == [451, 451, 250]
        assert "secret" not in str(replies)
        assert [draft.reasons[0].rule for draft in rig.cases.drafts] == ["filter-failed"] * 2
        assert {draft.origin for draft in rig.cases.drafts} == {"unproven"}
        assert [seen.attempt for seen in rig.judge.seen] == [1, 2, 3]
        assert rig.count("filter_failures_total", filter="judge") == 3


async def test_a_judge_that_overruns_is_451() -> None:
    """The deadline of judging holds, whatever hangs."""
    async with Rig(gateway={"judge_deadline_s": 0.05}) as rig:
        rig.judge.gate = asyncio.Event()
        assert (await rig.send(message()))[0] == 451


async def test_a_next_hop_that_hangs_is_451_within_the_deadline() -> None:
    """The answer comes in time, and the outcome is unknown."""
    async with Rig(gateway={"reply_deadline_s": 2.2}) as rig:
        rig.board.on("DOT", Hang(), times=1)
        start = asyncio.get_running_loop().time()
        assert (await rig.send(message()))[0] == 451
        assert asyncio.get_running_loop().time() - start < 2.2
        assert "unknown" in rig.ledger.outcomes.values()


async def test_what_cannot_be_counted_is_answered_for() -> None:
    """The answer says what has become of the message, also where its count cannot be written."""
    async with Rig() as rig:
        rig.metrics.messages = None  # type: ignore[assignment]  # nothing can be counted in it
        assert (await rig.send(message()))[0] == 250
        assert len(rig.board.messages) == 1
        failed = [event for event in rig.events() if event["event"] == "failed"]
        assert [event["error"] for event in failed] == ["AttributeError"]


async def test_work_goes_on_when_the_client_hangs_up_after_the_dot() -> None:
    """The message is delivered once, and a retry is answered from the ledger."""
    async with Rig() as rig:
        rig.board.on("DOT", Delay(0.1), times=1)
        client = await rig.connect()
        await client.envelope(BOARD)
        await client.ask("DATA")
        client.writer.write(message() + b".\r\n")
        await rig.until(lambda: len(rig.judge.seen) == 1)
        client.writer.transport.abort()
        await rig.until(lambda: len(rig.board.messages) == 1)
        await rig.until(lambda: not rig.server.works)
        assert (await rig.send(message()))[0] == 250
        assert len(rig.board.messages) == 1
        assert rig.bounds.octets == 0


async def test_a_client_that_leaves_before_the_dot_delivers_nothing() -> None:
    """Half a message is none."""
    async with Rig() as rig:
        client = await rig.connect()
        await client.envelope(BOARD)
        await client.ask("DATA")
        client.writer.write(message() + b".")
        client.writer.write_eof()
        assert await client.is_closed()
        assert (rig.judge.seen, rig.bounds.octets) == ([], 0)


async def test_the_same_message_twice_at_once_is_delivered_once() -> None:
    """A client that gave up waiting and came again gets 451 while we still work."""
    async with Rig() as rig:
        rig.judge.gate = asyncio.Event()
        rig.board.on("DOT", Delay(0.1))
        first, second = asyncio.create_task(rig.send(message())), asyncio.create_task(rig.send(message()))
        await rig.until(lambda: rig.ledger.reads == 2 and len(rig.judge.seen) == 1)
        rig.judge.gate.set()
        assert sorted([(await first)[0], (await second)[0]]) == [250, 451]
        assert (await rig.send(message()))[0] == 250
        assert len(rig.board.messages) == 1


async def test_without_the_ledger_one_worker_still_acts_once() -> None:
    """Commands flow without the store: two copies at once are one."""
    async with Rig() as rig:
        rig.ledger.away = True
        rig.board.on("DOT", Delay(0.1))
        address = "board-leave@lists.party.example"
        replies = await asyncio.gather(rig.send(message(), address), rig.send(message(), address))
        assert sorted(code for code, _text in replies) == [250, 451]
        assert len(rig.board.messages) == 1


async def test_a_claim_ends_with_the_message_however_it_ends() -> None:
    """After 250, 451 and 550 alike the next try is free at once."""
    async with Rig() as rig:
        for verdict in (Action.DEFER, Action.REJECT, Action.HOLD, Action.ACCEPT):
            rig.judge.verdict = verdict
            await rig.send(message())
            assert rig.ledger.claims == {}
        rig.judge.error = RuntimeError()
        assert (await rig.send(message(message_id="<b@x>")))[0] == 451
        await rig.send(message(), NEWS, egress=True)
        assert rig.ledger.claims == {}


async def test_a_clean_message_costs_two_store_calls() -> None:
    """One before judging, one after delivery, on both ways."""
    async with Rig() as rig:
        await rig.send(message())
        assert (rig.ledger.reads, rig.ledger.writes) == (1, 1)
        await rig.send(message(), NEWS, egress=True)
        assert (rig.ledger.reads, rig.ledger.writes) == (2, 2)


async def test_a_proven_author_s_mail_sent_on_by_others_is_posted_once() -> None:
    """The envelope sender is whoever sends: it makes no second post of a signed message."""
    async with Rig() as rig:
        for origin in (OriginKind.INTERNAL, OriginKind.MEMBER, OriginKind.KNOWN):
            rig.judge.origin = origin
            for number in range(3):
                reply = await rig.send(message(message_id=f"<{origin}@x>"), sender=f"evil{number}@else.example")
                assert reply[0] == 250
        assert len(rig.board.messages) == 3


async def test_a_weaker_copy_never_suppresses_the_genuine_one() -> None:
    """Origin is part of what names a message."""
    async with Rig() as rig:
        rig.judge.origin = OriginKind.UNPROVEN
        rig.judge.verdict = Action.HOLD
        assert (await rig.send(message()))[0] == 250
        rig.judge.origin, rig.judge.verdict = OriginKind.MEMBER, Action.ACCEPT
        assert (await rig.send(message()))[0] == 250
        assert len(rig.board.messages) == 1


async def test_without_the_ledger_posts_wait_and_commands_flow() -> None:
    """A second post is worse than a late one; leaving works for everybody."""
    async with Rig() as rig:
        rig.ledger.away = True
        assert (await rig.send(message(), BOARD))[0] == 451
        for address in ("board-leave", "board-request", "board-bounces+a=b.example", "board-owner"):
            assert (await rig.send(message(), f"{address}@lists.party.example"))[0] == 250
        assert len(rig.board.messages) == 4


async def test_a_delivery_that_cannot_be_written_down_is_still_a_delivery() -> None:
    """The next hop has it: 250, and a line in the log."""
    async with Rig() as rig:
        rig.ledger.deaf = True
        assert (await rig.send(message()))[0] == 250
        assert "unrecorded" in [event["event"] for event in rig.events()]


async def test_an_error_of_ours_is_451() -> None:
    """Whatever is not expected is temporary, and its words stay inside."""
    async with Rig() as rig:

        async def broken(*_: object) -> dict[str, object]:
            raise KeyError("/etc/listward/secret")

        rig.pool.deliver = broken  # type: ignore[assignment,method-assign]
        code, text = await rig.send(message())
        assert code == 451
        assert "secret" not in text
        assert [event["error"] for event in rig.events() if event["event"] == "failed"] == ["KeyError"]
        assert rig.services.under_way == set()


async def test_a_recipient_nobody_answered_for_is_unknown() -> None:
    """Silence about one address is never taken for its delivery."""
    async with Rig() as rig:
        deliver = rig.pool.deliver

        async def forgetful(*arguments: Any) -> dict[str, Any]:
            answers = await deliver(*arguments)
            return {address: answer for address, answer in answers.items() if address != MEMBERS}

        rig.pool.deliver = forgetful  # type: ignore[method-assign]
        assert (await rig.send(message(), NEWS, MEMBERS))[0] == 451
        assert sorted(rig.ledger.outcomes.values()) == ["relayed", "tries:1", "unknown"]


async def test_what_was_delivered_is_written_down_though_the_rest_fails() -> None:
    """An error while holding the refused one costs no second copy of the other."""
    async with Rig() as rig:
        rig.board.on("DOT", Say("550 mailbox unavailable"))

        async def broken(*_: object) -> None:
            raise KeyError

        rig.cases.hold = broken  # type: ignore[assignment,method-assign]
        assert (await rig.send(message(), BOARD, NEWS))[0] == 451
        assert "relayed" in rig.ledger.outcomes.values()


def test_nothing_settled_is_not_settled() -> None:
    """250 rests on fates that are there."""
    assert not Ending().settled


async def test_every_message_has_one_line_in_the_log_without_addresses() -> None:
    """The same id in the line, the reply and our Received field; hashes instead of addresses."""
    async with Rig() as rig:
        _code, text = await rig.send(message())
        (line,) = rig.events()
        assert line["event"] == "relayed"
        assert text.endswith(line["id"])
        assert line["id"].encode() in rig.board.messages[0].data
        assert "@" not in rig.stream.getvalue()
        assert line["sender"] == rig.services.log.hashed(SENDER)
        assert rig.count("messages_total", listener="ingress", action="accept", list="board") == 1
        assert rig.count("findings_total", rule="other") == 1  # no check of ours has that name
        assert rig.count("transaction_seconds_count") == 1
        assert rig.count("next_hop_seconds_count") == 1
        assert KEY.decode() not in rig.stream.getvalue()
