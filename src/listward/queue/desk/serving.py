"""How the desk's HTTP server is set up: what it believes of a proxy, and what it says of itself."""

import uvicorn
from starlette.types import ASGIApp

from listward.config.site import Site

GRACE_S = 10  # for answers under way when the role is stopped
LOOPBACK = ["127.0.0.1", "::1"]


def server_settings(app: ASGIApp, site: Site) -> uvicorn.Config:
    """The server's settings. X-Forwarded-For counts only where a public address says that a proxy stands before us.

    And then from this machine alone: whoever may write that field may take a new address for every try at the log-in.
    """
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        proxy_headers=bool(site.console.public_url),
        forwarded_allow_ips=LOOPBACK,
        timeout_graceful_shutdown=GRACE_S,
    )
