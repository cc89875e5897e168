"""`listward learn`: train the site's spam model from archives, or say what it has learnt."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from typer._click.core import Context  # Typer exports the base of its own Context nowhere else
from typer.core import TyperGroup

from listward.cli.archives import Record, RecordError, files, records
from listward.cli.configured import configuration_at
from listward.cli.judging import as_received
from listward.cli.output import CommandError, Refusal, WrongUse
from listward.config.site import Site
from listward.filters.learner import ModelError, SpamModel
from listward.filters.learner.load import load_for, model_path

LISTS = ("--spam", "--ham")


def spread(arguments: list[str]) -> list[str]:
    """Write "--spam A B" as "--spam A --spam B", so that the shell may expand a pattern behind the option."""
    spreading: list[str] = []
    option = ""
    for argument in arguments:
        if argument.startswith("-") and argument != "-":
            option = argument if argument in LISTS else ""
            spreading.append(argument)
        elif option and spreading[-1] != option:
            spreading += [option, argument]
        else:
            spreading.append(argument)
    return spreading


class Spread(TyperGroup):
    """A command whose list options take several values each."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse after spreading the lists."""
        return super().parse_args(ctx, spread(args))


learn = typer.Typer(cls=Spread, invoke_without_command=True, subcommand_metavar="", no_args_is_help=False)


@learn.callback()
def command(
    spam: Annotated[
        list[Path] | None, typer.Option("--spam", metavar="PATH...", help="Unwanted mail: mbox, Maildir, folder, .eml.")
    ] = None,
    ham: Annotated[list[Path] | None, typer.Option("--ham", metavar="PATH...", help="Wanted mail.")] = None,
    status: Annotated[bool, typer.Option("--status", help="Say which model is in use and what it has learnt.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as one JSON object.")] = False,
    config: Annotated[Path | None, typer.Option("--config", metavar="DIR", help="The configuration folder.")] = None,
) -> None:
    """Train the spam model: --spam PATH... --ham PATH... It starts from the model in use."""
    if not (spam or ham or status):
        raise WrongUse("listward: say what to learn: --spam PATH... and --ham PATH..., or --status")
    site = configuration_at(config).site
    try:
        model = load_for(site)
    except ModelError as error:
        raise CommandError(f"listward: {error}") from None
    failures: list[str] = []
    if spam or ham:
        _teach(model, spam or [], ham or [], failures.append)
        _keep(model, site)
    _say(model, site, as_json)
    if failures:
        unread = "1 record" if len(failures) == 1 else f"{len(failures)} records"
        raise Refusal(f"listward: {unread} could not be read; the first: {failures[0]}")


def _teach(model: SpamModel, spam: list[Path], ham: list[Path], failed: Callable[[str], None]) -> None:
    """Learn both archives side by side, each at its share, so that neither class is learnt last."""
    for record, is_spam in side_by_side(spam, ham):
        try:
            _, raw = record.message()
        except RecordError as error:
            failed(str(error))
            continue
        model.learn(as_received(raw), is_spam)


def side_by_side(spam: list[Path], ham: list[Path]) -> Iterator[tuple[Record, bool]]:
    """Yield the records of both, always from the archive of which less has been read."""
    sources = {label: records(paths) for label, paths in ((True, spam), (False, ham)) if paths}
    sizes = {label: _octets(spam if label else ham) for label in sources}
    done = dict.fromkeys(sources, 0.0)
    while sources:
        label = min(sources, key=lambda one: done[one])
        record = next(sources[label], None)
        if record is None:
            del sources[label]
            continue
        done[label] += record.size / sizes[label]
        yield record, label


def _octets(paths: list[Path]) -> int:
    return max(sum(path.stat().st_size for path in files(paths)), 1)


def _keep(model: SpamModel, site: Site) -> None:
    """Write the site's model. Raises CommandError where the state folder cannot be written."""
    path = model_path(site)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        model.save(path)
    except OSError as error:
        raise CommandError(f"listward: {path}: cannot write the spam model: {error.strerror}") from None


def _say(model: SpamModel, site: Site, as_json: bool) -> None:
    path = model_path(site)
    own = path.exists()
    if as_json:
        print(json.dumps({"model": str(path) if own else "shipped", **model.model_examples}))
        return
    print(f"Model in use: {path}" if own else "Model in use: the one that ships with Listward")
    print(f"Learnt from {model.spam_examples} unwanted and {model.ham_examples} wanted messages.")
    if own:
        print("A running gateway takes it up when it is reloaded or started again.")
