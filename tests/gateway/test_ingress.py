"""The way in: kinds of addresses, peers, observing, and what the list server gets."""

import re
from email.utils import parsedate_to_datetime

from gateway_fakes import BOARD, NEWS, SENDER, Rig, message

from listward.filters.identity.origin import AuthResult, OriginKind
from listward.filters.judgement import Action

REPORT = "report@party.example"


def header(data: bytes) -> str:
    """The header of a message, unfolded."""
    return data.partition(b"\r\n\r\n")[0].decode().replace("\r\n\t", " ").replace("\r\n ", " ") + "\r\n"


async def test_accepted_mail_is_relayed_in_the_transaction() -> None:
    """A message that is accepted reaches the list server before 250 is said."""
    async with Rig() as rig:
        code, text = await rig.send(message())
        assert (code, len(rig.board.messages)) == (250, 1)
        assert text.startswith("2.0.0 Received. Ref ")
        taken = rig.board.messages[0]
        assert (taken.sender, taken.recipients) == (SENDER, (BOARD,))


async def test_the_message_stays_octet_by_octet_below_our_fields() -> None:
    """Body and signed fields are as they came, so that DKIM survives."""
    head = b"from:  Ana <ana@home.example>\r\nX-Odd:\tfolded\r\n\t here \r\nDATE: x\r\nmessage-id: <q@x>\r\n"
    odd = head + b"\r\n \t\r\n.\r\n\r\n\r\n\xff\xfe\r\n"
    async with Rig() as rig:
        assert (await rig.send(odd, NEWS))[0] == 250
        data = rig.news.messages[0].data
        assert data.endswith(odd)
        names = re.findall(r"^([^ \r\n:]+):", header(data[: -len(odd)] + b"\r\n\r\n"), re.MULTILINE)
        assert names == ["Received", "Authentication-Results", "X-Listward-Id"]


async def test_the_fields_that_we_add() -> None:
    """Received without local addresses, results of this judgement, our mark."""
    async with Rig() as rig:
        rig.judge.results = (
            AuthResult("spf", "pass", "home.example", "", "smtp.mailfrom"),
            AuthResult("dkim", "pass", "home.example\r\nEvil: x"),
            AuthResult("dmarc", "pass", "home.example", "", "header.from"),
            AuthResult("arc", "none"),
        )
        await rig.send(message())
        text = header(rig.board.messages[0].data)
        assert re.search(
            r"^Received: from client\.example by mx\.party\.example with ESMTP id \w{20}; \w{3}, .* [+]0000\r$",
            text,
            re.M,
        )
        assert "127.0.0.1" not in text
        assert (
            "Authentication-Results: mx.party.example; spf=pass smtp.mailfrom=home.example; dkim=pass;"
            " dmarc=pass header.from=home.example; arc=none\r\n" in text
        )
        assert "Evil" not in text


async def test_message_id_and_date_are_added_where_missing() -> None:
    """A retry gets the same Message-ID; the ledger knows it again."""
    async with Rig() as rig:
        assert (await rig.send(message(message_id=None, date=None), NEWS))[0] == 250
        text = header(rig.news.messages[0].data)
        (first,) = re.findall(r"^Message-ID: (<[0-9a-f]{32}@mx\.party\.example>)\r$", text, re.M)
        (date,) = re.findall(r"^Date: (.*)\r$", text, re.M)
        assert parsedate_to_datetime(date).tzinfo is not None
        assert (await rig.send(message(message_id=None, date=None), NEWS))[0] == 250
        assert len(rig.news.messages) == 1
        rig.ledger.outcomes.clear()
        await rig.send(message(message_id=None, date=None), NEWS)
        assert first in header(rig.news.messages[1].data)


async def test_signed_absence_is_left_absent() -> None:
    """A field named in a DKIM h= must not appear where it was not."""
    async with Rig() as rig:
        rig.judge.signed = frozenset({"message-id", "date"})
        await rig.send(message(message_id=None, date=None), NEWS)
        text = header(rig.news.messages[0].data)
        assert "Message-ID" not in text
        assert "\nDate" not in text


async def test_forged_results_go_before_judging_and_marks_before_the_list_server() -> None:
    """Neither sees results that only we may write; the judge alone sees marks, for a seal may cover them."""
    forged = (
        "authentication-results: MX.Party.Example;\r\n\tdmarc=pass\r\n"
        'Authentication-Results : (x) "mx.party.example" 1; dkim=pass\r\n'
        "Authentication-Results: other.example; spf=fail\r\n"
        "X-Listward-Id: 00000000000000000000 0000000000000000\r\n"
        "x-listward-id:\r\n folded\r\n"
    )
    async with Rig() as rig:
        await rig.send(message(extra=forged), NEWS)
        for data in (rig.judge.seen[0].raw, rig.news.messages[0].data):
            assert b"other.example; spf=fail" in data
            assert b"\tdmarc=pass" not in data
            assert b'"mx.party.example" 1' not in data
        assert rig.judge.seen[0].raw.count(b"istward") == 2
        assert b"0000000000000000" not in rig.news.messages[0].data
        assert b" folded" not in rig.news.messages[0].data


