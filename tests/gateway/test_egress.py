"""The way out: who may use it, what stays inside, and custody on this side."""

import asyncio

import pytest
from gateway_fakes import BOARD, NEWS, Rig, message
from scripted_hop import Delay, Drop, Say

from listward.queue.store.ports import StoreUnavailable

INSIDE, OUTSIDE = "eva@inside.party.example", "bob@home.example"
BOUNCES = "board-bounces+bob=home.example@lists.party.example"
LISTED = 'List-Id: "The board" <board.lists.party.example>\r\n'


class BoardRig(Rig):
    """A rig whose internal list treats outside subscribers so."""

    def __init__(self, setting: str = "withhold", **tables: object) -> None:
        super().__init__(**tables)
        self._setting = setting

    async def __aenter__(self) -> "BoardRig":
        await super().__aenter__()
        values = self.site.model_dump(by_alias=True)
        values["list"][0]["outside_subscribers"] = self._setting
        self.site = type(self.site).model_validate({**values, "directory": self.site.directory})
        self.snapshot = self.build(self.site)
        return self


async def test_only_configured_clients_may_speak() -> None:
    """Anybody else is told 554 and closed: this door leads to the world."""
    async with Rig(egress={"clients": ["192.0.2.0/24", "::1/128"]}) as rig:
        client = await rig.connect(egress=True, greet=False)
        code, text = await client.reply()
        assert (code, text[:5]) == (554, "5.7.1")
        assert await client.reply() == (0, "")


async def test_mail_of_other_lists_goes_out_as_it_is() -> None:
    """Our Received in front, everything else octet by octet, marks and results included."""
    async with Rig() as rig:
        data = message(extra="Authentication-Results: mx.party.example; dmarc=pass\r\nX-Listward-Id: x\r\n")
        code, _text = await rig.send(data, OUTSIDE, INSIDE, sender="news-bounces@lists.party.example", egress=True)
        assert code == 250
        (taken,) = rig.out.messages
        assert taken.recipients == (OUTSIDE, INSIDE)
        assert taken.sender == "news-bounces@lists.party.example"
        assert taken.data.endswith(data)
        assert taken.data.startswith(b"Received: from client.example by mx.party.example")
        assert rig.judge.seen == []
        assert rig.count("messages_total", listener="egress", action="accept", list="news") == 1


@pytest.mark.parametrize(
    ("sender", "extra"),
    [
        (BOUNCES, ""),
        ("someone@else.example", LISTED),
        ("someone@else.example", "List-Id:\r\n <BOARD.Lists.Party.example>\r\n"),
        (BOUNCES, "List-Id: <news.lists.party.example>\r\n"),
        ("someone@else.example", "List-Id: <news.lists.party.example>\r\n" + LISTED),
    ],
)
async def test_an_internal_list_stays_inside(sender: str, extra: str) -> None:
    """Envelope sender, else List-Id, makes it internal, and the outside subscriber gets no copy."""
    async with BoardRig() as rig:
        code, _text = await rig.send(message(extra=extra), OUTSIDE, INSIDE, sender=sender, egress=True)
        assert code == 250
        assert [taken.recipients for taken in rig.out.messages] == [(INSIDE,)]
        withheld = next(event for event in rig.events() if event["event"] == "withheld")
        assert withheld["recipients"] == [rig.services.log.hashed(OUTSIDE)]
        assert withheld["list"] == "board"
        ((source, verb, facts, personal),) = rig.trail.entries
        assert (source, verb, facts["recipients"]) == (BOARD, "withheld", 1)
        assert personal["recipients"] == OUTSIDE
        assert rig.count("messages_total", listener="egress", action="discard", list="board") == 1
        assert rig.cases.calls == 0


async def test_a_members_list_id_does_not_move_a_public_list_inside() -> None:
    """The envelope sender is the list server's own word; a List-Id may have come in with the post."""
    async with BoardRig() as rig:
        sender = "news-bounces@lists.party.example"
        assert (await rig.send(message(extra=LISTED), OUTSIDE, sender=sender, egress=True))[0] == 250
        assert [taken.recipients for taken in rig.out.messages] == [(OUTSIDE,)]


