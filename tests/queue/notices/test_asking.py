"""People of the roster are asked whether a message is theirs: once a day, at the roster's address, without its text."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from answering_world import ANA, BOARD, SECRET, UNPROVEN, AnasRosters, MemoryVouches, unproven, unproven_body
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_cases import START
from notices_world import Post, notice_site, sentences

from listward.config.site import Addresses, Console, Limits, Site
from listward.filters.identity.origin import Role
from listward.filters.identity.standing import Standing
from listward.queue.cases.case import Answer, Case, CaseDraft, Reason, Said, StoredEnvelope
from listward.queue.cases.commands import Command, Verb
from listward.queue.notices.asking import Asking
from listward.queue.notices.languages import local, moment
from listward.queue.notices.notices import Notices, NotYetTold
from listward.queue.notices.posting import Posting
from listward.queue.notices.tokens import Tokens, Way
from listward.runtime.maillog import MailLog
from listward.wire.payload import Payload
from listward.wire.reply import Reply

DAY_S = 86_400
MOD = "mod@party.example"


def asking_site(**changes: Any) -> Site:
    """A site that takes answers by mail and by link."""
    facts = {"appeal": "appeal@party.example", "help": "office@party.example", "notices": "notices@party.example"}
    return notice_site(**{"addresses": Addresses(**facts), **changes})


@dataclass
class World(Post):
    """Notices that ask too."""

    site: Site = field(default_factory=asking_site)
    rosters: Any = field(default_factory=AnasRosters)
    accounts: MemoryVouches = field(default_factory=MemoryVouches)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tokens, log = Tokens(self.redis), MailLog(b"k", self.log, self.clock)
        posting = Posting(self.site, self.pool, self.metrics, log)  # type: ignore[arg-type]  # as in Post
        self.asking = Asking(
            self.configuration, posting, self.cases, self.ledger, self.tokens, self.clock, self.rosters, self.accounts
        )
        self.notices = Notices(
            self.configuration,
            self.pool,  # type: ignore[arg-type]  # as in Post
            self.cases,
            self.ledger,
            self.clock,
            self.metrics,
            log,
            self.rosters,
            self.asking,
        )

    async def hold(self, held: CaseDraft | None = None, body: bytes | None = None) -> Case:
        """Hold a message and let the courier work."""
        case = await self.cases.hold(held or unproven(), Payload(body or unproven_body()))
        await self.handle_all()
        return case

    async def rule(self, case: Case, verb: Verb, by: str = MOD, **words: str) -> Case:
        """A ruling, carried out to its end."""
        now = self.clock.now()
        case = await self.cases.apply(case.number, case.version, Command(verb, by, now, **words))  # type: ignore[arg-type]
        if verb is Verb.RELEASE:
            for step in (Verb.DELIVERING, Verb.DELIVERED):
                case = await self.cases.apply(case.number, case.version, Command(step, "courier", now))
        await self.handle_all()
        return case


@pytest.fixture
def world() -> World:
    """A site with everything configured, and Ana on its roster."""
    return World()


async def test_a_member_is_asked_at_her_roster_address(world: World) -> None:
    """Never where the message itself wants answers to go."""
    body = unproven_body(headers=(("Reply-To", "thief@evil.example"), ("Sender", "thief@evil.example")))
    case = await world.hold(unproven(envelope=StoredEnvelope("thief@evil.example", (BOARD,))), body)
    (envelope, _), (mail,) = world.pool.sent[0], world.pool.mails
    assert envelope.addresses == (ANA,)
    assert (envelope.sender, mail["To"], mail["Auto-Submitted"]) == ("", ANA, "auto-replied")
    assert case.number in mail["Subject"]
    assert re.fullmatch(r"notices\+[0-9a-f]{32}@party\.example", mail["Reply-To"])
    assert re.search(r"https://lists\.party\.example/answer/[0-9a-f]{32}\n", world.pool.texts[0])


async def test_the_letter_explains_and_says_what_to_do(world: World) -> None:
    """In short sentences: it is safe, why, two ways to answer, a person decides, it can be wrong."""
    await world.hold()
    (text,) = world.pool.texts
    for part in (
        "It is safe. It is not yet sent.",
        BOARD,
        "Nothing is wrong with your message. Your mail company does not let us confirm that it is from you.",
        'Write "yes" as its first line',
        'Then write "no" there.',
        "A person looks at it and decides by",
        "office@party.example",
        "it is not an accusation",
    ):
        assert part in text
    assert all(len(sentence.split()) <= 20 for sentence in sentences(text))


async def test_the_letter_names_the_minute(world: World) -> None:
    """Whoever knows that a person writes today can send something in her name on the same day, not at the same time."""
    case = await world.hold()
    (text,) = world.pool.texts
    assert f"It came on {moment(local(case.draft.received_at, world.site), 'en')}." in text


async def test_both_tokens_lead_to_the_case(world: World) -> None:
    """Each in its own way."""
    case = await world.hold()
    (mail,), (text,) = world.pool.mails, world.pool.texts
    reply = mail["Reply-To"].partition("+")[2].partition("@")[0]
    link = text.partition("/answer/")[2][:32]
    for token, way in ((reply, Way.REPLY), (link, Way.LINK)):
        found = await world.tokens.question(token, way)
        assert found is not None
        assert (found.number, found.is_to(ANA)) == (case.number, True)
    assert reply != link
    assert reply not in world.log.getvalue()
    assert link not in world.log.getvalue()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    subject=st.text(max_size=40),
    name=st.text(max_size=20),
    lines=st.text(max_size=80),
    quote=st.text(max_size=20),
    text=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=80),
    role=st.sampled_from([Role.MEMBER, Role.OFFICER, Role.CANDIDATE]),
)
async def test_no_letter_carries_text_or_subject(
    subject: str, name: str, lines: str, quote: str, text: str, role: Role
) -> None:
    """Whatever the message says, the letter is the same but for its tokens: before a ruling and after one."""
    letters = []
    for held, body in (
        (unproven(subject="", author_name="", first_lines=""), unproven_body(text="")),
        (
            unproven(
                subject=f"{SECRET} {subject}",
                author_name=name,
                first_lines=lines,
                reasons=(replace(UNPROVEN[0], quote=quote, sentence=f"{SECRET} {quote}"),),
            ),
            unproven_body(text=f"{SECRET} {text}"),
        ),
    ):
        world = World(rosters=AnasRosters(role))
        case = await world.hold(held, body)
        await world.rule(case, Verb.REJECT, clause="A 7.3", sentence="Please shorten it.")
        assert len(world.pool.sent) == 2
        letters.append([re.sub(rb"[0-9a-f]{32}|=\r\n", b"", data) for _, data in world.pool.sent])
    assert letters[0] == letters[1]


async def test_a_person_is_asked_once_a_day_over_all_lists(world: World) -> None:
    """However many messages come, in whatever spelling of her address; the rest joins one letter of the next day."""
    for index in range(12):
        spelt = ANA.upper() if index % 2 else ANA
        await world.hold(unproven(ledger_key=f"k{index}", author=spelt))
    assert len(world.pool.sent) == 1
    counted = world.counted()
    assert (counted["confirm", "sent"], counted["confirm", "postponed"], counted["confirm", "nobody"]) == (1, 10, 1)
    assert await world.notices.send_summaries() == 0
    world.clock.at = world.redis.now = START + DAY_S
    assert await world.notices.send_summaries() == 1
    assert await world.notices.send_summaries() == 0
    await world.hold(unproven(ledger_key="later"))
    assert len(world.pool.sent) == 2
    assert world.pool.texts[1].count("/answer/") == 10
    assert world.pool.mails[1]["Reply-To"] is None


async def test_what_was_decided_meanwhile_is_not_asked_about_the_next_day(world: World) -> None:
    """A person was faster, or she has answered."""
    await world.hold(unproven(ledger_key="k0"))
    ruled, answered = [await world.hold(unproven(ledger_key=f"k{index}")) for index in (1, 2)]
    await world.cases.apply(ruled.number, 1, Command(Verb.REJECT, MOD, START, clause="A 7.3", sentence="No."))
    answer = Answer(Said.NOT_HERS, START)
    await world.cases.apply(answered.number, 1, Command(Verb.DENY, ANA, START, answer=answer))
    world.clock.at = world.redis.now = START + DAY_S
    assert await world.notices.send_summaries() == 0
    assert len(world.pool.sent) == 1


async def test_a_letter_that_does_not_get_out_is_tried_again_and_sent_once(world: World) -> None:
    """With the same id, and still one a day."""
    world.pool.reply = Reply(451, "4.3.0", "Later")
    with pytest.raises(NotYetTold):
        await world.hold()
    world.pool.reply = Reply(250, "2.0.0", "Ok")
    await world.handle_all()
    first, second = world.pool.mails
    assert first["Message-ID"] == second["Message-ID"]
    await world.hold(unproven(ledger_key="k2"))
    assert len(world.pool.sent) == 2


def bulk(**headers: str) -> bytes:
    """A message with these fields."""
    return unproven_body(headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()))


@pytest.mark.parametrize(
    ("held", "body"),
    [
        (unproven(origin="forged"), unproven_body()),
        (unproven(author="stranger@home.example"), unproven_body()),
        (unproven(author=""), unproven_body()),
        (unproven(envelope=StoredEnvelope("", (BOARD,))), unproven_body()),
        (unproven(internal=True), unproven_body()),
        (unproven(list="inner@party.example"), unproven_body()),
        (unproven(list="report@party.example", next_hop=""), unproven_body()),
        (unproven(spam_score=0.95), unproven_body()),
        (unproven(reasons=(Reason("spam", "spam", "", "It looks like spam."),)), unproven_body()),
        (unproven(), bulk(Auto_Submitted="auto-replied")),
        (unproven(), bulk(Precedence="bulk")),
        (unproven(), bulk(List_Id="<news.elsewhere.example>")),
        (unproven(), bulk(List_Unsubscribe="<mailto:u@x>")),
    ],
)
async def test_nobody_is_asked_about_other_mail(world: World, held: CaseDraft, body: bytes) -> None:
    """Forged mail, strangers', machines', lists', bounces, spam, internal matters: no letter leaves."""
    await world.hold(held, body)
    assert world.pool.sent == []


