"""Certificates that are renewed while we run: their files are looked at now and then, without a reload."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from listward.gateway.session.tls import Credentials
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics

LOOKED_AT_EVERY_S = 10.0


async def keep_fresh(
    current: Callable[[], Iterable[Credentials]],
    metrics: Metrics,
    log: MailLog,
    stop: asyncio.Event,
    every_s: float = LOOKED_AT_EVERY_S,
) -> None:
    """Take new certificate files into use until `stop`. Broken ones leave the old in use, with a line and a metric."""
    metrics.certificate_valid.set(1)
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every_s)
        for credentials in current():
            changed = credentials.refresh(lambda reason: log.event("certificate-refused", reason=reason))
            if changed is not None:
                metrics.certificate_valid.set(1 if changed else 0)
            if changed:
                log.event("certificate-loaded")
