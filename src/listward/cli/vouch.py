"""`listward vouch`: ways of sending that somebody vouched for, from a terminal."""

from typing import Annotated

import typer

from listward.cli.output import Refusal, printable
from listward.cli.queue import As, Config, Json, run, show_json
from listward.queue.desk.access.person import Person
from listward.queue.desk.api.views import iso, vouch_view
from listward.queue.desk.reads import note_vouches
from listward.queue.desk.terminal import TerminalDesk
from listward.queue.desk.vouching import MayNot, path_words
from listward.queue.store.accounts import UnknownVouch, Vouch

app = typer.Typer(help="See and revoke ways of sending that somebody vouched for.", no_args_is_help=True)
HEADER = "  ".join(("ID", "LIST", "AUTHOR", "WAY", "BY", "SINCE", "LAST USED"))


@app.command("list")
def list_vouches(acting_as: As = "", as_json: Json = False, config: Config = None) -> None:
    """List them, newest first. The reading is written down."""

    async def work(desk: TerminalDesk, person: Person) -> tuple[Vouch, ...]:
        try:
            found = await desk.rulings.vouching.listed(person)
        except MayNot as problem:
            raise Refusal(str(problem)) from None
        await note_vouches(desk.reads, found, person.address, desk.clock.now())
        return found

    found = run(work, acting_as, config)
    if as_json:
        show_json([vouch_view(one) for one in found])
        return
    typer.echo(HEADER if found else "Nobody vouched for any.")
    for one in found:
        typer.echo(one_line(one))


@app.command()
def revoke(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The id that `vouch list` prints.")],
    acting_as: As = "",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """End one at once: mail that comes this way waits for a moderator again."""

    async def work(desk: TerminalDesk, person: Person) -> Vouch:
        try:
            return await desk.rulings.vouching.revoke(person, identity)
        except MayNot as problem:
            raise Refusal(str(problem)) from None
        except UnknownVouch:
            raise Refusal("There is no such way of sending. `listward vouch list` shows them.") from None

    found = run(work, acting_as, config)
    if as_json:
        show_json(vouch_view(found))
    else:
        typer.echo(f"revoked: {one_line(found)}")


def one_line(vouch: Vouch) -> str:
    """One way of sending on one line."""
    by = "the person" if vouch.how == "confirmation" else vouch.by
    since, used = iso(vouch.at)[:10], iso(vouch.used_at)[:10]
    facts = (vouch.id, vouch.list, vouch.author, path_words(vouch.path), by, since, used, vouch.lapsed)
    return "  ".join(printable(fact).replace("\n", " ") for fact in facts if fact)
