"""The ledger's keys and counts."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from listward.filters.identity.origin import Origin, OriginKind
from listward.filters.identity.origins import AHEAD_S, FRESH_S
from listward.gateway.records import EGRESS, JUDGING, PASSING_ON, Records, purpose_of
from listward.gateway.trace.facts import Facts, read_facts
from listward.queue.store.ledger import KEPT_S
from listward.wire.payload import Payload

FACTS = Facts("a@b", "<one@x>", "d", True, True)
WORDS = st.text(max_size=6)
PURPOSES = st.sampled_from([*OriginKind, JUDGING, PASSING_ON]).map(str)


@settings(max_examples=200, deadline=None)
@given(
    one=st.tuples(WORDS, WORDS, WORDS, WORDS, PURPOSES),
    two=st.tuples(WORDS, WORDS, WORDS, WORDS, PURPOSES),
    out=st.booleans(),
)
def test_different_messages_have_different_keys(one: tuple[str, ...], two: tuple[str, ...], out: bool) -> None:
    """However sender, recipient, origin and Message-ID are cut, the key tells them apart."""

    def key(parts: tuple[str, ...]) -> str:
        sender, recipient, author, message_id, purpose = parts
        return Records(sender, Facts(author, message_id, "d", True, True), out).key(recipient, purpose)

    proven = not out and one[4] in {"internal", "member", "known"}
    assert (key(one) == key(two)) == (one[proven:] == two[proven:])


def test_another_envelope_sender_makes_no_other_copy_of_a_proven_author_s_mail() -> None:
    """Whoever sends a signed message on chooses the sender; on the way out the list server does, for each list."""
    one, two = Records("a@x", FACTS), Records("b@x", FACTS)
    for proven in ("internal", "member", "known", "vouched"):
        assert one.key("r", proven) == two.key("r", proven)
    for other in ("unproven", "forged", JUDGING, PASSING_ON):
        assert one.key("r", other) != two.key("r", other)
    assert Records("a@x", FACTS, True).key("r", EGRESS) != Records("b@x", FACTS, True).key("r", EGRESS)


def test_a_vouched_copy_never_stands_for_a_proven_one() -> None:
    """Each is settled by itself; a refusal beside either knows of both."""
    proven = Origin(OriginKind.MEMBER, "ana@x")
    vouched = replace(proven, vouched=True)
    assert (purpose_of(proven), purpose_of(vouched)) == ("member", "vouched")
    records = Records("a@x", FACTS)
    assert records.key("r", "vouched") != records.key("r", "member")
    assert records.key("r", "vouched") in records.keys(["r"])
    records.known = {records.key("r", "vouched"): "relayed"}
    assert not records.is_settled(records.key("r", "member"))
    assert records.settled_copy("r") == records.key("r", "vouched")


def test_a_copy_that_is_proven_less_adds_nothing_to_one_that_is_settled() -> None:
    """A signed post of ours that comes back with a field that nobody signed is a member's, and was posted already."""
    strongest_first = ("internal", "member", "vouched")
    for at, settled in enumerate(strongest_first):
        records = Records("a@x", FACTS)
        records.known = {records.key("r", settled): "relayed"}
        for place, purpose in enumerate(strongest_first):
            assert records.is_settled(records.copy_key("r", purpose)) == (place >= at)
        for nobody in ("unproven", "forged"):
            assert records.copy_key("r", nobody) == records.key("r", nobody)
            assert not records.is_settled(records.copy_key("r", nobody))


def test_outcomes_are_read_back() -> None:
    """Settled is relayed, discarded or held; unknown and counts are not."""
    known = {"a": "relayed", "b": "discarded", "c": "held:10017", "d": "unknown", "e": "tries:2"}
    records = Records("s", FACTS, known=known)
    assert [key for key in "abcdef" if records.is_settled(key)] == ["a", "b", "c"]
    assert [records.case(key) for key in "abc"] == ["", "", "10017"]


def test_tries_grow_by_one() -> None:
    """The highest count of any recipient counts; garbage counts nothing."""
    first = Records("s", FACTS)
    first.one_more(["x", "y"], JUDGING)
    assert set(first.outcomes.values()) == {"tries:1"}
    second = Records("s", FACTS, known=first.outcomes)
    second.one_more(["x"], JUDGING)
    assert Records("s", FACTS, known={**first.outcomes, **second.outcomes}).tries(["x", "y"], JUDGING) == 2
    assert Records("s", FACTS, known=dict.fromkeys(first.outcomes, "tries:x")).tries(["x"], JUDGING) == 0


def facts(header: bytes, body: bytes = b"text\r\n") -> Facts:
    """Facts of a message."""
    return read_facts(header, Payload(header + b"\r\n" + body), "mx.party.example")


def test_a_missing_message_id_is_derived_from_what_a_retry_brings_again() -> None:
    """Same author, date, subject and body: same id; another body: another one."""
    header = b"From: a@b\r\nDate: x\r\nSubject: s\r\n"
    assert facts(header).message_id == facts(b"Received: y\r\n" + header).message_id
    assert facts(header).message_id != facts(header, b"other\r\n").message_id
    assert facts(header).message_id != facts(header.replace(b"Date: x", b"Date: z")).message_id
    assert not facts(header).has_message_id
    assert facts(header + b"Message-ID:\r\n <q@x>\r\n").message_id == "<q@x>"


def test_a_field_of_megabytes_is_not_hashed_again_for_every_recipient() -> None:
    """Only the first line's worth of it takes part in the ledger's keys."""
    found = facts(b"From: " + b"a" * 5000 + b"\r\nMessage-ID: <" + b"b" * 5000 + b">\r\n")
    assert (len(found.author), len(found.message_id)) == (997, 997)


def test_the_ledger_remembers_longer_than_a_signature_of_ours_counts() -> None:
    """Else a signed message could be sent on and posted again when its record has lapsed."""
    assert FRESH_S + AHEAD_S <= KEPT_S
