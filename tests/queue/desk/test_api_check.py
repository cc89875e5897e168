"""POST /check judges and keeps nothing."""

import json

import pytest
from desk_world import World, browser

from listward.cli.verdicts import as_json
from listward.filters.identity.origin import OriginKind

RAW = b"From: a@b.example\nSubject: caf\xe9\n\nHello\xff\n"


async def test_a_message_is_judged_as_it_came_with_smtp_line_ends(world: World) -> None:
    """Bytes that are no UTF-8 survive; the author is to be proven as always."""
    fields = {**await world.token("nobody@party.example"), "Content-Type": "message/rfc822"}
    answer = browser(world.app()).post("/api/v1/check", headers=fields, content=RAW)
    assert answer.status_code == 200
    transaction, origin = world.judge.seen[0]
    assert transaction.raw == RAW.replace(b"\n", b"\r\n")
    assert origin is None


async def test_plain_text_becomes_a_message_of_a_member(world: World) -> None:
    """A chat's text has no author to prove; it goes to the first list unless told otherwise."""
    fields = {**await world.token("nobody@party.example"), "Content-Type": "text/plain; charset=utf-8"}
    browser(world.app()).post("/api/v1/check", headers=fields, content="Grüße\x00 an alle".encode())
    transaction, origin = world.judge.seen[0]
    assert transaction.recipients == ("board@party.example",)
    assert b"\x00" not in transaction.raw
    assert origin is OriginKind.MEMBER


async def test_json_takes_recipients_and_origin(world: World) -> None:
    """What is given is taken."""
    body = {"text": "Hello", "recipients": ["inner@party.example"], "origin": "unproven", "sender": "x@y.example"}
    answer = browser(world.app()).post("/api/v1/check", headers=await world.token("nobody@party.example"), json=body)
    assert answer.status_code == 200
    transaction, origin = world.judge.seen[0]
    assert (transaction.recipients, transaction.sender) == (("inner@party.example",), "x@y.example")
    assert origin is OriginKind.UNPROVEN


async def test_the_answer_is_the_object_of_the_command(world: World) -> None:
    """The same keys and values as `listward check --json`, which alone names a file."""
    body = {"text": "Hello"}
    answer = browser(world.app()).post("/api/v1/check", headers=await world.token("nobody@party.example"), json=body)
    command = as_json("a.eml", await world.judge.judge(*world.judge.seen[0]))
    assert command.pop("path") == "a.eml"
    assert answer.json() == command
    assert answer.json()["scores"] == {"spam": 0.1, "solicitation": 0.2, "internal": 0.3}


async def test_nothing_is_kept(world: World) -> None:
    """No case, no read, no key."""
    fields = await world.token("nobody@party.example")
    before = world.redis.dump
    browser(world.app()).post("/api/v1/check", headers=fields, json={"text": "Hello"})
    assert world.cases.cases == {}
    assert world.reads.noted == []
    assert world.redis.dump == before


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("application/json", b"{}", 422),
        ("application/json", b'{"text": "a", "message": "b"}', 422),
        ("application/json", b'{"text": "a", "x": 1}', 422),
        ("application/json", b'{"text": "a", "origin": "king"}', 422),
        ("application/json", b"nonsense", 422),
        ("text/plain", b"", 422),
        ("text/html", b"<b>x</b>", 415),
        ("", b"x", 415),
    ],
)
async def test_nonsense_is_refused_in_words(world: World, kind: str, content: bytes, status: int) -> None:
    """One plain sentence, and nothing is judged."""
    fields = {**await world.token("nobody@party.example"), "Content-Type": kind}
    answer = browser(world.app()).post("/api/v1/check", headers=fields, content=content)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert world.judge.seen == []


async def test_a_body_over_the_bound_is_refused(world: World) -> None:
    """Twice the largest message, because JSON escapes; other addresses take far less."""
    fields = {**await world.token("mod@party.example"), "Content-Type": "text/plain"}
    client = browser(world.app())
    bound = 2 * world.site.gateway.max_message_bytes
    assert client.post("/api/v1/check", headers=fields, content=b"x" * bound).status_code == 200
    assert client.post("/api/v1/check", headers=fields, content=b"x" * (bound + 1)).status_code == 413
    big = json.dumps({"version": 1, "reason": "x" * 140_000})
    fields["Content-Type"] = "application/json"
    assert client.post("/api/v1/cases/10008/reject", headers=fields, content=big).status_code == 413
