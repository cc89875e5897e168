"""Findings are counted by name, and the names are bounded whatever a reader returns."""

from gateway_fakes import Rig, message

from listward.filters.findings import Finding


def found(*names: str) -> tuple[Finding, ...]:
    """Findings of these names."""
    return tuple(Finding(name, "malformed", 0.5, "So it is.") for name in names)


async def test_findings_of_the_catalogue_are_counted_by_name() -> None:
    """Once a message, however often it was found."""
    async with Rig() as rig:
        rig.judge.findings = found("missing-from", "absurd-date", "missing-from")
        await rig.send(message())
        assert rig.count("findings_total", rule="missing-from") == 1
        assert rig.count("findings_total", rule="absurd-date") == 1


async def test_no_reader_makes_series_of_its_own() -> None:
    """A reader process that hostile octets have taken over may return any name: all of them are one series."""
    async with Rig() as rig:
        for at in range(3):
            rig.judge.findings = found("missing-from", *(f"made-up-{at}-{number}" for number in range(100)))
            await rig.send(message(message_id=f"<{at}@home.example>"))
        samples = [each for metric in rig.metrics.registry.collect() for each in metric.samples]
        names = {each.labels["rule"] for each in samples if each.name == "listward_findings_total"}
        assert names == {"missing-from", "other"}
        assert rig.count("findings_total", rule="other") == 3
