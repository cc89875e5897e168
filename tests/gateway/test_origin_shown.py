"""Who wrote it, and how sure we are: in the case that moderators see, and in the mail log without any address."""

from gateway_fakes import NEWS, SENDER, Rig, message

from listward.filters.judgement import Action


async def test_a_case_has_the_origin_with_its_reasons() -> None:
    """One word for programs, sentences for people."""
    async with Rig() as rig:
        rig.judge.verdict = Action.HOLD
        await rig.send(message(), NEWS)
        (draft,) = rig.cases.drafts
        assert (draft.origin, draft.basis) == ("member", "not-proven")
        assert draft.grounds == (
            "Sending server (SPF): confirmed for home.example.",
            "The domain's own rule (DMARC): confirmed for home.example.",
        )


async def test_a_case_that_nobody_could_judge_has_no_reasons() -> None:
    """What was not looked at is not spoken of."""
    async with Rig() as rig:
        rig.judge.error = RuntimeError("broken")
        for _ in range(3):
            await rig.send(message(), NEWS)
        (draft,) = rig.cases.drafts
        assert (draft.origin, draft.basis, draft.grounds) == ("unproven", "", ())


async def test_the_log_has_origin_and_basis_and_nobody_s_address_or_domain() -> None:
    """Keyed hashes for addresses; of what was found one word only."""
    async with Rig() as rig:
        await rig.send(message(), NEWS)
        line = next(event for event in rig.events() if event["event"] == "relayed")
        assert (line["origin"], line["basis"]) == ("member", "not-proven")
        assert line["author"]
        written = rig.stream.getvalue()
        assert SENDER not in written
        assert "home.example" not in written
