"""Replies that depend on a message."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.filters.judgement import ReplyWords
from listward.gateway import wording
from listward.gateway.course import Ending, Fate
from listward.gateway.session import replies
from listward.wire.reply import Reply

ID = "0123456789abcdefghjk"
FATES = st.dictionaries(st.text(min_size=1, max_size=3), st.sampled_from(list(Fate)), max_size=4)


@settings(max_examples=300, deadline=None)
@given(
    fates=FATES, code=st.sampled_from([0, 450, 452, 550, 554]), enhanced=st.sampled_from(["", "4.2.1", "5.1.1", "x"])
)
def test_250_is_said_only_when_everybody_is_settled(fates: dict[str, Fate], code: int, enhanced: str) -> None:
    """5xx only when the next hop refused them all; everything else waits. Codes and classes agree."""
    reply = wording.ended(Ending(fates, ("10017",), code, enhanced), ID)
    settled = bool(fates) and all(fate.settled for fate in fates.values())
    refused = bool(fates) and all(fate is Fate.REFUSED for fate in fates.values()) and code >= 550
    assert reply.positive == settled
    assert reply.permanent == refused
    assert reply.enhanced.startswith(f"{reply.code // 100}.")


def test_cases_are_named_to_the_author() -> None:
    """At most ten numbers; the id stands in where there is no case."""
    words = ReplyWords(250, "2.0.0", "Case {case}. Ref {id}")
    assert wording.said(words, ID, ("10017", "10024")).text == f"Case 10017, 10024. Ref {ID}"
    assert wording.said(words, ID).text == f"Case {ID}. Ref {ID}"
    many = wording.said(words, ID, tuple(str(number) for number in range(100)))
    assert many.text.count(",") == 9


def test_braces_that_people_wrote_are_left() -> None:
    """A template is filled, not formatted."""
    assert wording.said(ReplyWords(550, "5.7.1", "{url} {0} {id.x}"), ID).text == "{url} {0} {id.x}"


@pytest.mark.parametrize("reply", [wording.later(ID), wording.loop(ID), wording.taken(ID)])
def test_every_reply_names_the_id_and_is_plain(reply: Reply) -> None:
    """People read it inside a provider's bounce."""
    assert ID in reply.text
    sent = replies.octets(reply)
    assert len(sent) <= 400
    assert not any(word in sent.lower() for word in (b"violation", b"blocked", b"illegal", b"spam", b"forged"))
