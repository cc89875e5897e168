"""The supervisor's side of a reload that knows what a configuration is: reads, adopts, tells."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from listward.cli.approved import approval_fault, keep_approved
from listward.cli.running import Running, write
from listward.cli.usable import usable
from listward.config.approval import approval_of
from listward.config.carried import packed, unpacked
from listward.config.faults import ConfigError
from listward.config.load import Configuration
from listward.config.paths import state_directory
from listward.config.vocabulary import vocabulary
from listward.filters.identity.roster import SiteRosters
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.runtime.switch import Phase, Refused, Runs


class SiteReloads:
    """Keeps what children are started with. Implements `runtime.switch.Reloads`."""

    def __init__(
        self,
        role: str,
        configuration: Configuration,
        rosters: SiteRosters,
        metrics: Metrics,
        log: Callable[[], MailLog],
        pid: int,
    ) -> None:
        self.configuration = configuration
        self._rosters, self._metrics, self._log = rosters, metrics, log
        self._state = state_directory(configuration.site)
        self._running = Running(role, pid, self.label)
        self._adopted()

    @property
    def label(self) -> str:
        """The policy's hash."""
        return self.configuration.policy.digest

    @property
    def within_s(self) -> float:
        """How long a switch may take."""
        return self.configuration.site.policy.switch_within_s

    def read(self) -> bytes:
        """Read the folder and try what children will need of it. Raises Refused."""
        try:
            configuration, _ = usable(self.configuration.directory, self._rosters)
        except ConfigError as error:
            raise Refused(*map(str, error.faults)) from None
        if (fault := approval_fault(configuration)) is not None:
            raise Refused(str(fault))
        return packed(configuration)

    def adopt(self, octets: bytes) -> None:
        """Start children with it from now on. Raises Refused."""
        try:
            self.configuration = unpacked(octets)
        except ValueError as error:
            raise Refused(str(error)) from None
        self._adopted()

    def refused(self, reasons: tuple[str, ...]) -> None:
        """Say it in the log, on standard error and to the metrics."""
        log = self._log()
        for reason in reasons:
            log.event("config-refused", reason=reason)
        with suppress(OSError):  # standard error on a full disk must not end everything
            print(f"listward: reload refused, policy {self.label[:12]} stays: {'; '.join(reasons)}", file=sys.stderr)
        self._metrics.config_valid.set(0)
        self._tell(reloads=self._running.reloads + 1, refused=reasons, refused_at=time.time())

    def late(self, names: tuple[str, ...]) -> None:
        """Name those who are."""
        self._metrics.limits_hit.labels("reload").inc()
        self._log().event("config-late", processes=" ".join(names))

    def done(self) -> None:
        """All run it."""
        self._metrics.config_valid.set(1)
        self._tell(reloads=self._running.reloads + 1, refused=(), refused_at=0.0)

    def changed(self, runs: dict[str, Runs], phase: Phase) -> None:
        """Keep what the processes run where `doctor` and `reload` find it."""
        self._running = replace(self._running, processes=runs, phase=phase.value)
        write(self._state, self._running)

    def _adopted(self) -> None:
        configuration = self.configuration
        approval = approval_of(configuration.policy, configuration.site.policy)
        keep_approved(configuration, self._state)
        self._metrics.policy_approved.set(int(approval.is_given))
        self._running = replace(self._running, policy=self.label, approval=approval.sentence(vocabulary("en")))

    def _tell(self, reloads: int, refused: tuple[str, ...], refused_at: float) -> None:
        self._running = replace(self._running, reloads=reloads, refused=refused, refused_at=refused_at)
