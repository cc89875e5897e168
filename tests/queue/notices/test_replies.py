"""Answers by mail: taken from a person at the address with the token, never from a machine that quotes it."""

from io import StringIO
from typing import Any

import pytest
from answering_world import ANA, SECRET, AnasRosters, Asked
from desk_world import TurnedClock
from memory_cases import START, draft
from messages import build
from notices_world import notice_site

from listward.config.site import Addresses, Site
from listward.queue.cases.case import Case, CaseState, Reason, Said, StoredEnvelope
from listward.queue.cases.commands import Command, Verb
from listward.queue.notices.replies import Replies, answer_in, token_of
from listward.queue.notices.tokens import Way
from listward.runtime.maillog import MailLog
from listward.wire.payload import Payload

NOTICES = "notices@party.example"
OWN = (Reason("own-address", "own", "", "This message was written to the organisation's own address."),)
NEVER = "0" * 32


def reply_site() -> Site:
    """A site that takes answers by mail."""
    return notice_site(addresses=Addresses(notices=NOTICES, help="office@party.example"))


class World(Asked):
    """A question by mail, and what takes the answers."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.log = StringIO()
        self.replies = Replies(
            reply_site(), self.cases, self.confirming, TurnedClock(), MailLog(b"k", self.log), self.rosters
        )

    async def ask(self) -> tuple[Case, str]:
        """Hold a message and ask about it by mail."""
        case, _ = await self.hold()
        return case, await self.tokens.issue(case.number, ANA, Way.REPLY, 1000)

    async def receive(self, token: str, text: str, sender: str = ANA, author: str = ANA, **facts: Any) -> Case:
        """Mail to our address, as the gateway makes a case of it."""
        to = f"notices+{token}@party.example" if token else NOTICES
        headers = tuple(facts.pop("headers", ()))
        changes: dict[str, Any] = {
            "list": NOTICES,
            "next_hop": "",
            "author": author,
            "origin": "unproven",
            "authenticated": False,
            "role": "",
            "envelope": StoredEnvelope(sender, (to,)),
            "reasons": OWN,
            "ledger_key": f"reply {len(self.cases.cases)}",
        }
        body = build(from_=author, to=to, subject="Re: A message", text=text, headers=headers)
        return await self.cases.hold(draft(**{**changes, **facts}), Payload(body))


QUOTED = '\n\nOn Tuesday we wrote:\n> Is it yours? Write "yes" as its first line.\n'


@pytest.mark.parametrize("text", ["yes", "Yes.", "YES!", " yes \n", "sí", "Si", "Sí.", "\n\nyes" + QUOTED, "*yes*"])
async def test_yes_in_the_first_line_confirms(text: str) -> None:
    """With or without accent, point and quotation. The answer is closed: nobody has to read it.

    Nothing is vouched for: the letter did not show the way that the message took.
    """
    world = World()
    case, token = await world.ask()
    reply = await world.receive(token, text)
    assert await world.replies.take(reply)
    assert (await world.cases.get(case.number)).state is CaseState.RELEASED
    assert (await world.cases.get(reply.number)).state is CaseState.DISCARDED
    assert world.accounts.kept == {}
    assert token not in world.log.getvalue()


@pytest.mark.parametrize("text", ["no", "No.", "NO" + QUOTED])
async def test_no_in_the_first_line_disowns(text: str) -> None:
    """In the same way."""
    world = World()
    case, token = await world.ask()
    assert await world.replies.take(await world.receive(token, text))
    assert (await world.cases.get(case.number)).denied


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I do not know",
        "yes and no",
        "yesterday",
        "Yes, but please change the date",
        "Out of office until Monday\n\nyes",
        QUOTED,
        "> yes",
        "ja",
        "Thank you",
    ],
)
async def test_anything_else_is_for_a_person_to_read(text: str) -> None:
    """Nothing is guessed, and the token stays good for a clear answer."""
    world = World()
    case, token = await world.ask()
    reply = await world.receive(token, text)
    assert not await world.replies.take(reply)
    assert (await world.cases.get(reply.number)).state is CaseState.HELD
    assert (await world.cases.get(case.number)).version == 1
    assert await world.replies.take(await world.receive(token, "yes"))


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ((("Auto-Submitted", "auto-replied"),), ANA),
        ((("Auto-Submitted", "auto-generated; x=y"),), ANA),
        ((("Precedence", "bulk"),), ANA),
        ((("Precedence", "auto_reply"),), ANA),
        ((("X-Autoreply", "yes"),), ANA),
        ((("X-Autorespond", "1"),), ANA),
        ((("X-Auto-Response-Suppress", "All"),), ANA),
        ((("List-Id", "<x.example>"),), ANA),
        ((), ""),
    ],
)
async def test_out_of_office_answers_do_not_confirm(headers: tuple[tuple[str, str], ...], sender: str) -> None:
    """Not even where their first line says yes. They are put away, and the person can still answer."""
    world = World()
    case, token = await world.ask()
    reply = await world.receive(token, "yes", sender, headers=headers)
    assert await world.replies.take(reply)
    assert (await world.cases.get(reply.number)).state is CaseState.DISCARDED
    assert (await world.cases.get(case.number)).version == 1
    assert await world.replies.take(await world.receive(token, "yes"))
    assert (await world.cases.get(case.number)).state is CaseState.RELEASED


@pytest.mark.parametrize("token", ["", NEVER, "x", "0" * 31, "../../x"])
async def test_without_a_good_token_nothing_is_confirmed(token: str) -> None:
    """Mail to the bare address, and guesses: a person reads them."""
    world = World()
    case, _ = await world.ask()
    assert not await world.replies.take(await world.receive(token, "yes"))
    assert (await world.cases.get(case.number)).version == 1


async def test_a_link_is_no_address() -> None:
    """A token of the page does not confirm by mail."""
    world = World()
    case, link = await world.hold()
    assert not await world.replies.take(await world.receive(link, "yes"))
    assert (await world.cases.get(case.number)).version == 1


@pytest.mark.parametrize(("author", "origin"), [("mod@party.example", "internal"), ("", "unproven"), (ANA, "forged")])
async def test_whoever_only_saw_the_address_cannot_answer(author: str, origin: str) -> None:
    """The answer must be the asked person's own: not the office's that reads the mailbox, not a forged one."""
    world = World()
    case, token = await world.ask()
    assert not await world.replies.take(await world.receive(token, "yes", author=author, origin=origin))
    assert (await world.cases.get(case.number)).version == 1


async def test_another_address_of_the_same_person_may_answer() -> None:
    """Mailboxes are read together; the roster says whose they are."""
    world = World(rosters=AnasRosters(others=("Ana@work.example",)))
    case, token = await world.ask()
    assert await world.replies.take(await world.receive(token, "yes", author="ana@work.example"))
    assert (await world.cases.get(case.number)).draft.proven_member


@pytest.mark.parametrize(("text", "closed"), [("yes", True), ("no", False)])
async def test_an_answer_that_comes_too_late(text: str, closed: bool) -> None:
    """A late yes needs nobody. A late no does: the message may have gone out."""
    world = World()
    case, token = await world.ask()
    now = Command(Verb.REJECT, "mod@party.example", START, clause="A 7.3", sentence="No.")
    await world.cases.apply(case.number, 1, now)
    reply = await world.receive(token, text)
    assert await world.replies.take(reply) is closed
    assert (await world.cases.get(reply.number)).state is (CaseState.DISCARDED if closed else CaseState.HELD)


async def test_other_mail_is_left_alone() -> None:
    """Posts, reports, and answers that a person has closed."""
    world = World()
    case, token = await world.ask()
    assert not await world.replies.take(case)
    report = await world.receive(token, "yes", list="report@party.example")
    assert not await world.replies.take(report)
    closed = await world.receive(token, "yes")
    done = await world.cases.apply(closed.number, 1, Command(Verb.DISCARD, "mod@party.example", START))
    assert not await world.replies.take(done)


def test_the_token_is_read_from_the_recipient_alone() -> None:
    """Whatever case it comes in; never from another address."""
    site = reply_site()
    base = draft(list=NOTICES, next_hop="", reasons=OWN)
    token = "0123456789abcdef" * 2

    def of(*recipients: str) -> str:
        return token_of(draft(list=NOTICES, next_hop="", reasons=OWN, envelope=StoredEnvelope(ANA, recipients)), site)

    assert of(f"Notices+{token.upper()}@Party.example") == token
    assert of(f"other+{token}@party.example") == of(f"notices+{token}@evil.example") == of(NOTICES) == ""
    assert token_of(base, notice_site()) == ""


@pytest.mark.parametrize("text", [SECRET, "y", "n", "si no", "yes yes"])
def test_only_one_word_is_an_answer(text: str) -> None:
    """And it is written out."""
    assert answer_in(build(text=text)) is None
    assert answer_in(build(text="yes")) is Said.HERS