async def test_two_copies_at_once_go_out_once() -> None:
    """The ledger's claim serves this side too; each list's copy is one of its own."""
    async with Rig() as rig:
        rig.out.on("DOT", Delay(0.1))
        both = await asyncio.gather(*(rig.send(message(), OUTSIDE, egress=True) for _ in range(2)))
        assert sorted(code for code, _text in both) == [250, 451]
        assert len(rig.out.messages) == 1
        senders = ("news-bounces@lists.party.example", "members-bounces@lists.party.example")
        both = await asyncio.gather(*(rig.send(message(), OUTSIDE, sender=each, egress=True) for each in senders))
        assert [code for code, _text in both] == [250, 250]


async def test_when_all_are_outside_nothing_leaves() -> None:
    """The list server hears 250, and tries no more."""
    async with BoardRig() as rig:
        assert (await rig.send(message(), OUTSIDE, sender=BOUNCES, egress=True))[0] == 250
        assert rig.out.messages == []
        assert rig.events()[-1]["event"] == "discarded"


async def test_nothing_is_withheld_off_the_record() -> None:
    """250 for a copy that nobody gets rests on an audit entry; without the store it is 451 and nothing leaves."""
    async with BoardRig() as rig:
        rig.trail.away = True
        assert (await rig.send(message(), OUTSIDE, INSIDE, sender=BOUNCES, egress=True))[0] == 451
        assert rig.out.messages == []


@pytest.mark.parametrize("setting", ["report", "notify"])
async def test_people_are_told_where_the_list_wants_it(setting: str) -> None:
    """One case for one message, also when the list server sends each subscriber a copy of her own."""
    async with BoardRig(setting) as rig:
        for number, subscriber in enumerate((OUTSIDE, "dan@home.example", INSIDE)):
            sender = f"board-bounces+{number}@lists.party.example"
            assert (await rig.send(message(), subscriber, sender=sender, egress=True))[0] == 250
        (draft,) = rig.cases.drafts
        assert (draft.list, draft.reasons[0].rule, draft.internal) == (BOARD, "outside-subscriber", True)
        assert [personal["recipients"] for *_, personal in rig.trail.entries] == [OUTSIDE, "dan@home.example"]
        assert [taken.recipients for taken in rig.out.messages] == [(INSIDE,)]


async def test_a_case_that_cannot_be_written_is_451_before_anything_leaves() -> None:
    """Nobody gets two copies because of it."""
    async with BoardRig("report") as rig:
        rig.cases.away, rig.cases.error = True, StoreUnavailable("away")
        assert (await rig.send(message(), OUTSIDE, INSIDE, sender=BOUNCES, egress=True))[0] == 451
        assert rig.out.messages == []


async def test_inside_recipients_have_a_way_of_their_own() -> None:
    """internal_next_hop takes what stays on our own servers."""
    async with Rig() as rig:
        egress = rig.site.egress.model_copy(update={"internal_next_hop": rig.news.url})  # type: ignore[union-attr]
        rig.site = rig.site.model_copy(update={"egress": egress})
        rig.snapshot = rig.build(rig.site)
        assert (await rig.send(message(), OUTSIDE, INSIDE, egress=True))[0] == 250
        assert [taken.recipients for taken in rig.out.messages] == [(OUTSIDE,)]
        assert [taken.recipients for taken in rig.news.messages] == [(INSIDE,)]


async def test_without_internal_domains_ours_are_inside() -> None:
    """A list's own party is not the world."""
    async with BoardRig(organisation={"name": "P", "domains": ["party.example"], "internal_domains": []}) as rig:
        code, _text = await rig.send(message(), "eva@party.example", OUTSIDE, sender=BOUNCES, egress=True)
        assert code == 250
        assert [taken.recipients for taken in rig.out.messages] == [("eva@party.example",)]


