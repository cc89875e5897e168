"""What people read who prove an address and are not on the roster: little, and the same whatever was found."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_cases import START, draft
from messages import build
from notices_world import Post

from listward.config.site import Limits, Organisation
from listward.queue.cases.case import CaseDraft, Reason, StoredEnvelope
from listward.queue.cases.commands import Command, Verb
from listward.wire.payload import Payload

MakePost = Callable[..., Post]
KIM = "kim@elsewhere.example"
PLAIN = (Reason("not-on-the-list", "identity", "", "Members write to this list directly."),)
DAY_S = 86_400
LI = StoredEnvelope("li@elsewhere.example", ("board@party.example",))
# Two languages, so that a roster that knew the author's would show.
TWO = Organisation(name="The Party", domains=("party.example",), languages=("en", "es"))

reasons = st.lists(
    st.builds(
        Reason,
        rule=st.sampled_from(["posing", "solicitation", "not-on-the-list", "display-name-poses"]),
        category=st.sampled_from(["posing", "content", "identity", "solicitation", "passage"]),
        clause=st.sampled_from(["", "A 7.1", "A 7.3"]),
        sentence=st.sampled_from(["The name is that of another person on the list.", "It asks for money.", "zanzibar"]),
        quote=st.sampled_from(["", "Ana Ruiz"]),
    ),
    max_size=4,
)


class EverybodysRoster:
    """Knows everybody, and that they read Spanish: what no letter to a stranger may show."""

    def find(self, *_: object) -> Any:
        """An entry for every address."""
        return type("Entry", (), {"language": "es"})()

    def names(self, *_: object) -> frozenset[str]:
        """No names."""
        return frozenset()


def known(**changes: Any) -> CaseDraft:
    """A message of an author who proves an address that is not on the roster."""
    envelope = StoredEnvelope(KIM, ("board@party.example",))
    facts: dict[str, Any] = {"origin": "known", "author": KIM, "role": "", "envelope": envelope, "reasons": PLAIN}
    return draft(**{**facts, **changes})


async def letter(post: Post, held: CaseDraft) -> bytes:
    """The notice of one hold, as it leaves."""
    await post.cases.hold(held, Payload(build()))
    await post.handle_all()
    return post.pool.sent[0][1]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=reasons, role=st.sampled_from(["", "banned", "member"]), listed=st.booleans())
async def test_the_letter_does_not_tell_who_is_a_member(
    make_post: MakePost, found: list[Reason], role: str, listed: bool
) -> None:
    """Whether a display name is a member's, or the roster knows the reader: the same bytes."""
    rosters = EverybodysRoster() if listed else None
    post = make_post(rosters=rosters, organisation=TWO)
    usual = await letter(make_post(organisation=TWO), known())
    assert await letter(post, known(reasons=tuple(found), role=role)) == usual


async def test_a_stranger_reads_one_neutral_sentence_and_how_to_join(post: Post) -> None:
    """No clause of rules that bind members; a member's letter has the rule and no word on joining."""
    await letter(post, known(reasons=(Reason("posing", "content", "A 7.3", "Somebody else's name."),)))
    await post.cases.hold(draft(), Payload(build()))
    await post.handle_all()
    stranger, member = post.pool.texts
    assert "Why: A moderator looks at this first." in stranger
    assert "The rule" not in stranger
    assert "rules#" not in stranger
    assert "You can ask us how to join, or to add this address: office@party.example" in stranger
    assert "The rule: A 7.3" in member
    assert "how to join" not in member


async def test_a_persons_ruling_is_told_with_its_rule(post: Post) -> None:
    """What a moderator wrote and cited goes to a stranger too."""
    case = await post.cases.hold(known(), Payload(build()))
    command = Command(Verb.REJECT, "mod@party.example", START + 5, clause="A 7.1", sentence="It is no matter of ours.")
    await post.cases.apply(case.number, case.version, command)
    await post.handle_all()
    (text,) = post.pool.texts
    assert "Why: It is no matter of ours." in text
    assert "The rule: A 7.1, No spam" in text


async def test_a_third_person_gets_no_mail(post: Post) -> None:
    """The sender's domain vouches for both addresses, and only one of them wrote."""
    attack = known(author="victim@elsewhere.example")
    for _ in range(10):
        case = await post.cases.hold(attack, Payload(build()))
        command = Command(Verb.DISCARD, "mod@party.example", START + 5, clause="A 7.1", sentence="No.")
        await post.cases.apply(case.number, case.version, command)
    await post.handle_all()
    assert post.pool.sent == []


async def test_a_stranger_gets_one_letter_a_day(make_post: MakePost) -> None:
    """The first notice today; the rest in tomorrow's summary, which is tomorrow's one letter."""
    post = make_post(limits=Limits(notices_per_author_and_day=10))
    held = [(await post.cases.hold(known(), Payload(build()))).number for _ in range(4)]
    await post.handle_all()
    assert len(post.pool.sent) == 1
    post.clock.at = post.cases.now = START + DAY_S
    assert await post.notices.send_summaries() == 1
    assert all(number in post.pool.texts[-1] for number in held[1:])
    await post.cases.hold(known(), Payload(build()))
    await post.handle_all()
    assert len(post.pool.sent) == 2
    post.clock.at = START + 2 * DAY_S
    assert await post.notices.send_summaries() == 1
    assert len(post.pool.sent) == 3


async def test_notices_to_strangers_can_be_switched_off(make_post: MakePost) -> None:
    """A site's limit of none is none for strangers as well."""
    post = make_post(limits=Limits(notices_per_author_and_day=0))
    await post.cases.hold(known(), Payload(build()))
    await post.handle_all()
    assert post.pool.sent == []


async def test_certain_spam_is_answered_by_nobody(post: Post) -> None:
    """A notice would only prove that the address is read; a little less certain is told."""
    await post.cases.hold(known(spam_score=0.98), Payload(build()))
    await post.cases.hold(known(spam_score=0.97, author="li@elsewhere.example", envelope=LI), Payload(build()))
    await post.handle_all()
    assert [envelope.addresses for envelope, _ in post.pool.sent] == [("li@elsewhere.example",)]
    assert post.counted()["held", "nobody"] == 1.0


async def test_what_a_bundle_discards_is_told_to_nobody(post: Post) -> None:
    """No words were written; with words a discard is told like a reject."""
    for sentence in ("", "It is no matter of ours."):
        case = await post.cases.hold(known(), Payload(build()))
        clause = "A 7.1" if sentence else ""
        command = Command(Verb.DISCARD, "mod@party.example", START + 5, clause=clause, sentence=sentence)
        await post.cases.apply(case.number, case.version, command)
    await post.handle_all()
    assert post.counted() == {("rejected", "nobody"): 1.0, ("rejected", "sent"): 1.0}


async def test_a_members_mail_is_told_whatever_its_score(post: Post) -> None:
    """Members are never left without a word."""
    await post.cases.hold(draft(spam_score=0.999), Payload(build()))
    await post.handle_all()
    assert len(post.pool.sent) == 1
