"""What an organisation expects of its rules: messages kept in a folder, each with the outcome it must have."""

import asyncio
import time
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from listward.cli.judging import Given, NoNames, offline_judge, transaction_for
from listward.cli.output import WrongUse
from listward.config.load import Configuration
from listward.config.source import dotted
from listward.config.table import Table
from listward.config.values import LowerText
from listward.config.words import plain_message
from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action, Judgement, Mode
from listward.filters.message.message import Message
from listward.filters.routing.targets import Directory
from listward.filters.transaction import Transaction

FILE = "expected.toml"


class Expectation(Table):
    """One [[test]]. `says` is what it is about; what is left out may be as it will.

    `rules` are all rules that have to ask for the action, `shadow` rules that only watch and have to fire.
    """

    file: str
    says: str
    to: tuple[LowerText, ...] = ()
    mail_from: str | None = None
    origin: OriginKind | None = None
    action: Literal["accept", "hold", "reject", "discard", "defer"]
    queue: str = ""
    rules: tuple[str, ...] = ()
    shadow: tuple[str, ...] = ()
    clause: str = ""


class Expectations(Table):
    """expected.toml, whole."""

    tests: tuple[Expectation, ...] = Field(alias="test", min_length=1)


@dataclass(frozen=True, slots=True)
class Result:
    """How one expectation ended. `wrong` says what was otherwise, "" where nothing was."""

    expectation: Expectation
    wrong: str = ""


def read_expectations(folder: Path) -> Expectations:
    """Read the file of a folder. Raises WrongUse naming what is wrong."""
    path = folder / FILE
    try:
        return Expectations.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise WrongUse(f"listward: {path}: {error.strerror or 'cannot be read'}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUse(f"listward: {path}: is not TOML: {error}") from None
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        raise WrongUse(f"listward: {path}: {dotted(first['loc'])}: {plain_message(Expectations, first)}") from None


def results(configuration: Configuration, folder: Path) -> Iterator[Result]:
    """Judge each message of a folder and compare, as if the policy were in force. The author is as given, else From is
    believed. Raises WrongUse for a file that is not there.
    """
    expectations = read_expectations(folder)
    judge = offline_judge(enforcing(configuration), NoNames())
    directory = Directory(configuration.site)
    for each in expectations.tests:
        transaction, message = _transaction(folder / each.file, each, directory)
        judged = judge.judge(transaction, each.origin, each.origin is None, message)
        yield Result(each, "; ".join(_differences(each, asyncio.run(judged))))


def enforcing(configuration: Configuration) -> Configuration:
    """Return the configuration as if its policy were in force, though it only observes."""
    site = configuration.site
    enforced = site.policy.model_copy(update={"mode": "enforce"})
    return replace(configuration, site=site.model_copy(update={"policy": enforced}))


def _transaction(path: Path, expected: Expectation, directory: Directory) -> tuple[Transaction, Message]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise WrongUse(f"listward: {path}: {error.strerror or 'cannot be read'}") from None
    return transaction_for(raw, Given(expected.mail_from, expected.to), directory, time.time())


def _differences(expected: Expectation, judgement: Judgement) -> Iterator[str]:
    action = judgement.action
    outcomes = [outcome for verdict in judgement.recipients for outcome in verdict.outcomes]
    acting = {outcome.rule: outcome for outcome in outcomes if outcome.action is action}
    if action.value != expected.action:
        because = f" by {' and '.join(sorted(acting))}" if acting and action is not Action.ACCEPT else ""
        yield f"the outcome is {action.value}{because}, and should be {expected.action}"
        return
    if expected.rules and set(acting) != set(expected.rules):
        yield f"decided by {_listed(acting)}, and should be by {_listed(expected.rules)}"
    watching = {outcome.rule for outcome in outcomes if outcome.mode is Mode.SHADOW and outcome.fired}
    if missing := sorted(set(expected.shadow) - watching):
        yield f"{_listed(missing)} only watches, and did not see it"
    if expected.clause and expected.clause not in {outcome.clause for outcome in acting.values()}:
        yield f"clause {expected.clause} is not cited"
    queues = {queue for verdict in judgement.recipients for queue in verdict.queues}
    if expected.queue and queues != {expected.queue}:
        yield f"read by {_listed(queues)}, and should be by {expected.queue}"


def _listed(names: Iterable[str]) -> str:
    return " and ".join(sorted(names)) or "nobody"