async def test_the_banned_are_not_asked() -> None:
    """Their mail is not let through by a word of theirs."""
    world = World(rosters=AnasRosters(Role.BANNED))
    await world.hold()
    assert world.pool.sent == []


async def test_the_frozen_are_not_asked() -> None:
    """Their answer would release nothing: people decide."""
    world = World()
    world.accounts.standings[ANA] = Standing(frozen=True)
    await world.hold()
    assert world.pool.sent == []


@pytest.mark.parametrize(
    ("changes", "link", "reply"),
    [
        ({"console": Console(public_url="")}, False, True),
        ({"addresses": Addresses(help="office@party.example")}, True, False),
    ],
)
async def test_a_letter_offers_the_ways_that_are_there(changes: dict[str, Any], link: bool, reply: bool) -> None:
    """Without a public address no link, without an address for answers no word of answering."""
    world = World(site=asking_site(**changes))
    await world.hold()
    (text,), (mail,) = world.pool.texts, world.pool.mails
    assert ("/answer/" in text, '"yes"' in text, mail["Reply-To"] is not None) == (link, reply, reply)


@pytest.mark.parametrize(
    "changes",
    [
        {"console": Console(public_url=""), "addresses": Addresses(help="office@party.example")},
        {"limits": Limits(notices_per_author_and_day=0)},
    ],
)
async def test_where_nobody_could_answer_nobody_is_asked(changes: dict[str, Any]) -> None:
    """Nor where notices are switched off."""
    world = World(site=asking_site(**changes))
    await world.hold()
    assert world.pool.sent == []


