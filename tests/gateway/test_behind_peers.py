"""Servers in front of us that name the client, and those that have said 250 already."""

import pytest
from gateway_fakes import BOARD, MEMBERS, NEWS, Rig, message
from scripted_hop import Say

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action


def peer(**table: object) -> dict[str, object]:
    """A site whose only peer is this machine."""
    return {"peer": [{"address": "127.0.0.1/32", **table}]}


async def test_a_client_of_its_own_is_known_by_its_address() -> None:
    """No peer: the socket's address and the client's EHLO."""
    async with Rig() as rig:
        await rig.send(message())
        client = rig.judge.seen[0].client
        assert (client.address, client.helo, client.after_queue) == ("127.0.0.1", "client.example", False)


async def test_a_peer_that_names_nobody_leaves_the_client_unknown() -> None:
    """Its own address and name prove nothing."""
    async with Rig(**peer(authserv_ids=["mx.host.example"])) as rig:
        await rig.send(message())
        client = rig.judge.seen[0].client
        assert (client.address, client.helo, client.authserv_ids) == (None, "", ("mx.host.example",))


async def test_xforward_names_the_client_of_the_next_message_only() -> None:
    """Attributes come in several commands; the second message on the connection is unknown again."""
    async with Rig(**peer(gives="xforward")) as rig:
        client = await rig.connect(greet=False)
        await client.reply()
        assert "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE" in (await client.ask("EHLO relay.example"))[1]
        assert (await client.ask("XFORWARD NAME=mail.home.example ADDR=203.0.113.9"))[0] == 250
        assert (await client.ask("XFORWARD PROTO=ESMTP HELO=mail.home.example SOURCE=REMOTE"))[0] == 250
        assert (await client.ask("XFORWARD COLOUR=red"))[0] == 501
        for number in (1, 2):
            await client.envelope(NEWS)
            await client.content(message(message_id=f"<{number}@x>"))
        named = [(seen.client.address, seen.client.helo) for seen in rig.judge.seen]
        assert named == [("203.0.113.9", "mail.home.example"), (None, "")]
        assert b"from mail.home.example by" in rig.news.messages[0].data


async def test_xforward_is_out_of_order_in_a_transaction() -> None:
    """The client of a message cannot change after MAIL, nor be named before EHLO."""
    async with Rig(**peer(gives="xforward")) as rig:
        client = await rig.connect(greet=False)
        await client.reply()
        assert (await client.ask("XFORWARD ADDR=203.0.113.9"))[0] == 503
        await client.ask("EHLO relay.example")
        await client.ask("MAIL FROM:<a@b.example>")
        assert (await client.ask("XFORWARD ADDR=203.0.113.9"))[0] == 503


async def test_xclient_begins_the_session_anew() -> None:
    """A greeting, and EHLO again; the attributes stay for the connection."""
    async with Rig(**peer(gives="xclient")) as rig:
        client = await rig.connect()
        assert (await client.ask("XCLIENT ADDR=IPV6:2001:4860::5"))[0] == 220
        assert (await client.ask("XCLIENT NAME=mail.home.example"))[0] == 220
        assert (await client.ask("MAIL FROM:<a@b.example>"))[0] == 503
        assert "XCLIENT" in (await client.ask("EHLO mail.home.example"))[1]
        await client.envelope(NEWS)
        assert (await client.ask("XCLIENT ADDR=192.0.2.1"))[0] == 503
        await client.content(message())
        seen = rig.judge.seen[0].client
        assert (seen.address, seen.helo) == ("2001:4860::5", "mail.home.example")
        assert b"(\r\n [IPv6:2001:4860::5])" in rig.news.messages[0].data or b"([IPv6:2001:4860::5])" in (
            rig.news.messages[0].data
        )


async def test_proxy_names_the_client_of_the_connection() -> None:
    """PROXY version 1 comes before the greeting; EHLO is the client's own."""
    async with Rig(**peer(gives="proxy")) as rig:
        client = await rig.connect(greet=False)
        client.writer.write(b"PROXY TCP4 203.0.113.9 192.0.2.1 40000 25\r\n")
        assert (await client.reply())[0] == 220
        await client.ask("EHLO mail.home.example")
        await client.envelope(NEWS)
        await client.content(message())
        seen = rig.judge.seen[0].client
        assert (seen.address, seen.helo) == ("203.0.113.9", "mail.home.example")


