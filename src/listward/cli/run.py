"""`listward run`, `gateway`, `courier`, `console`: the roles under the supervisor."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from listward.cli.approved import at_start
from listward.cli.output import WRONG_USE, CommandError, Unreachable
from listward.cli.roles import STORE_STOPS, Roles
from listward.cli.running import lock_path
from listward.cli.store import store_child
from listward.cli.usable import usable
from listward.config.faults import ConfigError
from listward.config.find import find_directory
from listward.config.load import Configuration
from listward.config.paths import state_directory
from listward.runtime.children import ChildSpec
from listward.runtime.lockfile import AlreadyHeld, hold
from listward.runtime.sockets import CannotListen, split_listen
from listward.runtime.supervisor import Supervisor

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The configuration folder.")]
Plan = Callable[[Roles, Configuration], list[ChildSpec]]


class UnusableConfiguration(CommandError):
    """The service cannot start with this configuration; starting again would not mend it."""

    code = WRONG_USE


def run(config: ConfigOption = None) -> None:
    """Run everything: the store when it is embedded, the gateway, the courier, the console and the metrics."""
    supervise(find_directory(config), "run", everything)


def gateway(config: ConfigOption = None) -> None:
    """Run the SMTP gateway alone."""
    supervise(find_directory(config), "gateway", _gateway)


def courier(config: ConfigOption = None) -> None:
    """Run the courier alone; its metrics are one port above the gateway's."""
    supervise(find_directory(config), "courier", _courier)


def console(config: ConfigOption = None) -> None:
    """Run the moderators' console alone; its metrics are two ports above the gateway's."""
    supervise(find_directory(config), "console", _console)


def everything(roles: Roles, configuration: Configuration) -> list[ChildSpec]:
    """All roles of one machine, the store first."""
    children = [*roles.gateway(), *roles.courier(), *roles.console(), *_metrics(roles, configuration, 0)]
    if configuration.site.store.url == "embedded":
        return [store_child(configuration.site, STORE_STOPS), *children]
    return children


def supervise(
    directory: Path,
    role: str,
    plan: Plan,
    on_ready: Callable[[], None] | None = None,
    log_file: Path | None = None,
) -> None:
    """Read the configuration, plan the children and keep them alive until told to stop.

    The mail log goes to stderr, where systemd keeps it, or to `log_file`.

    Raises UnusableConfiguration and Unreachable with plain words.
    """
    try:
        configuration, rosters = usable(directory)
        _lock(state_directory(configuration.site), role)
        configuration, remark = at_start(configuration, state_directory(configuration.site))
        roles = Roles(configuration, role, log_file, rosters)
        children = plan(roles, configuration)
    except ConfigError as error:
        raise UnusableConfiguration(str(error)) from None
    except CannotListen as error:
        raise Unreachable(f"listward: {error}") from None
    if remark:
        print(f"listward {role}: {remark}", file=sys.stderr)
    supervisor = Supervisor(
        children,
        roles.reloads,
        on_death=roles.forget,
        on_ready=on_ready or (lambda: print(f"listward {role}: ready", file=sys.stderr)),
        on_change=roles.reloads.changed,
    )
    supervisor.run()


def _lock(state: Path, role: str) -> None:
    """Hold the role's lock, by which `listward reload` finds this process. Raises Unreachable where another does."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        hold(lock_path(state, role))
    except AlreadyHeld as held:
        raise Unreachable(f"listward {role}: it runs already, as {held}, with the state in {state}") from None


def _gateway(roles: Roles, configuration: Configuration) -> list[ChildSpec]:
    return [*roles.gateway(), *_metrics(roles, configuration, 0)]


def _courier(roles: Roles, configuration: Configuration) -> list[ChildSpec]:
    return [*roles.courier(), *_metrics(roles, configuration, 1)]


def _console(roles: Roles, configuration: Configuration) -> list[ChildSpec]:
    return [*roles.console(), *_metrics(roles, configuration, 2)]


def _metrics(roles: Roles, configuration: Configuration, offset: int) -> list[ChildSpec]:
    host, port = split_listen(configuration.site.metrics.listen)
    return roles.metrics(f"[{host}]:{port + offset}" if ":" in host else f"{host}:{port + offset}")