async def test_the_letter_is_in_the_rosters_language() -> None:
    """As it goes to the roster's own mailbox, this tells nobody anything."""
    world = World(rosters=AnasRosters(language="es"))
    await world.hold()
    (mail,), (text,) = world.pool.mails, world.pool.texts
    assert mail["Content-Language"] == "es"
    assert "¿Es tuyo? Entonces confírmalo" in text
    assert "esa página" in text


@pytest.mark.parametrize(
    ("verb", "words", "says"),
    [
        (Verb.RELEASE, {}, "was sent to board@party.example"),
        (Verb.REJECT, {"clause": "A 7.3", "sentence": "Please shorten it."}, "was not sent on"),
        (Verb.DISCARD, {}, "was not sent on"),
    ],
)
async def test_the_outcome_goes_to_the_roster_address(
    world: World, verb: Verb, words: dict[str, str], says: str
) -> None:
    """Once a person has ruled, without text and without the moderator's name."""
    case = await world.hold()
    await world.rule(case, verb, **words)
    assert [envelope.addresses for envelope, _ in world.pool.sent] == [(ANA,), (ANA,)]
    text = world.pool.texts[1]
    assert says in text
    assert SECRET not in text
    assert MOD not in text
    assert all(sentence in text for sentence in words.values())


@pytest.mark.parametrize(
    ("changes", "letters"), [({}, 2), ({"spam_score": 0.95}, 0), ({"author": "kim@home.example"}, 0)]
)
async def test_a_message_that_ran_out_is_told(world: World, changes: dict[str, Any], letters: int) -> None:
    """Silence is the worst outcome; strangers and likely spam end without a word."""
    case = await world.hold(unproven(**changes))
    await world.rule(case, Verb.EXPIRE, by="courier")
    assert len(world.pool.sent) == letters
    if letters:
        assert "Nobody decided on it in time" in world.pool.texts[1]