async def test_proxy_version_2() -> None:
    """The binary header says the same."""
    head = b"\r\n\r\n\x00\r\nQUIT\n" + bytes([0x21, 0x11, 0, 12])
    head += bytes([203, 0, 113, 9, 192, 0, 2, 1]) + (40_000).to_bytes(2, "big") + (25).to_bytes(2, "big")
    async with Rig(**peer(gives="proxy")) as rig:
        client = await rig.connect(greet=False)
        client.writer.write(head + b"EHLO c.example\r\n")
        assert (await client.reply())[0] == 220
        assert (await client.reply())[0] == 250
        await client.envelope(NEWS)
        await client.content(message())
        assert rig.judge.seen[0].client.address == "203.0.113.9"


async def test_proxy_of_an_unknown_client() -> None:
    """UNKNOWN and LOCAL name nobody."""
    async with Rig(**peer(gives="proxy")) as rig:
        client = await rig.connect(greet=False)
        client.writer.write(b"PROXY UNKNOWN\r\n")
        await client.reply()
        await client.ask("EHLO c.example")
        await client.envelope(NEWS)
        await client.content(message())
        assert rig.judge.seen[0].client.address is None


async def test_a_balancer_without_its_header_is_closed() -> None:
    """A health check or a client that bypassed the balancer is no client."""
    async with Rig(**peer(gives="proxy")) as rig:
        client = await rig.connect(greet=False)
        client.writer.write(b"EHLO c.example\r\n")
        assert await client.reply() == (0, "")
        await rig.until(lambda: rig.bounds.connections == 0)
        assert rig.count("limits_hit_total", limit="proxy_header") == 1


async def test_a_balancer_that_closes_at_once_is_forgotten() -> None:
    """A health check that only connects leaves nothing behind."""
    async with Rig(**peer(gives="proxy")) as rig:
        client = await rig.connect(greet=False)
        client.writer.write(b"PRO")
        client.writer.write_eof()
        assert await client.reply() == (0, "")
        await rig.until(lambda: rig.bounds.connections == 0)


async def test_proxied_clients_have_their_own_bound() -> None:
    """The balancer may open many connections, each client few."""
    tables = peer(gives="proxy") | {"gateway": {"max_clients_per_address": 1}}
    async with Rig(**tables) as rig:
        codes = []
        for address in ("203.0.113.9", "203.0.113.10", "203.0.113.9"):
            client = await rig.connect(greet=False)
            client.writer.write(f"PROXY TCP4 {address} 192.0.2.1 40000 25\r\n".encode())
            codes.append((await client.reply())[0])
        assert codes == [220, 220, 421]


@pytest.mark.parametrize("origin", list(OriginKind))
async def test_behind_a_queue_a_stranger_is_held_instead_of_refused(origin: OriginKind) -> None:
    """The peer would send a bounce to whoever was forged; only our own people may get one."""
    async with Rig(**peer(after_queue=True)) as rig:
        rig.judge.verdict, rig.judge.origin = Action.REJECT, origin
        code, _text = await rig.send(message())
        own = origin in {OriginKind.INTERNAL, OriginKind.MEMBER}
        assert code == (550 if own else 250)
        assert len(rig.cases.drafts) == (0 if own else 1)


@pytest.mark.parametrize("origin", list(OriginKind))
async def test_behind_a_queue_the_next_hops_refusal_is_held(origin: OriginKind) -> None:
    """The same backscatter, one hop further on; the same authors may get it."""
    async with Rig(**peer(after_queue=True)) as rig:
        rig.judge.origin = origin
        rig.board.on("RCPT", Say("550 5.1.1 no"))
        own = origin in {OriginKind.INTERNAL, OriginKind.MEMBER}
        assert (await rig.send(message()))[0] == (550 if own else 250)
        assert len(rig.cases.drafts) == (0 if own else 1)


async def test_a_circle_behind_such_a_peer_is_held() -> None:
    """It has said 250 already: our refusal would become a bounce to whoever the message names."""
    async with Rig(**peer(after_queue=True)) as rig:
        code, text = await rig.send(message(extra="Received: x\r\n" * 101), NEWS)
        assert (code, "Case" in text) == (250, True)
        assert rig.cases.drafts[0].reasons[0].rule == "loop"
        assert rig.news.messages == []


