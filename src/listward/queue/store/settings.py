"""What of the site the store goes by while it runs; a reload changes it for everything that follows."""

from collections.abc import Mapping

from listward.config.proof import Accounts
from listward.config.site import Limits, Retention, Site


class Settings:
    """Limits of what is held, how long texts and senders are remembered, the first reminder, the queue above each."""

    def __init__(self, site: Site) -> None:
        self.adopt(site)

    def adopt(self, site: Site) -> None:
        """Go by this site from now on."""
        self.limits: Limits = site.limits
        self.accounts: Accounts = site.accounts
        self.retention: Retention = site.retention
        self.remind_s: float = site.clocks.hold[0]
        self.escalations: Mapping[str, str] = {
            queue.name: queue.escalate_to for queue in site.queues if queue.escalate_to
        }
