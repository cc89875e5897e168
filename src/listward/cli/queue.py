"""`listward queue`: every act on a case, from a terminal."""

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from listward.cli.output import Refusal, Unreachable, WrongUse, printable
from listward.config.faults import ConfigError
from listward.config.find import find_directory
from listward.config.load import load
from listward.filters.message.parse import parse_message
from listward.queue.cases.case import Case
from listward.queue.cases.commands import Verb
from listward.queue.desk.access.person import Person, queue_names
from listward.queue.desk.api.views import case_view, iso
from listward.queue.desk.console.whys import Why, whys
from listward.queue.desk.listing import Wanted, listed, states_of
from listward.queue.desk.rulings import NeedsWords, NotYours
from listward.queue.desk.terminal import TerminalDesk, terminal_desk
from listward.queue.store.keys import BadKey
from listward.queue.store.ports import Conflict, DamagedBody, StoreUnavailable, UnknownCase

app = typer.Typer(help="List and decide cases.", no_args_is_help=True)
T = TypeVar("T")
HEADER = "  ".join(("CASE", "STATE", "WAITING SINCE", "LIST", "AUTHOR", "SUBJECT"))
Work = Callable[[TerminalDesk, Person], Awaitable[T]]

Config = Annotated[Path | None, typer.Option("--config", help="The configuration folder.")]
As = Annotated[str, typer.Option("--as", metavar="ADDRESS", help="Act as this user, with this user's rights.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[str, typer.Argument(help="The case number.")]
Version = Annotated[int | None, typer.Option("--version", help="Refuse if the case has another version by now.")]
ClauseOption = Annotated[str, typer.Option("--clause", help="The clause of the rules.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="One sentence for the author.")]


@app.command("list")
def list_cases(
    state: Annotated[list[str] | None, typer.Option(help="held, claimed, released, ... (default: open ones)")] = None,
    list_address: Annotated[list[str] | None, typer.Option("--list", help="Only this list; may be repeated.")] = None,
    queue: Annotated[str, typer.Option(help="Only this queue.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    acting_as: As = "",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """List cases, oldest first."""
    try:
        wanted = Wanted(states_of(state or ["held", "claimed"]), tuple(list_address or ()), queue)
    except ValueError as problem:
        raise WrongUse(str(problem)) from None

    async def work(desk: TerminalDesk, person: Person) -> tuple[Case, ...]:
        allowed = queue_names(desk.configuration.site)
        if queue and queue not in allowed:
            raise WrongUse(f"no queue is called {printable(queue)!r}; allowed: {', '.join(allowed)}")
        return (await listed(desk.cases, desk.rulings, person, wanted, limit)).cases

    cases = run(work, acting_as, config)
    if as_json:
        show_json([case_view(case) for case in cases])
        return
    typer.echo(HEADER if cases else "Nothing waits." if not state else "No such cases.")
    for case in cases:
        typer.echo(one_line(case))


@app.command()
def show(number: Number, acting_as: As = "", as_json: Json = False, config: Config = None) -> None:
    """Show one case with its text. The reading is written down."""

    async def work(desk: TerminalDesk, person: Person) -> tuple[Case, str]:
        case = await desk.open(person, number)
        try:
            text = parse_message(await desk.cases.body(case.number)).visible_text
        except UnknownCase:
            text = ""
        return case, text

    case, text = run(work, acting_as, config)
    if as_json:
        show_json({**case_view(case), "text": text})
    else:
        typer.echo(printable(whole(case, text)))


@app.command()
def release(
    number: Number,
    vouch: Annotated[bool, typer.Option("--vouch", help="Let this sender's mail through from now on.")] = False,
    version: Version = None,
    acting_as: As = "",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Send it on to the list, after the time for undo."""
    if vouch:
        release_and_vouch(number, version, acting_as, as_json, config)
    else:
        act(Verb.RELEASE, number, version, acting_as, as_json, config)


@app.command()
def reject(
    number: Number,
    clause: ClauseOption = "",
    reason: ReasonOption = "",
    version: Version = None,
    acting_as: As = "",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Send it back to its author, with a clause and a sentence."""
    act(Verb.REJECT, number, version, acting_as, as_json, config, clause, reason)


@app.command()
def discard(
    number: Number,
    clause: ClauseOption = "",
    reason: ReasonOption = "",
    version: Version = None,
    acting_as: As = "",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Drop it. A proven author is told, so then clause and sentence are due."""
    act(Verb.DISCARD, number, version, acting_as, as_json, config, clause, reason)


@app.command()
def claim(
    number: Number, version: Version = None, acting_as: As = "", as_json: Json = False, config: Config = None
) -> None:
    """Take it: colleagues see that you are at it."""
    act(Verb.CLAIM, number, version, acting_as, as_json, config)


@app.command()
def unclaim(
    number: Number, version: Version = None, acting_as: As = "", as_json: Json = False, config: Config = None
) -> None:
    """Give it back."""
    act(Verb.UNCLAIM, number, version, acting_as, as_json, config)


@app.command()
def undo(
    number: Number, version: Version = None, acting_as: As = "", as_json: Json = False, config: Config = None
) -> None:
    """Take a release back, until the message leaves."""
    act(Verb.UNDO, number, version, acting_as, as_json, config)


@app.command()
def escalate(
    number: Number, version: Version = None, acting_as: As = "", as_json: Json = False, config: Config = None
) -> None:
    """Pass it on to the queue above."""
    act(Verb.ESCALATE, number, version, acting_as, as_json, config)


def act(
    verb: Verb,
    number: str,
    version: int | None,
    acting_as: str,
    as_json: bool,
    config: Path | None,
    clause: str = "",
    reason: str = "",
) -> None:
    """Carry out one act and say what the case is now."""

    async def work(desk: TerminalDesk, person: Person) -> Case:
        expected = version if version is not None else (await desk.rulings.see(person, number)).version
        return await desk.rulings.rule(person, number, verb, expected, clause, reason)

    case = run(work, acting_as, config)
    if as_json:
        show_json(case_view(case))
    else:
        typer.echo(one_line(case))


def release_and_vouch(number: str, version: int | None, acting_as: str, as_json: bool, config: Path | None) -> None:
    """Release, and say whether the way of sending is remembered."""

    async def work(desk: TerminalDesk, person: Person) -> tuple[Case, str]:
        expected = version if version is not None else (await desk.rulings.see(person, number)).version
        return await desk.rulings.release_and_vouch(person, number, expected)

    case, problem = run(work, acting_as, config)
    if as_json:
        show_json({**case_view(case), "vouched": not problem, "vouch_problem": problem})
    else:
        typer.echo(one_line(case))
        typer.echo(problem or "This sender's mail goes straight through from now on.")


def run(work: Work[T], acting_as: str, config: Path | None) -> T:
    """Do the work at the desk, and end with one plain line where it cannot be done."""
    try:
        configuration = load(find_directory(config))
    except ConfigError as error:
        raise WrongUse(str(error)) from None

    async def working() -> T:
        async with terminal_desk(configuration) as desk:
            return await work(desk, await desk.person(acting_as, getpass.getuser()))

    try:
        return asyncio.run(working())
    except KeyError as problem:
        raise Refusal(f"there is no active user {printable(str(problem.args[0]))}") from None
    except (NotYours, NeedsWords) as problem:
        raise Refusal(str(problem)) from None
    except UnknownCase:
        raise Refusal("There is no such case.") from None
    except DamagedBody as problem:
        raise Refusal(f"The stored message is damaged: {problem}.") from None
    except Conflict as problem:
        raise Refusal(late(problem)) from None
    except BadKey as problem:
        raise WrongUse(str(problem)) from None
    except StoreUnavailable as problem:
        raise Unreachable(f"The store does not answer: {problem}. Nothing was changed.") from None


def late(problem: Conflict) -> str:
    """Who was first."""
    if problem.reason and not problem.decided_by:
        return problem.reason
    return f"{problem.decided_by or 'Somebody'} was first: the case is {problem.state}, version {problem.version}."


def show_json(value: Any) -> None:
    """Print JSON in ASCII, so that nothing in it steers a terminal."""
    typer.echo(json.dumps(value, ensure_ascii=True, indent=2))


def one_line(case: Case) -> str:
    """One case on one line."""
    draft = case.draft
    facts = (case.number, case.state.value, iso(case.opened_at), draft.list, draft.author or "-", draft.subject)
    return "  ".join(printable(fact).replace("\n", " ").replace("\t", " ") for fact in facts)


def reason_lines(why: Why) -> list[str]:
    """One reason: its sentence with the clause, then each of the words it rests on."""
    quoted = [f'    "{" ".join(quote.words.split())}" {quote.place}'.rstrip() for quote in why.quotes]
    more = [f"    and {why.more} more"] if why.more else []
    return [f"why: {why.sentence}{f' [{why.clause}]' if why.clause else ''}", *quoted, *more]


def whole(case: Case, text: str) -> str:
    """A case with its reasons and its text."""
    draft = case.draft
    lines = [
        one_line(case),
        f"version {case.version}, queue {', '.join(draft.queues)}, origin {draft.origin}",
        *(f"who: {ground}" for ground in draft.grounds),
        *(line for why in whys(case.draft.reasons) for line in reason_lines(why)),
    ]
    if case.answer:
        mine = "this is not from me" if case.denied else "this is mine"
        lines.append(f"the person with this address says: {mine}")
    if case.ruling:
        lines.append(f"{case.ruling.verb} by {case.ruling.by}: {case.ruling.clause} {case.ruling.sentence}".strip())
    return "\n".join([*lines, "", text or "(no text)"])
