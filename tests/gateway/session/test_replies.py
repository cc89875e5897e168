"""Every fixed reply, as it is sent."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from listward.gateway.session import replies
from listward.wire.reply import Reply

SOURCES = (Path(replies.__file__).parents[1], Path(replies.__file__).parents[2] / "filters" / "policy")
FORBIDDEN = ("violation", "blocked", "illegal", "spam", "forged")
# RFC 2034 section 4 and RFC 4954 section 4: the greeting, EHLO, HELO, 354 and 334 have no enhanced code.
WITHOUT = {220, 250, 334, 354}


def written() -> Iterator[tuple[str, int, str, str]]:
    """Every `Reply(code, enhanced, text)` and `_reply(code, enhanced, text, ...)` in the source: place and values."""
    for path in sorted(path for source in SOURCES for path in source.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                values = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args[:3]]
                code, enhanced, text = (*values, None, None, None)[:3]
                if isinstance(code, int):
                    place = f"{path.name}:{node.lineno}"
                    yield place, code, enhanced if isinstance(enhanced, str) else "?", str(text or "")


CALLS = {"Reply", "_reply", "ReplyWords"}
WRITTEN = list(written())


def test_the_replies_are_found() -> None:
    """The search sees the fixed ones and those of a message."""
    assert len(WRITTEN) > 60
    assert {"replies.py", "wording.py", "auth.py"} <= {place.partition(":")[0] for place, *_ in WRITTEN}


@pytest.mark.parametrize(("place", "code", "enhanced", "text"), WRITTEN, ids=[entry[0] for entry in WRITTEN])
def test_every_reply_has_its_enhanced_code_and_plain_words(place: str, code: int, enhanced: str, text: str) -> None:
    """RFC 2034: 2xx, 4xx and 5xx carry a code of their class; the words are ours, short and ASCII."""
    if enhanced == "":
        assert code in WITHOUT, place
    elif enhanced != "?":
        assert re.fullmatch(rf"{code // 100}\.\d{{1,3}}\.\d{{1,3}}", enhanced), place
    assert not any(word in text.lower() for word in FORBIDDEN), place
    assert text.isascii()
    assert len(text) < 380


@pytest.mark.parametrize(
    "reply",
    [value for value in vars(replies).values() if isinstance(value, Reply)]
    + [reply for table in (replies.TOO_MANY, replies.TIMED_OUT) for reply in table.values()],
)
def test_every_fixed_reply_is_sent_as_it_is(reply: Reply) -> None:
    """One line, within the limit."""
    sent = replies.octets(reply)
    assert sent == reply.render().encode("ascii") + b"\r\n"
    assert len(sent) <= 400


def test_whatever_a_text_holds_one_reply_stays_one_reply() -> None:
    """Control characters, non-ASCII and length never reach the wire."""
    sent = replies.octets(Reply(550, "5.7.1", "a\rb\x00\x7f\u2028é" + "x" * 1000))
    assert sent.count(b"\r\n") == 1
    assert sent.endswith(b"\r\n")
    assert len(sent) <= 400
    assert all(32 <= octet < 127 for octet in sent[:-2])