async def test_xclient_takes_every_attribute_that_postfix_sends() -> None:
    """All eight in one line or several; what nobody knows is unknown; LOGIN proves nothing."""
    async with Rig(**peer(gives="xclient")) as rig:
        client = await rig.connect()
        assert "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT" in (await client.ask("EHLO p.example"))[1]
        line = "XCLIENT NAME=[TEMPUNAVAIL] ADDR=203.0.113.9 PORT=40000 PROTO=ESMTP HELO=a+2Eexample LOGIN=ana"
        assert (await client.ask(line + " DESTADDR=192.0.2.1 DESTPORT=25"))[0] == 220
        await client.ask("EHLO postfix.example")
        await client.envelope(NEWS)
        await client.content(message())
        seen = rig.judge.seen[0].client
        assert (seen.address, seen.helo, seen.identity) == ("203.0.113.9", "a.example", None)


async def test_a_name_in_other_octets_is_no_reason_to_refuse() -> None:
    """A stranger says EHLO with anything, and Postfix passes it on."""
    async with Rig(**peer(gives="xforward")) as rig:
        client = await rig.connect()
        assert (await client.ask("XFORWARD ADDR=203.0.113.9 HELO=caf+C3+A9.example NAME=[UNAVAILABLE]"))[0] == 250
        assert (await client.ask("XFORWARD SOURCE=LOCAL IDENT=4XyZ"))[0] == 250
        assert (await client.ask("XFORWARD SOURCE=ELSEWHERE"))[0] == 501
        await client.envelope(NEWS)
        await client.content(message())
        assert (rig.judge.seen[0].client.address, rig.judge.seen[0].client.helo) == ("203.0.113.9", "")


async def test_a_peer_that_wants_one_reply_hears_no_policy_at_rcpt() -> None:
    """Whatever will be decided, RCPT takes every address that exists; the one answer comes after the dot."""
    async with Rig(**peer(one_reply=True)) as rig:
        rig.judge.verdict = Action.REJECT
        client = await rig.connect()
        assert (await client.envelope(BOARD, NEWS, MEMBERS))[0] == 250
        assert (await client.ask("RCPT TO:<nobody@lists.party.example>"))[0] == 550
        assert (await client.content(message()))[0] == 550
        assert rig.judge.seen[0].client.one_reply


async def test_clients_named_by_xclient_are_counted() -> None:
    """Each by its own address, as long as it is there."""
    async with Rig(gateway={"max_clients_per_address": 1}, **peer(gives="xclient")) as rig:
        first, second = await rig.connect(), await rig.connect()
        assert (await first.ask("XCLIENT ADDR=203.0.113.9"))[0] == 220
        assert (await second.ask("XCLIENT ADDR=203.0.113.9"))[0] == 421
        assert await second.is_closed()
        assert (await first.ask("QUIT"))[0] == 221
        assert await first.is_closed()
        third = await rig.connect()
        assert (await third.ask("XCLIENT ADDR=203.0.113.9"))[0] == 220


@pytest.mark.parametrize("said", ["203.0.113.9", "[UNAVAILABLE]"])
async def test_a_client_behind_a_proxy_cannot_take_another_address(said: str) -> None:
    """What the proxy has said of the address stands; other attributes may follow."""
    async with Rig(**peer(gives="xclient")) as rig:
        client = await rig.connect()
        assert (await client.ask(f"XCLIENT ADDR={said} PORT=40000"))[0] == 220
        assert (await client.ask("EHLO stranger.example"))[0] == 250
        assert (await client.ask("XCLIENT ADDR=10.0.0.1"))[0] == 503
        assert (await client.ask(f"XCLIENT ADDR={said} NAME=mail.home.example"))[0] == 220
        assert (await client.ask("XCLIENT ADDR=10.0.0.1"))[0] == 503
        assert (await client.ask("EHLO stranger.example"))[0] == 250
        await client.envelope(NEWS)
        await client.content(message())
        assert rig.judge.seen[0].client.address == (said if said[0] != "[" else None)


@pytest.mark.parametrize("gives", ["xforward", "xclient", "proxy", "nothing"])
async def test_a_peer_names_clients_in_its_own_way_alone(gives: str) -> None:
    """What it does not give is as if it were not known."""
    async with Rig(gateway={"early_talkers": "allow"}, **peer(gives=gives)) as rig:
        client = await rig.connect(greet=False)
        if gives == "proxy":
            client.writer.write(b"PROXY UNKNOWN\r\n")
        await client.reply()
        offers = (await client.ask("EHLO p.example"))[1]
        for verb in ("XFORWARD", "XCLIENT"):
            offered = gives == verb.lower()
            assert (verb in offers) is offered
            assert ((await client.ask(f"{verb} ADDR=203.0.113.9"))[0] == 500) is not offered
