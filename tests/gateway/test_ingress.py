"""The way in, over real sockets: what is relayed, held, refused and answered."""

from gateway_fakes import BOARD, SENDER, Rig, message


async def test_accepted_mail_is_relayed_in_the_transaction() -> None:
    """A message that is accepted reaches the list server before 250 is said."""
    async with Rig() as rig:
        code, text = await rig.send(message())
        assert (code, len(rig.board.messages)) == (250, 1)
        assert text.startswith("2.0.0 Received. Ref ")
        taken = rig.board.messages[0]
        assert taken.sender == SENDER
        assert taken.recipients == (BOARD,)
        assert taken.data.endswith(message())
