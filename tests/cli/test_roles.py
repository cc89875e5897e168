"""The children of one machine, before they are forked."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gateway_fakes import make_site

from listward.cli import roles
from listward.cli.roles import Roles
from listward.config.load import Configuration
from listward.config.policy import Policy
from listward.config.templates import TemplateSource
from listward.filters.learner import SpamModel
from listward.gateway.worker import Surroundings
from listward.runtime.board import Board
from listward.runtime.children import Parent


class Noted(Board):
    """A board that notes which columns are cleared."""

    cleared: list[int] = []  # noqa: RUF012  # the one of this child process

    def clear(self, worker: int) -> None:
        self.cleared.append(worker)


def apart(tmp_path: Path, act: Callable[[Roles, Configuration], bool]) -> bool:
    """Whether `act` says so of a machine with three workers, in a process that may bind sockets and open files."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            listening = {"listen": ["127.0.0.1:0"], "workers": 3}
            hops = ("smtp://127.0.0.1:1",) * 3
            way_out = {"listen": ["127.0.0.1:0"]}
            site = make_site(*hops, tmp_path, gateway=listening, egress=way_out, store={"path": "state"})
            policy = Policy.model_validate({"rule": [{"name": "any", "stage": "content", "action": "accept"}]})
            roles.Board = Noted  # type: ignore[misc]  # as if it were the board
            configuration = Configuration(site, policy, tmp_path, TemplateSource(()))
            code = 0 if act(Roles(configuration, "run"), configuration) else 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_what_a_dead_worker_counted_is_forgotten_at_once(tmp_path: Path) -> None:
    """Its connections and octets are gone with it, and must not fill the bounds of the others while it is away."""

    def act(made: Roles, _: Configuration) -> bool:
        made.gateway()
        for name in ("gateway-2", "reader-0", "courier"):
            made.forget(name)
        return Noted.cleared == [2]

    assert apart(tmp_path, act)


def test_a_worker_that_is_started_after_a_reload_has_the_new_model(tmp_path: Path) -> None:
    """The others have read what was learnt meanwhile; until then all share what was read before the fork."""

    def act(made: Roles, configuration: Configuration) -> bool:
        models: list[SpamModel | None] = []

        def serve(_: object, __: object, ___: object, surroundings: Surroundings) -> None:
            models.append(surroundings.model)

        roles.worker.serve = serve  # type: ignore[assignment]  # as if it served
        roles.run_role = lambda start, handle_signals: start(asyncio.Event()) or 0  # type: ignore[assignment,return-value,func-returns-value]  # as if in a loop
        _, _, _, _, first, second, third = made.gateway()
        first.run(Parent(-1, "gateway-0"))
        second.run(Parent(-1, "gateway-1"))
        made.reloads.configuration = replace(configuration)
        third.run(Parent(-1, "gateway-2"))
        return models[0] is models[1] and models[2] is not models[0]

    assert apart(tmp_path, act)
