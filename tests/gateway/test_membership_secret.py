"""Membership is secret: until From is proven, nothing a stranger is told or can time depends on who is on a list.

Each case is a pair: the same session, word for word, for an address of every standing and for one that nobody knows.
Replies are compared octet by octet but for ids and case numbers; instead of a clock, which would be right only now and
then, what takes time is counted: questions to the store, to name servers, and look-ups in rosters.
"""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from gateway_fakes import BOARD, MEMBERS, NEWS, Client, Rig
from identity_world import FixedRosters
from memory_accounts import MemoryAccounts
from policy_bench import shipped_policy
from static_dns import StaticResolver

from listward.config.policy import Policy
from listward.filters.identity.origin import Role
from listward.filters.identity.standing import Habits, How, Method, Path, Standing, Voucher
from listward.filters.judge import Judge
from listward.filters.learner import SpamModel
from listward.filters.probes import Probes, RosterEntry
from listward.gateway.reader.judging import ReadingJudge, terms_for
from listward.gateway.reader.reads import ReadsHere

STRANGER = "kq09"
STANDINGS = ("member", "candidate", "officer", "moderator", "leave", "banned", "first", "frozen", "vouched", "busy")
LOCALS = {name: f"kq{number:02}" for number, name in enumerate(STANDINGS, start=10)}
"""Local parts of one length, so that lengths cannot differ either."""
DOMAINS = ("soft.example", "hard.example", "none.example", "party.example", "gone.example", "slow.example")
ZONE: dict[str, Any] = {
    "soft.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
    "_dmarc.soft.example": {"TXT": ["v=DMARC1; p=none"]},
    "hard.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
    "_dmarc.hard.example": {"TXT": ["v=DMARC1; p=reject"]},
    "none.example": {"MX": ["10 mx.none.example"]},
    "party.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
    "_dmarc.party.example": {"TXT": ["v=DMARC1; p=quarantine"]},
    "slow.example": {"error": "SERVFAIL"},
    "_dmarc.slow.example": {"error": "SERVFAIL"},
    "attack.example": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]},
    "_dmarc.attack.example": {"TXT": ["v=DMARC1; p=none"]},
}
ELSEWHERE = Path(Method.SPF, "mailer.example")
TEXTS = {
    "plain": "Dear all,\r\nthe minutes follow.\r\n",
    "plea": "Please help me to pay my rent, I lost my job. Send money to paypal.me/kq, any amount helps me.\r\n",
    "abuse": "You are a worthless idiot, Kim, and I will hurt you.\r\n",
}
HEADERS = {
    "bare": "",
    "auto": "Auto-Submitted: auto-replied\r\n",
    "internal": "Sensitivity: Company-Confidential\r\n",
    "replies": "Reply-To: Kim Quist <kq@gmail.com>\r\nSender: kq11@soft.example\r\n",
}
NUMBERS = re.compile(r"(?<=Ref )\S+|(?<=[Cc]ase )[0-9]+(?:, [0-9]+)*")


def _entry(name: str, domain: str) -> RosterEntry:
    roles = {
        "officer": Role.OFFICER,
        "moderator": Role.MODERATOR,
        "candidate": Role.CANDIDATE,
        "leave": Role.ON_LEAVE,
        "banned": Role.BANNED,
    }
    address = f"{LOCALS[name]}@{domain}"
    return RosterEntry(
        address,
        f"Kim {name.title()}",
        roles.get(name, Role.MEMBER),
        first_posts_moderated=name == "first",
        language="es",
        reason="barred by the committee" if name == "banned" else "",
        others=(f"{LOCALS[name]}@second.example",),
    )


def _standing(name: str) -> Standing:
    if name == "frozen":
        return Standing(frozen=True)
    if name == "vouched":
        voucher = Voucher("v1", MEMBERS, ELSEWHERE, How.RELEASE, date(2026, 11, 1))
        return Standing(vouchers=(voucher,))
    if name == "busy":
        return Standing(habits=Habits(posts=200, posts_today=60, days=40))
    return Standing()


@dataclass
class Door:
    """A gateway on real sockets with the real judge and shipped policy, and everything that it asks counted."""

    rig: Rig
    dns: StaticResolver
    people: FixedRosters
    accounts: MemoryAccounts
    sent: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def reset(self) -> None:
        """Forget what was asked and kept."""
        self.dns.asked.clear()
        self.people.asked.clear()
        self.accounts.asked.clear()
        self.rig.ledger.reads = self.rig.ledger.writes = self.rig.cases.calls = 0
        # What could not be written is tried again half a second later: that would count as the next session's.
        for task in tuple(self.rig.services.late):
            task.cancel()
        self.rig.services.late.clear()

    def cost(self) -> dict[str, Any]:
        """What takes time: the questions, by kind."""
        return {
            "dns": sorted(self.dns.asked),
            "roster": len(self.people.asked),
            "standings": len(self.accounts.asked),
            "ledger": (self.rig.ledger.reads, self.rig.ledger.writes, len(self.rig.services.late)),
            "cases": self.rig.cases.calls,
        }