async def test_mail_that_comes_back_to_its_list_is_a_loop() -> None:
    """Our own mark for the same list is 554 5.4.6; for another list it is not."""
    async with Rig() as rig:
        await rig.send(message(), NEWS)
        came_back = rig.news.messages[0].data
        code, text = await rig.send(came_back, NEWS)
        assert (code, text[:5]) == (554, "5.4.6")
        assert (await rig.send(came_back, BOARD))[0] == 250
        assert (await rig.send(came_back, "news-owner@lists.party.example"))[0] == 250


async def test_a_mark_of_somebody_else_is_no_loop() -> None:
    """Only our key makes a mark."""
    async with Rig() as rig:
        await rig.send(message(), NEWS)
        changed = re.sub(rb"(X-Listward-Id: \w{20} )\w", rb"\1z", rig.news.messages[0].data)
        assert (await rig.send(changed, NEWS))[0] == 250


async def test_more_than_a_hundred_hops_are_a_loop() -> None:
    """RFC 5321 section 6.3."""
    async with Rig() as rig:
        assert (await rig.send(message(extra="Received: x\r\n" * 100), NEWS))[0] == 250
        code, text = await rig.send(message(extra="Received: x\r\n" * 101), NEWS)
        assert (code, text[:5]) == (554, "5.4.6")


async def test_our_own_addresses_are_never_relayed_and_never_lost() -> None:
    """A report is a case for people, whatever was found in it."""
    async with Rig() as rig:
        for verdict in (Action.ACCEPT, Action.HOLD, Action.DISCARD):
            rig.judge.verdict = verdict
            code, text = await rig.send(message(message_id=f"<{verdict}@x>"), REPORT)
            assert code == 250
            assert "Case" in text
        assert {(draft.list, draft.queues, draft.reasons[0].rule) for draft in rig.cases.drafts} == {
            (REPORT, ("moderators",), "own-address")
        }
        assert rig.cases.commands == []


async def test_lists_beside_each_other_get_their_own_verdicts() -> None:
    """One hold, one relay, one reply."""
    async with Rig() as rig:
        rig.judge.per = {BOARD: Action.HOLD}
        code, text = await rig.send(message(), BOARD, NEWS)
        assert (code, text) == (250, "2.0.0 Received. A moderator reads it first. Case 10017")
        assert [taken.recipients for taken in rig.news.messages] == [(NEWS,)]
        assert rig.board.messages == []


async def test_the_null_sender_is_taken() -> None:
    """Bounces flow."""
    async with Rig() as rig:
        code, _text = await rig.send(message(), "board-bounces+a=b.example@lists.party.example", sender="")
        assert code == 250
        assert rig.board.messages[0].sender == ""


async def test_a_list_id_of_ours_is_not_passed_on() -> None:
    """The list server would keep it, and the way out would take its copies for another list's; others' ids stay."""
    ours, folded = "List-Id: <board.lists.party.example>\r\n", "list-id: The news\r\n <NEWS.lists.party.example>\r\n"
    other = "List-Id: <friends.other.example>\r\n"
    async with Rig() as rig:
        assert (await rig.send(message(extra=ours + other + folded), NEWS))[0] == 250
        assert rig.news.messages[0].data.endswith(message(extra=other))
        assert rig.judge.seen[0].raw == message(extra=ours + other + folded)
        rig.judge.signed = frozenset({"from", "list-id"})
        assert (await rig.send(message(extra=ours, message_id="<b@x>"), NEWS))[0] == 250
        assert rig.news.messages[1].data.endswith(message(extra=ours, message_id="<b@x>"))


async def test_a_judge_that_breaks_leaves_a_place_and_no_text() -> None:
    """The log tells the kind of error and where it rose, for whoever mends it; never what the message said."""
    async with Rig() as rig:
        rig.judge.error = ValueError("secret words of the message")
        assert (await rig.send(message(), NEWS))[0] == 451
        (failed,) = [event for event in rig.events() if event["event"] == "failed"]
        assert failed["error"] == "ValueError"
        assert str(failed["at"]).startswith("gateway_fakes:")
        assert "secret" not in rig.stream.getvalue()
        assert rig.count("filter_failures_total", filter="judge") == 1


async def test_one_network_cannot_bury_the_moderators() -> None:
    """Strangers' mail that waits is bounded for each network; a repeat counts nothing, and members are not bounded."""
    async with Rig(limits={"strangers_held_per_hour": 2}) as rig:
        rig.judge.verdict, rig.judge.origin = Action.HOLD, OriginKind.UNPROVEN
        for name in ("one", "two", "two"):
            assert (await rig.send(message(message_id=f"<{name}@x>"), NEWS))[0] == 250
        code, text = await rig.send(message(message_id="<three@x>"), NEWS)
        assert (code, text[:5]) == (451, "4.7.1")
        assert rig.count("limits_hit_total", limit="strangers_held") == 1
        other = await rig.connect(source="127.9.9.9")
        assert (await other.envelope(NEWS, sender=SENDER))[0] == 250
        assert (await other.content(message(message_id="<three@x>")))[0] == 250
        rig.judge.origin = OriginKind.MEMBER
        assert (await rig.send(message(message_id="<four@x>"), NEWS))[0] == 250
        assert len(rig.cases.drafts) == 4
