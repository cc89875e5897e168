"""`listward observe`: what rules on trial would have done, from a terminal."""

from typing import Annotated

import typer

from listward.cli.output import Refusal, WrongUse, printable
from listward.cli.queue import As, Config, Json, run, show_json
from listward.config.durations import seconds
from listward.queue.desk.access.person import Person
from listward.queue.desk.api.trials import report_view
from listward.queue.desk.terminal import TerminalDesk
from listward.queue.desk.trial_report import CRITERIA, advice
from listward.queue.desk.trials import Report
from listward.queue.desk.vouching import MayNot

app = typer.Typer(help="See what rules on trial would have done.", no_args_is_help=True)
MOST_CASES = 20_000


@app.callback()
def observe() -> None:
    """Rules on trial watch and count. Nothing here switches one on."""


@app.command()
def report(
    since: Annotated[str, typer.Option(metavar="AGE", help='Only the last such time, as "14d".')] = "",
    only: Annotated[list[str] | None, typer.Option("--list", help="Only this list; may be repeated.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Name no small count, and no marks of yours.")] = False,
    acting_as: As = "",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Print one line a rule: what it would have done, what people said of it, whether it is ready."""
    if public and as_json:
        raise WrongUse("listward: --public is for reading; it does not go with --json")
    age_s = _age_s(since)

    async def work(desk: TerminalDesk, person: Person) -> Report:
        from_when = desk.clock.now() - age_s if age_s else 0.0
        addresses = tuple(_address(desk, name) for name in only or ())
        try:
            return await desk.trials.report(person, from_when, addresses, MOST_CASES)
        except MayNot as problem:
            raise Refusal(str(problem)) from None

    found = run(work, acting_as, config)
    if as_json:
        show_json(report_view(found))
    else:
        typer.echo(printable("\n".join(_text(found, public))))


def _text(found: Report, public: bool) -> list[str]:
    said = [line.sentence(public) for line in found.lines if not line.idle]
    if not found.lines:
        said.append("No rule is on trial.")
    next_steps = [] if public else ["", *advice(found.lines, found.observing)]
    return [*said, *next_steps, "", *CRITERIA]


def _age_s(text: str) -> float:
    try:
        age = seconds(text) if text else 0
    except ValueError as problem:
        raise WrongUse(f"listward: --since: {problem}") from None
    if not isinstance(age, int):
        raise WrongUse(f'listward: --since: {text!r} is not a duration; allowed: "12h", "14d"')
    return age


def _address(desk: TerminalDesk, name: str) -> str:
    lists = desk.configuration.site.lists
    entry = next((entry for entry in lists if name.lower() in {entry.address, entry.short_name}), None)
    if entry is None:
        known = ", ".join(entry.short_name for entry in lists)
        raise WrongUse(f"listward: no list is called {printable(name)!r}; there are: {known}")
    return entry.address