@asynccontextmanager
async def door(policy: Policy | None = None, known: Iterable[str] = DOMAINS, **terms: Any) -> AsyncIterator[Door]:
    """Open the gateway; every standing has an address in each of the known domains."""
    people = FixedRosters(*(_entry(name, domain) for domain in known for name in STANDINGS))
    accounts, dns = MemoryAccounts(), StaticResolver(ZONE)
    accounts.standings = {f"{LOCALS[name]}@{domain}": _standing(name) for domain in known for name in STANDINGS}
    groups = [{"name": "office", "members": [f"{LOCALS['moderator']}@{domain}" for domain in known]}]
    queues = [{"name": "office", "group": "office"}, {"name": "moderators", "group": "office"}]
    async with Rig(group=groups, queue=queues) as rig:
        model = SpamModel()
        judge = Judge(rig.site, policy or shipped_policy(), model, Probes(dns, people, None, accounts))
        double = rig.judge
        rig.policy, rig.judge = judge.policy, ReadingJudge(judge, ReadsHere(), terms_for(rig.site, judge, model))
        rig.bound(**terms)
        try:
            yield Door(rig, dns, people, accounts)
        finally:
            rig.judge = double


def _message(address: str, number: int, text: str, extra: str, name: str) -> bytes:
    shown = f"{name} <{address}>" if name else address
    head = f"{extra}From: {shown}\r\nTo: {MEMBERS}\r\nSubject: Minutes\r\nMessage-ID: <{number:08}@attack.example>\r\n"
    return (head + "Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\n" + text).encode()


def _plain(reply: tuple[int, str], address: str) -> tuple[int, str]:
    """A reply without what differs for every message: the id, the case number, and the address that was sent."""
    return reply[0], NUMBERS.sub("#", reply[1].replace(address, "(address)"))


async def _session(door: Door, address: str, lines: Iterable[str], data: bytes, *, chunked: bool) -> list[Any]:
    """Every reply of one session. `{}` in a line is the address."""
    client: Client = await door.rig.connect(greet=False)
    said = [await client.reply(), await client.ask("EHLO out.attack.example")]
    said += [await client.ask(line.format(address)) for line in lines]
    if chunked:
        client.writer.write(f"BDAT {len(data)} LAST\r\n".encode() + data)
        said.append(await client.reply())
    else:
        said.append(await client.content(data))
    said.append(await client.ask("RSET"))
    await client.close()
    return [_plain(reply, address) for reply in said]


