"""`listward`: finds the command, and ends with a plain line and an exit code, never with a traceback."""

import importlib
import os
import sys
from typing import Annotated

import typer

# Typer carries its own copy of click and exports its errors nowhere else; a test holds these names in place.
from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError

from listward import __version__
from listward.cli.output import UNREACHABLE, WRONG_USE, CommandError

# name -> module, attribute (a Typer app is a group, a function one command), summary.
COMMANDS = {
    "run": ("run", "run", "Run everything: store when embedded, gateway, courier and console."),
    "gateway": ("run", "gateway", "Run the SMTP gateway alone."),
    "courier": ("run", "courier", "Run the courier alone."),
    "console": ("run", "console", "Run the moderators' console alone."),
    "store": ("store", "store", "Run the embedded store alone."),
    "demo": ("demo.command", "demo", "Show the whole gateway with a sample list server and twelve messages."),
    "reload": ("reload", "reload", "Have everything that runs take up the changed configuration."),
    "config": ("config", "app", "Check the configuration, or write one to start from."),
    "check": ("check", "check", "Judge one message without effect, and explain."),
    "replay": ("replay", "replay", "Judge an archive, or compare two policies on it."),
    "doctor": ("doctor", "app", "Find out what is missing, here or about mail from an address."),
    "observe": ("observe", "app", "See what rules on trial would have done, and which are ready."),
    "policy": ("policy", "app", "Read the rules as plain sentences, and compare two sets of them."),
    "roster": ("roster", "app", "See who is on which list."),
    "learn": ("learn", "learn", "Train the spam model."),
    "queue": ("queue", "app", "See and decide held messages."),
    "vouch": ("vouch", "app", "See and revoke ways of sending that somebody vouched for."),
    "user": ("user", "app", "Add, list and disable the people who may decide."),
    "token": ("user", "token_app", "Create and revoke tokens for programs."),
    "submission": ("submission", "app", "Make a password for a program that hands in mail."),
    "account": ("account", "app", "Freeze and thaw people's accounts, and list who is frozen."),
    "audit": ("audit", "app", "Verify or export the audit chain."),
}


LATER = frozenset(
    ["bypass", "person", "report", "restore", "backup", "retention", "trace"]
)  # promised names that this release does not have


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    given = sys.argv[1:] if arguments is None else arguments
    named = next((argument for argument in given if not argument.startswith("-")), "")
    if named in LATER:
        sys.exit(_say(f"listward: {named} is not in this release; CHANGELOG.md says what is", WRONG_USE))
    try:
        code = build_app(named)(given, prog_name="listward", standalone_mode=False)
    except NoArgsIsHelpError as error:
        code = _say(error.format_message(), WRONG_USE)
    except ClickException as error:
        hint = "; see `listward --help`" if isinstance(error, UsageError) else ""
        code = _say(f"listward: {error.format_message().rstrip('.')}{hint}", WRONG_USE)
    except CommandError as error:
        code = _say(str(error), error.code)
    except (typer.Abort, KeyboardInterrupt):
        code = _say("listward: stopped", 130)
    except BrokenPipeError:
        # The reader has gone, as with `| head`: Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        code = _say(f"listward: {error.filename or 'system'}: {error.strerror or error}", UNREACHABLE)
    except Exception as error:  # a fault of ours: one line for people, the rest for whoever asks for it
        if os.environ.get("LISTWARD_TRACEBACK"):
            raise
        name = type(error).__name__
        code = _say(f"listward: unexpected {name}; LISTWARD_TRACEBACK=1 shows where", UNREACHABLE)
    sys.exit(code if isinstance(code, int) else 0)


def build_app(wanted: str) -> typer.Typer:
    """Make the app with the wanted command imported and the others as summaries.

    Importing all would make `listward check` wait for the console's libraries.
    """
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(listward)
    for name, (module, attribute, summary) in COMMANDS.items():
        if name != wanted:
            app.command(name, help=summary)(_summary_only)
            continue
        loaded = getattr(importlib.import_module(f"listward.cli.{module}"), attribute)
        if isinstance(loaded, typer.Typer):
            app.add_typer(loaded, name=name, help=summary)
        else:
            app.command(name, help=summary)(loaded)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"listward {__version__}")
        raise typer.Exit


def listward(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """A policy gateway in front of your mailing lists."""


def _summary_only() -> None:
    """Stand for a command in the overview."""


def _say(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code
