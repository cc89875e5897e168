"""Delivery status notifications (RFC 3461): offered where every next hop takes them, and then passed on as written."""

import pytest
from gateway_fakes import BOARD, NEWS, Client, Rig, message
from hypothesis import given
from hypothesis import strategies as st
from scripted_hop import Say

from listward.gateway.session import dsn
from listward.wire.addresses import Parameter, parse_path

MAIL = "MAIL FROM:<Bounces+Token=x@b.example> RET=hdrs ENVID=QQ+2B314"
RCPT = f"RCPT TO:<{BOARD}> NOTIFY=SUCCESS,delay ORCPT=rfc822;Board+2Bx@lists.party.example"


async def greeted(rig: Rig, *, egress: bool = False) -> tuple[Client, list[str]]:
    """A connection and what was offered on it, once every next hop was asked."""
    await rig.sizes.ask(rig.pool, rig.snapshot.hops)
    client = await rig.connect(egress=egress, greet=False)
    await client.reply()
    return client, (await client.ask("EHLO c.example"))[1].split("\n")


@pytest.mark.parametrize("egress", [False, True])
async def test_dsn_is_passed_on_unchanged(egress: bool) -> None:
    """RET, ENVID, NOTIFY and ORCPT arrive as they were written, in capitals and small letters."""
    async with Rig() as rig:
        client, offers = await greeted(rig, egress=egress)
        assert "DSN" in offers
        rcpt = RCPT.replace(BOARD, "sub@inside.party.example") if egress else RCPT
        for command in (MAIL, rcpt):
            assert (await client.ask(command))[0] == 250
        assert (await client.content(message()))[0] == 250
        taken = (rig.out if egress else rig.board).messages[0]
        assert taken.mail.startswith("MAIL FROM:<Bounces+Token=x@b.example> SIZE=")
        assert taken.mail.endswith(" RET=hdrs ENVID=QQ+2B314")
        assert taken.rcpts == (rcpt,)


@pytest.mark.parametrize("without", ["board", "news", "out"])
@pytest.mark.parametrize("egress", [False, True])
async def test_one_next_hop_without_it_is_enough(without: str, egress: bool) -> None:
    """Not offered, and each parameter is refused 555."""
    async with Rig() as rig:
        getattr(rig, without).offers = ("PIPELINING", "8BITMIME")
        client, offers = await greeted(rig, egress=egress)
        assert "DSN" not in offers
        assert (await client.ask(MAIL))[0] == 555
        assert (await client.ask("MAIL FROM:<a@b.example>"))[0] == 250
        assert (await client.ask(RCPT))[0] == 555


async def test_a_next_hop_that_was_never_reached_does_not_offer_it() -> None:
    """What is not known is not announced."""
    async with Rig() as rig:
        rig.news.on("CONNECT", Say("421 4.3.2 closing"))
        _, offers = await greeted(rig)
        assert "DSN" not in offers


async def test_dsn_is_for_sessions_with_ehlo() -> None:
    """HELO knows no parameters."""
    async with Rig() as rig:
        client, _ = await greeted(rig)
        assert (await client.ask("HELO c.example"))[0] == 250
        assert (await client.ask(MAIL))[0] == 555
        assert (await client.ask("MAIL FROM:<a@b.example>"))[0] == 250
        assert (await client.ask(RCPT))[0] == 555


@pytest.mark.parametrize(
    "parameter",
    [
        "RET",
        "RET=",
        "RET=ALL",
        "RET=FULL,HDRS",
        "ENVID",
        "ENVID=a+",
        "ENVID=a+2b",
        "ENVID=a+0D+0A",
        "ENVID=+E9",
        f"ENVID={'x' * 101}",
        "NOTIFY",
        "NOTIFY=",
        "NOTIFY=NEVER,SUCCESS",
        "NOTIFY=SUCCESS,SUCCESS",
        "NOTIFY=SUCCESS,",
        "NOTIFY=ALWAYS",
        "ORCPT",
        "ORCPT=a@b.example",
        "ORCPT=;a@b.example",
        "ORCPT=rfc822;",
        "ORCPT=rfc 822;a",
        "ORCPT=rfc822;a+0Ab",
        f"ORCPT=rfc822;{'x' * 500}",
        "NOTIFY=NEVER NOTIFY=NEVER",
    ],
)
async def test_malformed_parameters_are_refused(parameter: str) -> None:
    """501 or 555, and the dialogue goes on."""
    async with Rig() as rig:
        client, _ = await greeted(rig)
        if parameter.startswith(("RET", "ENVID")):
            assert (await client.ask(f"MAIL FROM:<a@b.example> {parameter}"))[0] in {501, 553, 555}
        assert (await client.ask("MAIL FROM:<a@b.example>"))[0] == 250
        if parameter.startswith(("NOTIFY", "ORCPT")):
            assert (await client.ask(f"RCPT TO:<{BOARD}> {parameter}"))[0] in {501, 553, 555}
        assert (await client.ask(f"RCPT TO:<{BOARD}>"))[0] == 250


@pytest.mark.parametrize("swapped", ["NOTIFY=NEVER", "ORCPT=rfc822;a", "SIZE=1"])
async def test_each_command_has_its_own(swapped: str) -> None:
    """NOTIFY is RCPT's, RET is MAIL's."""
    async with Rig() as rig:
        client, _ = await greeted(rig)
        if not swapped.startswith("SIZE"):
            assert (await client.ask(f"MAIL FROM:<a@b.example> {swapped}"))[0] == 555
        assert (await client.ask("MAIL FROM:<a@b.example>"))[0] == 250
        for parameter in ("RET=FULL", "ENVID=x", "BODY=8BITMIME", "SIZE=1"):
            assert (await client.ask(f"RCPT TO:<{BOARD}> {parameter}"))[0] == 555


async def test_a_case_keeps_the_parameters() -> None:
    """Release replays the envelope with them."""
    async with Rig() as rig:
        client, _ = await greeted(rig)
        rig.news.on("DOT", Say("550 5.0.0 fault"))
        for command in (MAIL, f"RCPT TO:<{NEWS}> NOTIFY=NEVER"):
            assert (await client.ask(command))[0] == 250
        assert (await client.content(message()))[0] == 250
        envelope = rig.cases.drafts[0].envelope
        assert (envelope.parameters, envelope.recipient_parameters) == (
            ("RET=hdrs", "ENVID=QQ+2B314"),
            (("NOTIFY=NEVER",),),
        )


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40))
def test_any_text_is_judged_without_a_fault(value: str) -> None:
    """What is accepted holds no octet that could end a line, and parses again as one parameter."""
    for keyword in ("RET", "ENVID", "NOTIFY", "ORCPT"):
        if dsn.well_formed([Parameter(keyword, value, f"{keyword}={value}")]):
            path = parse_path(f"<a@b.example> {keyword}={value}")
            assert [parameter.written for parameter in path.parameters] == [f"{keyword}={value}"]