async def _watched(
    door: Door,
    address: str,
    recipients: Iterable[str],
    *,
    sender: str = "any@attack.example",
    text: str = TEXTS["plain"],
    extra: str = "",
    name: str = "",
    chunked: bool = False,
    prelude: Iterable[str] = (),
) -> tuple[list[Any], dict[str, Any]]:
    door.reset()
    door.sent += 1
    lines = [*prelude, f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{recipient}>" for recipient in recipients)]
    data = _message(address, door.sent, text, extra, name)
    said = await _session(door, address, lines, data, chunked=chunked)
    return said, door.cost()


async def _all_alike(door: Door, domain: str, recipients: Iterable[str], **how: Any) -> list[Any]:
    """Run one session for each standing and for a stranger; returns what the stranger was told."""
    to = tuple(recipients)
    expected = await _watched(door, f"{STRANGER}@{domain}", to, **how)
    for name, local in LOCALS.items():
        seen = await _watched(door, f"{local}@{domain}", to, **how)
        assert seen == expected, f"{name} in {domain}: {seen} instead of {expected}"
    return expected[0]


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("list_address", [BOARD, NEWS, MEMBERS])
async def test_replies_and_cost_do_not_tell_who_is_on_a_list(domain: str, list_address: str) -> None:
    """For every standing, list and domain: a stranger's envelope, the forged author's own, and none; DATA and BDAT."""
    async with door() as opened:
        for sender in ("any@attack.example", "{}", ""):
            for chunked in (False, True):
                said = await _all_alike(opened, domain, [list_address], sender=sender, chunked=chunked)
                assert said[-2][0] in {250, 451, 550}
        assert opened.people.asked == []


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("extra", HEADERS.values(), ids=HEADERS.keys())
async def test_content_does_not_bring_it_out(text: str, extra: str) -> None:
    """Pleas, abuse, automatic answers, marks and answers that lead elsewhere are judged alike for all."""
    async with door() as opened:
        for domain in ("soft.example", "hard.example"):
            for list_address in (NEWS, MEMBERS):
                await _all_alike(opened, domain, [list_address], text=text, extra=extra)


@pytest.mark.parametrize("name", ["Kim Member", "Kim Banned", "Kim Nobody", "Zoe", "Party", "Kim Member (board)"])
async def test_names_do_not_bring_it_out(name: str) -> None:
    """Whether a shown name is on the roster may be found, and whether it belongs to the address may not."""
    async with door() as opened:
        for domain in ("soft.example", "party.example"):
            for list_address in (NEWS, MEMBERS):
                await _all_alike(opened, domain, [list_address], name=name)


SUBADDRESSES = ("request", "owner", "join", "leave", "subscribe", "unsubscribe", "confirm+0123456789abcdef", "bounces")


@pytest.mark.parametrize("word", SUBADDRESSES)
async def test_sub_addresses_do_not_tell(word: str) -> None:
    """Commands, bounces and owners: the same words and the same cost for everybody."""
    async with door() as opened:
        recipient = MEMBERS.replace("@", f"-{word}@")
        for domain in DOMAINS:
            await _all_alike(opened, domain, [recipient])
        assert opened.people.asked == []


async def test_no_verb_before_the_message_tells() -> None:
    """VRFY, EXPN, MAIL, RCPT of lists and of people, RSET and NOOP: word for word alike."""
    verbs = (
        "VRFY {}",
        "VRFY " + MEMBERS,
        "EXPN " + MEMBERS,
        "EXPN {}",
        "NOOP",
        "MAIL FROM:<{}>",
        "RCPT TO:<{}>",
        f"RCPT TO:<{MEMBERS}>",
        "RCPT TO:<nobody@lists.party.example>",
        "RCPT TO:<elsewhere@attack.example>",
        f"RCPT TO:<{MEMBERS.replace('@', '-owner@')}>",
        f"RCPT TO:<{MEMBERS.replace('@', '-confirm+{}@')}>",
        "RSET",
    )
    async with door() as opened:
        for domain in DOMAINS:
            said = await _all_alike(opened, domain, [MEMBERS], prelude=verbs)
            assert [code for code, _ in said[2:5]] == [252, 252, 502]


async def test_several_lists_at_once() -> None:
    """One envelope for lists of every zone, and for a list beside an address of our own."""
    async with door() as opened:
        for recipients in ((BOARD, NEWS, MEMBERS), (NEWS, "report@party.example"), (MEMBERS, "appeal@party.example")):
            for domain in ("soft.example", "hard.example"):
                await _all_alike(opened, domain, recipients)


async def test_bounds_on_strangers_do_not_tell() -> None:
    """How many messages of strangers may wait: members in name only share the count with everybody."""
    async with door(strangers_held_per_hour=3) as opened:
        codes = [
            (await _watched(opened, f"{local}@soft.example", [NEWS]))[0][-2][0]
            for local in (LOCALS["member"], STRANGER, LOCALS["officer"], LOCALS["vouched"], STRANGER)
        ]
        assert codes == [250, 250, 250, 451, 451]


async def test_nothing_is_told_when_the_store_is_away() -> None:
    """What cannot be kept or asked comes again later, for all alike."""
    async with door() as opened:
        opened.rig.cases.away = opened.rig.ledger.away = opened.accounts.away = True
        for domain in ("soft.example", "hard.example", "party.example"):
            await _all_alike(opened, domain, [MEMBERS])


async def test_rules_that_count_posts_or_ask_for_groups_do_not_tell() -> None:
    """An organisation's own rule on how often somebody writes, or on groups, sees nothing of who is not proven."""
    rules = [
        {
            "name": "often",
            "stage": "content",
            "action": "reject",
            "when": {"count": {"name": "posts-today", "at_least": 10}},
            "words": "Too often.",
        },
        {"name": "office", "stage": "identity", "action": "reject", "when": {"group": ["office"]}, "words": "No."},
        {"name": "any", "stage": "content", "action": "hold", "words": "A moderator reads it."},
    ]
    async with door(Policy.model_validate({"rule": rules})) as opened:
        for domain in ("soft.example", "none.example"):
            said = await _all_alike(opened, domain, [NEWS])
            assert said[-2][0] == 250


async def test_the_pairs_would_show_a_difference() -> None:
    """Proven, the same addresses are told apart: the sessions above could have seen it."""
    zone = ZONE["soft.example"]
    try:
        ZONE["soft.example"] = {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]}
        async with door() as opened:
            told = {
                name: await _watched(opened, f"{local}@soft.example", [MEMBERS], sender=f"{local}@soft.example")
                for name, local in LOCALS.items()
            }
            assert told["banned"][0] != told["member"][0]
            assert told["member"][1]["roster"] > 0
            assert told["first"][0] != told["member"][0]
    finally:
        ZONE["soft.example"] = zone
