"""Mail in somebody's name that another may have written: she is told by another address of hers, and nobody else is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from memory_cases import START, draft
from messages import build
from notices_world import Post, sentences
from policy_bench import FakeRosters

from listward.config.find import DEFAULTS
from listward.config.templates import TemplateSource
from listward.filters.identity.freezing import FROZEN
from listward.filters.identity.habits import HIJACK, PAYEE
from listward.filters.identity.origin import Role
from listward.filters.probes import RosterEntry
from listward.queue.cases.case import CaseDraft, Reason
from listward.queue.cases.commands import Command, Verb
from listward.queue.notices.suspect import is_suspect
from listward.wire.payload import Payload

MakePost = Callable[..., Post]
ANA, HOME = "ana@party.example", "ana@home.example"
SECRET = "zanzibar"
BODY = build(text=f"The {SECRET} is ready.\n", subject=f"About {SECRET}")
ENTRY = RosterEntry(ANA, "Ana Ruiz", Role.MEMBER, language="en", others=(HOME, "ana@other.example"))
UNUSUAL = (Reason("hijack-signs", "identity", "A 7.1", "Rule."), Reason(HIJACK, "hijack", "", "Signs."))
STOPPED = (Reason(FROZEN, "identity", "", "Stopped."), Reason(FROZEN, "account", "", "Stopped."))


def suspect(*reasons: Reason, **changes: Any) -> CaseDraft:
    """A member's message that was held for these reasons."""
    return draft(subject=f"About {SECRET}", reasons=reasons or UNUSUAL, **changes)


@pytest.fixture
def post(make_post: MakePost) -> Post:
    """Notices with a roster that knows another address of Ana's."""
    return make_post(FakeRosters(ENTRY))


@pytest.mark.parametrize(("reasons", "says"), [(UNUSUAL, "another way"), (STOPPED, "hold all messages")])
async def test_the_person_is_told_by_another_address_alone(post: Post, reasons: tuple[Reason, ...], says: str) -> None:
    """Plain, not accusing, by when a person decides; nothing of the text; and not to who may have written it."""
    case = await post.cases.hold(suspect(*reasons), Payload(BODY))
    await post.handle_all()
    (mail,), (text,) = post.pool.mails, post.pool.texts
    assert mail["To"] == HOME
    assert mail["Subject"] == f"A message in your name (case {case.number})"
    for words in (says, ANA, "It is safe. It is not yet sent.", "A person decides by", "it is not an accusation"):
        assert words in text
    assert SECRET not in text + str(mail["Subject"])
    assert all(len(sentence.split()) <= 20 for sentence in sentences(text))


async def test_a_storm_makes_one_letter_a_day(post: Post) -> None:
    """A thief cannot fill her other mailbox; and none of it goes to the stolen one."""
    for number in range(30):
        await post.cases.hold(suspect(ledger_key=f"k{number}"), Payload(BODY))
    await post.handle_all()
    assert [mail["To"] for mail in post.pool.mails] == [HOME]
    assert post.counted()[("held", "covered")] == 29


async def test_a_repeated_event_repeats_the_same_letter(post: Post) -> None:
    """A courier that died before it could say so sends the same again, with the same id."""
    case = await post.cases.hold(suspect(), Payload(BODY))
    event = post.cases.log[0]
    await post.notices.on_event(event, case)
    await post.notices.on_event(event, case)
    assert len({mail["Message-ID"] for mail in post.pool.mails}) == 1
    assert len(post.pool.mails) == 2


async def test_the_outcome_goes_there_too(post: Post) -> None:
    """That it was not sent on, by which office and rule; without the text, which may be another's."""
    case = await post.cases.hold(suspect(), Payload(BODY))
    words = {"clause": "A 7.1", "sentence": f"No {SECRET} here."}
    await post.cases.apply(case.number, 1, Command(Verb.REJECT, "mod@party.example", START + 5, **words))
    await post.handle_all()
    assert {mail["To"] for mail in post.pool.mails} == {HOME}
    assert "was not sent on" in post.pool.texts[-1]
    assert "A 7.1" in post.pool.texts[-1]
    assert not any(SECRET in text or "mod@" in text for text in post.pool.texts)


@pytest.mark.parametrize("others", [(), (ANA,), ("board@party.example",), ("no-reply@home.example",)])
async def test_where_no_other_address_is_known_the_ordinary_notice_goes_out(
    make_post: MakePost, others: tuple[str, ...]
) -> None:
    """Silence is worse. It says that a person looks, and not what gave the message away."""
    post = make_post(FakeRosters(RosterEntry(ANA, "Ana Ruiz", Role.MEMBER, others=others)))
    await post.cases.hold(suspect(), Payload(BODY))
    await post.handle_all()
    (mail,), (text,) = post.pool.mails, post.pool.texts
    assert mail["To"] == ANA
    assert "A moderator looks at this first." in text
    assert "another way" not in text
    assert "The rule:" not in text


async def test_a_weak_sign_beside_another_reason_changes_nothing(post: Post) -> None:
    """A message held for its appeal is told to its author, with its reason."""
    reasons = (Reason("solicitation", "content", "A 7.3", "x"), Reason(PAYEE, "hijack", "", "A new account."))
    await post.cases.hold(suspect(*reasons), Payload(BODY))
    await post.handle_all()
    assert [mail["To"] for mail in post.pool.mails] == [ANA]
    assert "seems to ask for money" in post.pool.texts[0]


async def test_mail_that_proves_nobody_is_never_told_elsewhere(post: Post) -> None:
    """Else anybody could have letters sent to a member's private mailbox."""
    assert is_suspect(suspect())
    assert not is_suspect(suspect(origin="unproven", authenticated=False))
    await post.cases.hold(suspect(origin="unproven", authenticated=False), Payload(BODY))
    await post.handle_all()
    assert not any(mail["To"] == HOME for mail in post.pool.mails)


def test_these_letters_have_no_place_for_what_was_written() -> None:
    """The templates alone already cannot quote."""
    templates = TemplateSource((DEFAULTS / "templates",))
    for name in ("held-unusual", "held-frozen", "rejected-unusual", "frozen", "thawed"):
        for language in ("en", "es"):
            places = set(re.findall(r"\{(\w+)\}", templates.read(f"{language}/{name}.txt")))
            assert not {"subject", "text", "reason", "sentence"} & places
