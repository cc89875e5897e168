"""`listward policy`: read the rules as plain sentences, compare two sets of them, and test one on examples."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from listward.cli.expectations import results
from listward.cli.output import NO, Refusal, WrongUse, printable
from listward.cli.policy_document import Document, document
from listward.cli.policy_page import page
from listward.config.catalogue import FINDINGS
from listward.config.faults import ConfigError
from listward.config.find import find_directory
from listward.config.load import Configuration, load
from listward.config.vocabulary import Vocabulary, languages, vocabulary
from listward.filters.policy.difference import differences, mode_difference
from listward.filters.policy.prose import RuleText, clause_text

app = typer.Typer(help="Read the rules as plain sentences, and compare two sets of them.", no_args_is_help=True)

_Folder = Annotated[Path | None, typer.Option("--config", metavar="DIR", help="The configuration folder.")]
_Language = Annotated[
    str, typer.Option("--language", metavar="L", help="The language to read them in; default: the organisation's.")
]


@app.command()
def show(
    config: _Folder = None,
    public: Annotated[bool, typer.Option("--public", help="The members' edition.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Print a page for a browser.")] = False,
    language: _Language = "",
) -> None:
    """Print the rules in the order they are tried, with the clause that each rests on."""
    configuration = _loaded(find_directory(config))
    words = _words(configuration, language)
    if html:
        typer.echo(page(configuration.policy, configuration.site, words, public=public))
        return
    shown = document(configuration.policy, configuration.site, words, public=public)
    _print(shown, words, not public, Console(highlight=False, soft_wrap=True))


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="DIR", help="The configuration folder as it was.")],
    new: Annotated[Path, typer.Argument(metavar="DIR2", help="The folder as it is to be.")],
    language: _Language = "",
) -> None:
    """Print a sentence for each change between two sets of rules. Ends with 1 where there is a change."""
    before, after = _loaded(old), _loaded(new)
    words = _words(after, language)
    mode = mode_difference(before.site.policy.mode, after.site.policy.mode, words)
    found = (*mode, *differences(before.policy, after.policy, words))
    for sentence in found or (words.say("change", "same"),):
        typer.echo(sentence)
    if found:
        raise typer.Exit(NO)


@app.command()
def findings(language: _Language = "") -> None:
    """Print what the checks of this release can find, by kind: the names that rules ask for, and what each means."""
    words = vocabulary(_spoken(language))
    for category, names in FINDINGS.items():
        typer.echo(f"{category}: {words.say('category', category)}")
        for name in names:
            typer.echo(f"  {name}: {words.say('finding', name)}")


@app.command("test")
def try_examples(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="A folder with expected.toml; default: `tests` beside site.toml."),
    ] = None,
    config: _Folder = None,
) -> None:
    """Judge messages kept as examples, and say which outcome is not as expected. Ends with 1 where one is not."""
    directory = find_directory(config)
    wrong, count = 0, 0
    for result in results(_loaded(directory), folder or directory / "tests"):
        count += 1
        wrong += bool(result.wrong)
        typer.echo(f"{'not ok' if result.wrong else 'ok':6}  {printable(result.expectation.says)}")
        if result.wrong:
            typer.echo(f"        {result.expectation.file}: {result.wrong}")
    typer.echo(f"{count - wrong} of {count} as expected.")
    if wrong:
        raise typer.Exit(NO)


def _loaded(directory: Path) -> Configuration:
    try:
        return load(directory)
    except ConfigError as error:
        raise Refusal(str(error)) from None


def _words(configuration: Configuration, language: str) -> Vocabulary:
    return vocabulary(_spoken(language) or configuration.site.organisation.languages[0])


def _spoken(language: str) -> str:
    """The language, if any. Raises WrongUse where there are no words in it."""
    if language and language not in languages():
        raise WrongUse(f"listward: no words in language {language!r}; there are: {', '.join(languages())}")
    return language


def _print(shown: Document, words: Vocabulary, names: bool, out: Console) -> None:
    out.print(Text(shown.title, style="bold"))
    for line in filter(None, (shown.intro, shown.observing, shown.order)):
        out.print(Text(line))
    _print_part(shown.bounds_title, (f"- {bound}" for bound in shown.bounds), out)
    for stage in shown.stages:
        rules = (line for at, rule in enumerate(stage.rules, 1) for line in _rule_lines(at, rule, words, names))
        _print_part(stage.title, rules, out)
    if shown.clauses:
        _print_part(shown.clauses_title, shown.clauses, out)
    _print_part("", filter(None, (shown.appeal, shown.questions)), out)
    _print_part("", (shown.approval, shown.version), out)


def _print_part(title: str, lines: Iterable[str], out: Console) -> None:
    out.print()
    if title:
        out.print(Text(title, style="bold"))
    for line in lines:
        out.print(Text(line))


def _rule_lines(number: int, rule: RuleText, words: Vocabulary, names: bool) -> Iterator[str]:
    yield f"{number}. {rule.sentence}"
    clause = clause_text(rule.clause, words) if rule.clause else words.say("frame", "no_clause")
    yield from (f"   {line}" for line in (rule.note, rule.reads, clause) if line)
    if names:
        yield f"   [{rule.name}]"