async def test_a_clock_that_jumps_back_makes_no_second_letter(world: World) -> None:
    """The day has one place, whoever has it."""
    await world.hold(unproven(ledger_key="k1"))
    world.clock.at -= 60
    await world.hold(unproven(ledger_key="k2"))
    assert len(world.pool.sent) == 1


async def test_outcomes_beyond_the_days_first_join_a_summary_without_subjects(world: World) -> None:
    """None is dropped, and none says what was written."""
    cases = [await world.hold(unproven(ledger_key=f"k{index}")) for index in range(3)]
    for case in cases:
        await world.rule(case, Verb.REJECT, clause="A 7.3", sentence="Please shorten it.")
    assert len(world.pool.sent) == 2
    world.clock.at = world.redis.now = START + DAY_S
    assert await world.notices.send_summaries() == 1
    text = world.pool.texts[2]
    assert all(case.number in text for case in cases[1:])
    assert "Please shorten it." in text
    assert SECRET not in text


async def test_who_has_disowned_a_message_hears_no_more_of_it(world: World) -> None:
    """She has said all there is to say."""
    case = await world.hold()
    answer = Answer(Said.NOT_HERS, START)
    case = await world.cases.apply(case.number, 1, Command(Verb.DENY, ANA, START, answer=answer))
    await world.rule(case, Verb.REJECT, clause="A 7.3", sentence="Not hers.")
    assert len(world.pool.sent) == 1


async def test_nobody_hears_of_what_a_person_dropped_as_spam(world: World) -> None:
    """Nor of what ran out, of a stranger's outcome, or of what a rule dropped."""
    spam = await world.hold(unproven(spam_score=0.95))
    await world.rule(spam, Verb.DISCARD)
    stranger = await world.hold(unproven(author="kim@home.example", ledger_key="k2"))
    await world.rule(stranger, Verb.REJECT, clause="A 7.3", sentence="No.")
    dropped = await world.hold(unproven(ledger_key="k3"))
    sent = len(world.pool.sent)
    await world.rule(dropped, Verb.DISCARD, by="policy")
    assert (sent, len(world.pool.sent)) == (1, 1)


async def test_a_confirmed_message_that_still_waits_is_told_as_a_members(world: World) -> None:
    """With its subject and the rule: from now on it is hers."""
    case = await world.hold()
    answer = Answer(Said.HERS, START, "member", (Reason("solicitation", "solicitation", "A 7.3", "It asks."),))
    await world.cases.apply(case.number, 1, Command(Verb.CONFIRM, ANA, START, answer=answer))
    await world.handle_all()
    text = world.pool.texts[1]
    assert f"Its subject: About {SECRET}" in text
    assert "A 7.3" in text


async def test_one_that_was_released_with_the_answer_is_not_told_as_waiting(world: World) -> None:
    """The page said so already."""
    case = await world.hold()
    await world.cases.apply(case.number, 1, Command(Verb.CONFIRM, ANA, START, deliver_after=START + 60))
    await world.handle_all()
    assert len(world.pool.sent) == 1
