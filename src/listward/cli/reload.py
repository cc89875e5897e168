"""`listward reload`: have everything that runs on this machine take up the configuration, and say who does."""

import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from listward.cli.approved import approval_fault
from listward.cli.output import Refusal, Unreachable, printable
from listward.cli.running import Running, lock_path, read, running_here
from listward.cli.usable import usable
from listward.config.approval import SHOWN, approval_of
from listward.config.faults import ConfigError
from listward.config.find import find_directory
from listward.config.load import Configuration
from listward.config.paths import state_directory
from listward.config.vocabulary import vocabulary
from listward.runtime.lockfile import signal_holder
from listward.runtime.switch import Phase

PATIENCE_S = 10.0
LOOK_S = 0.05


def reload(
    config: Annotated[Path | None, typer.Option("--config", metavar="DIR", help="The configuration folder.")] = None,
) -> None:
    """Check the configuration and have all processes of this machine switch to it.

    Ends with 1 where it cannot be used, or where a process still runs another policy; with 3 where nothing runs.
    """
    configuration = _checked(find_directory(config))
    state = state_directory(configuration.site)
    if not running_here(state):
        raise Unreachable(f"listward: nothing runs here with the state in {state}; `listward run` starts it")
    before = {role: read(state, role) for role in running_here(state)}
    for role in before:
        signal_holder(lock_path(state, role), signal.SIGHUP)
    after = _awaited(state, before, max(PATIENCE_S, 2 * configuration.site.policy.switch_within_s))
    _tell(configuration, after)


def _checked(directory: Path) -> Configuration:
    try:
        configuration, _ = usable(directory)
    except ConfigError as error:
        raise Refusal(str(error)) from None
    if (fault := approval_fault(configuration)) is not None:
        raise Refusal(str(fault))
    return configuration


def _awaited(state: Path, before: Mapping[str, Running | None], patience_s: float) -> dict[str, Running | None]:
    """How each stands once it has ended the reload that was asked for, or when patience is over."""
    deadline = time.monotonic() + patience_s
    while True:
        after = {role: read(state, role) for role in before}
        if all(_has_ended(was, after[role]) for role, was in before.items()) or time.monotonic() > deadline:
            return after
        time.sleep(LOOK_S)


def _has_ended(before: Running | None, after: Running | None) -> bool:
    """A reload that was under way when ours was asked for ends first."""
    if after is None or after.phase != Phase.IDLE:
        return False
    ended = before.reloads if before is not None else 0
    return after.reloads > ended + (before is not None and before.phase != Phase.IDLE)


def _tell(configuration: Configuration, after: Mapping[str, Running | None]) -> None:
    wanted, count, wrong = configuration.policy.digest, 0, []
    for role, running in after.items():
        if running is None:
            wrong.append(f"{role} does not answer")
            continue
        wrong += [f"{role} keeps the old one: {printable(reason)}" for reason in running.refused]
        for name, runs in running.processes.items():
            count += 1
            if not runs.pid:
                wrong.append(f"{name} has ended, and is started again")
            elif runs.label != wanted:
                wrong.append(f"{name} still runs {runs.label[:SHOWN]}")
        if running.phase != Phase.IDLE:
            wrong.append(f"{role} is still {running.phase}")
    if wrong:
        raise Refusal("\n".join(f"listward: {each}" for each in wrong))
    typer.echo(f"All {count} processes run policy {wanted[:SHOWN]} now.")
    typer.echo(approval_of(configuration.policy, configuration.site.policy).sentence(vocabulary("en")))
