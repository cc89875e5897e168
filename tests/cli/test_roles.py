"""The children of one machine, before they are forked."""

import os
from pathlib import Path

from gateway_fakes import make_site

from listward.cli import roles
from listward.cli.roles import Roles
from listward.config.load import Configuration
from listward.config.policy import Policy
from listward.config.templates import TemplateSource
from listward.runtime.board import Board


class Noted(Board):
    """A board that notes which columns are cleared."""

    cleared: list[int] = []  # noqa: RUF012  # the one of this child process

    def clear(self, worker: int) -> None:
        self.cleared.append(worker)


def test_what_a_dead_worker_counted_is_forgotten_at_once(tmp_path: Path) -> None:
    """Its connections and octets are gone with it, and must not fill the bounds of the others while it is away."""
    pid = os.fork()
    if not pid:  # in a process of its own: it binds sockets and opens metric files
        code = 1
        try:
            listening = {"listen": ["127.0.0.1:0"], "workers": 3}
            hops = ("smtp://127.0.0.1:1",) * 3
            way_out = {"listen": ["127.0.0.1:0"]}
            site = make_site(*hops, tmp_path, gateway=listening, egress=way_out, store={"path": "state"})
            policy = Policy.model_validate({"rule": [{"name": "any", "stage": "content", "action": "accept"}]})
            roles.Board = Noted  # type: ignore[misc]  # as if it were the board
            made = Roles(Configuration(site, policy, tmp_path, TemplateSource(())), "run")
            made.gateway()
            for name in ("gateway-2", "reader-0", "courier"):
                made.forget(name)
            code = 0 if Noted.cleared == [2] else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
