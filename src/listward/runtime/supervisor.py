"""Forks the roles, replaces those that die, stops them in order. It alone forks, and does nothing else."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from listward.runtime.children import HANDLED, ChildSpec, fork_child
from listward.runtime.orders import channel
from listward.runtime.readiness import notify, watchdog_interval
from listward.runtime.switch import NOBODY, Child, Phase, Reloads, Runs, Switch

_TICK_S = 0.2
_BUSY_TICK_S = 0.01  # while a switch is under way, each turn brings it further
_CALM_S = 10.0  # a child that lived this long starts again at once
_LONGEST_WAIT_S = 30.0


OnChange = Callable[[dict[str, Runs], Phase], None]


class Supervisor:
    """Keeps `children` alive until SIGTERM or SIGINT.

    SIGHUP begins a switch to what `reloads` reads: every child that takes part switches, or all keep what they have.
    `on_death` gets the name of a child at once when it has died, before it is started again. `on_change` gets what each
    child that takes part runs, NOBODY for a dead one, and how far a switch is, whenever one of these changes.
    """

    def __init__(
        self,
        children: Iterable[ChildSpec],
        reloads: Reloads | None = None,
        on_death: Callable[[str], None] = lambda name: None,
        on_ready: Callable[[], None] = lambda: None,
        on_change: OnChange = lambda runs, phase: None,
    ) -> None:
        self._specs = tuple(children)
        self._reloads = reloads
        self._on_death = on_death
        self._on_ready = on_ready
        self._on_change = on_change
        self._told: tuple[dict[str, Runs], Phase] = {}, Phase.IDLE
        self._taking_part: dict[str, Child] = {}
        self._switch = Switch(reloads, self._taking_part) if reloads is not None else None
        self._running: dict[int, ChildSpec] = {}
        self._born: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._waiting: set[str] = {spec.name for spec in self._specs}
        self._serving: set[str] = set()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)

    def run(self) -> None:
        """Run until told to stop, and return when every child has ended."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
        try:
            for spec in self._specs:
                self._start(spec)
            self._watch()
        finally:
            self._stop_all()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(self._reading)
            os.close(self._writing)

    def _watch(self) -> None:
        interval, last_beat = watchdog_interval(), 0.0
        while True:
            received = signal.sigtimedwait(HANDLED, _TICK_S if self._phase is Phase.IDLE else _BUSY_TICK_S)
            if received is not None and received.si_signo in {signal.SIGTERM, signal.SIGINT}:
                return
            if received is not None and received.si_signo == signal.SIGHUP and self._switch is not None:
                self._switch.ask()
            self._collect_ready()
            self._end_silent()
            self._reap()
            self._restart_due()
            self._step()
            if interval and time.monotonic() - last_beat >= interval:
                last_beat = time.monotonic()
                notify("WATCHDOG=1")

    def _start(self, spec: ChildSpec) -> None:
        ours, orders = channel() if spec.switches else (None, None)
        others = [child.line for child in self._taking_part.values()]
        pid = fork_child(spec, self._writing, orders, [*others, ours] if ours else others)
        self._running[pid] = spec
        self._born[spec.name] = time.monotonic()
        self._serving.discard(spec.name)
        if ours is not None and orders is not None:
            orders.close()
            label = self._reloads.label if self._reloads is not None else ""
            self._taking_part[spec.name] = Child(pid, ours, Runs(pid, label, time.time()))

    def _step(self) -> None:
        """Go on with a switch, and tell what has changed."""
        for name, child in self._taking_part.items():
            child.serving = name in self._serving
        if self._switch is not None:
            self._switch.step()
        now = {spec.name: self._runs(spec.name) for spec in self._specs if spec.switches}, self._phase
        if now != self._told:
            self._told = now
            self._on_change(*now)

    def _runs(self, name: str) -> Runs:
        child = self._taking_part.get(name)
        return child.runs if child is not None else NOBODY

    @property
    def _phase(self) -> Phase:
        return self._switch.phase if self._switch is not None else Phase.IDLE

    def _reap(self) -> None:
        """Collect the dead and plan their return."""
        for pid, spec in list(self._running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG | (os.WUNTRACED if spec.expendable else 0))
            if ended and os.WIFSTOPPED(status):
                os.kill(pid, signal.SIGKILL)
            elif ended:
                del self._running[pid]
                self._leave(spec.name)
                self._on_death(spec.name)
                self._plan_restart(spec, os.waitstatus_to_exitcode(status))

    def _leave(self, name: str) -> None:
        """A dead child takes part no more."""
        child = self._taking_part.pop(name, None)
        if child is not None:
            child.line.close()
            if self._switch is not None:
                self._switch.died(name, child)

    def _end_silent(self) -> None:
        """Kill who serves no more though it lives: its event loop hangs, and its connections with it."""
        now = time.monotonic()
        for pid, spec in self._running.items():
            if spec.most_silent_s and spec.name in self._serving and now - self._heard[spec.name] > spec.most_silent_s:
                self._serving.discard(spec.name)
                os.kill(pid, signal.SIGKILL)

    def _plan_restart(self, spec: ChildSpec, code: int) -> None:
        lived = time.monotonic() - self._born[spec.name]
        calm = lived >= _CALM_S or (spec.expendable and spec.name in self._serving)
        failures = 0 if calm else self._failures.get(spec.name, 0) + 1
        self._failures[spec.name] = failures
        wait = 0.0 if failures <= 1 else min(_LONGEST_WAIT_S, 0.25 * 2**failures)
        self._due[spec.name] = time.monotonic() + wait
        with suppress(OSError):  # standard error on a full disk, or behind a closed pipe, must not end everything
            print(f"listward: {spec.name} ended with {code}; starting it again in {wait:.1f} s", file=sys.stderr)

    def _restart_due(self) -> None:
        now = time.monotonic()
        for spec in self._specs:
            if spec.name in self._due and self._due[spec.name] <= now and not self._is_held(spec):
                del self._due[spec.name]
                self._start(spec)

    def _is_held(self, spec: ChildSpec) -> bool:
        """What it would start with is being decided."""
        return spec.switches and self._switch is not None and self._switch.holds_births

    def _collect_ready(self) -> None:
        """Note who serves, also later: a child that is started again must not find the pipe full."""
        try:
            serving = set(os.read(self._reading, 65_536).decode().split())
        except BlockingIOError:
            return
        self._serving |= serving
        self._heard |= dict.fromkeys(serving, time.monotonic())
        if self._waiting and not self._waiting - serving:
            notify("READY=1")
            self._on_ready()
        self._waiting -= serving

    def _stop_all(self) -> None:
        notify("STOPPING=1")
        if self._switch is not None:
            self._switch.end()
        for order in sorted({spec.stop_order for spec in self._specs}):
            stopping = [(pid, spec) for pid, spec in self._running.items() if spec.stop_order == order]
            for pid, _ in stopping:
                os.kill(pid, signal.SIGTERM)
            signalled = time.monotonic()
            for pid, spec in stopping:
                self._await_end(pid, signalled + spec.stop_timeout_s)

    def _await_end(self, pid: int, deadline: float) -> None:
        while time.monotonic() < deadline:
            if os.waitpid(pid, os.WNOHANG)[0]:
                break
            signal.sigtimedwait({signal.SIGCHLD}, 0.05)
        else:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        del self._running[pid]
