"""Every fixed reply, as it is sent."""

import re

import pytest

from listward.gateway.session import replies
from listward.wire.reply import Reply

FIXED = {name: value for name, value in vars(replies).items() if isinstance(value, Reply)}
FORBIDDEN = ("violation", "blocked", "illegal", "spam", "forged")


@pytest.mark.parametrize("name", sorted(FIXED))
def test_every_reply_has_its_enhanced_code_and_plain_words(name: str) -> None:
    """RFC 2034: 2xx, 4xx and 5xx carry a code of their class; the words are ours."""
    reply = FIXED[name]
    if reply.code != 354:
        assert re.fullmatch(rf"{reply.code // 100}\.\d{{1,3}}\.\d{{1,3}}", reply.enhanced)
    assert not any(word in reply.text.lower() for word in FORBIDDEN)
    sent = replies.octets(reply)
    assert sent.isascii()
    assert all(len(line) <= 400 for line in sent.splitlines(keepends=True))


def test_whatever_a_text_holds_one_reply_stays_one_reply() -> None:
    """Control characters, non-ASCII and length never reach the wire."""
    sent = replies.octets(Reply(550, "5.7.1", "a\rb\x00\x7f\u2028é" + "x" * 1000))
    assert sent.count(b"\r\n") == 1
    assert sent.endswith(b"\r\n")
    assert len(sent) <= 400
    assert all(32 <= octet < 127 for octet in sent[:-2])