async def test_the_next_hops_word_passes_back() -> None:
    """All refused is 5xx in its class, for the list server's own bounce processing; 4xx is 451."""
    async with Rig() as rig:
        rig.out.on("RCPT", Say("550 5.1.1 unknown"), times=1)
        code, text = await rig.send(message(), OUTSIDE, egress=True)
        assert (code, text[:5]) == (550, "5.1.1")
        rig.out.on("RCPT", Say("450 4.2.0 later"), times=1)
        assert (await rig.send(message(), OUTSIDE, egress=True))[0] == 451


async def test_one_refused_address_among_many_is_kept_for_people() -> None:
    """5xx would count against all of them: the others have it, the refused one becomes a case."""
    async with Rig() as rig:
        rig.out.on("RCPT", Say("550 5.1.1 unknown"), match="bob@")
        rig.out.on("RCPT", Say("550 5.1.1 unknown"), match="dan@")
        sent = await rig.send(message(), OUTSIDE, "dan@home.example", "carol@home.example", sender=NEWS, egress=True)
        assert sent[0] == 250
        (draft,) = rig.cases.drafts
        assert (draft.list, draft.envelope.recipients) == (NEWS, (OUTSIDE, "dan@home.example"))
        assert draft.next_hop == rig.out.url


async def test_no_refused_copy_is_taken_for_another_one() -> None:
    """The list server may send many transactions for one message: each refused copy is kept."""
    async with Rig() as rig:
        rig.out.on("RCPT", Say("550 5.1.1 unknown"), match="bob@")
        rig.out.on("RCPT", Say("550 5.1.1 unknown"), match="dan@")
        for refused in (OUTSIDE, "dan@home.example"):
            assert (await rig.send(message(), refused, "carol@home.example", sender=NEWS, egress=True))[0] == 250
        assert [draft.envelope.recipients for draft in rig.cases.drafts] == [(OUTSIDE,), ("dan@home.example",)]


async def test_mail_flows_without_the_store() -> None:
    """The way out needs no ledger; a lost reply is answered 451 all the same."""
    async with Rig() as rig:
        rig.ledger.away = rig.cases.away = True
        assert (await rig.send(message(), OUTSIDE, egress=True))[0] == 250
        rig.out.on("DOT", Drop(), times=1)
        assert (await rig.send(message(message_id="<b@x>"), OUTSIDE, egress=True))[0] == 451


async def test_a_retry_does_only_what_is_missing() -> None:
    """The ledger serves this side too."""
    async with Rig() as rig:
        rig.out.on("RCPT", Say("450 4.2.0 later"), match="bob@", times=1)
        assert (await rig.send(message(), OUTSIDE, INSIDE, egress=True))[0] == 451
        assert (await rig.send(message(), OUTSIDE, INSIDE, egress=True))[0] == 250
        assert [taken.recipients for taken in rig.out.messages] == [(INSIDE,), (OUTSIDE,)]


async def test_loops_end_here_too() -> None:
    """Mail between two list servers cannot run for ever; our own mark is no loop on the way out."""
    async with Rig() as rig:
        assert (await rig.send(message(extra="Received: x\r\n" * 101), OUTSIDE, egress=True))[0] == 554
        await rig.send(message(), NEWS)
        assert (await rig.send(rig.news.messages[0].data, OUTSIDE, egress=True))[0] == 250


async def test_an_error_of_ours_is_451() -> None:
    """As on the way in."""
    async with Rig() as rig:

        async def broken(*_: object) -> dict[str, object]:
            raise KeyError("secret")

        rig.pool.deliver = broken  # type: ignore[assignment,method-assign]
        assert (await rig.send(message(), OUTSIDE, egress=True))[0] == 451


async def test_a_door_that_a_reload_has_closed_is_451() -> None:
    """A message under way when [egress] goes is kept by the list server."""
    async with Rig() as rig:
        client = await rig.connect(egress=True)
        rig.snapshot = rig.build(rig.site.model_copy(update={"egress": None}))
        await client.envelope(OUTSIDE)
        assert (await client.content(message()))[0] == 451
