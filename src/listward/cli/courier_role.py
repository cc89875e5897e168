"""The courier with the notices it hands events to: the place where the two rooms are joined."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from listward.cli.judging import NoNames
from listward.config.load import Configuration
from listward.config.site import Site
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_source import CHECK_EVERY_S
from listward.filters.identity.roster_watch import RosterWatch
from listward.filters.judge import Judge
from listward.filters.learner.load import load_for
from listward.filters.probes import Probes, Rosters
from listward.queue.courier.courier import Duty
from listward.queue.courier.frozen import FrozenPeople
from listward.queue.courier.outbox import EventHandler
from listward.queue.courier.process import Tasks, run_courier
from listward.queue.courier.teaching import Teaching, followed
from listward.queue.desk.access.person import serves
from listward.queue.desk.access.records import AccessStore, User
from listward.queue.desk.access.redis_store import RedisAccess
from listward.queue.nexthops import make_pool
from listward.queue.notices.asking import Asking
from listward.queue.notices.changed import RulesChanged
from listward.queue.notices.confirming import Confirming
from listward.queue.notices.copied import Copied
from listward.queue.notices.lasting import Lasting
from listward.queue.notices.ledger import NoticeLedger
from listward.queue.notices.notices import Notices
from listward.queue.notices.posting import Posting
from listward.queue.notices.reminders import Reminders
from listward.queue.notices.replies import Replies
from listward.queue.notices.switched import Switched
from listward.queue.notices.tokens import Tokens
from listward.queue.store.connect import Store
from listward.queue.store.following import EVERY_S as FOLLOWED_EVERY_S
from listward.queue.store.following import Following
from listward.queue.store.presence import LOOKS_S, Saying
from listward.queue.store.rules import RulesHistory
from listward.queue.store.switches import Switches
from listward.runtime.clock import SystemClock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.runtime.succession import Go, at_once
from listward.wire.pool import Pool

SUMMARIES_EVERY_S = 600.0
FREEZES_EVERY_S, AGAIN_S = 2.0, 60.0


async def serve_courier(
    configuration: Configuration,
    metrics: Metrics,
    mail_log: MailLog,
    stop: asyncio.Event,
    before: SiteRosters | None = None,
    go: Go = at_once,
) -> None:
    """Run courier and notices until `stop` is set. Rosters that were read before the fork are not read again.

    All is built, then `go` awaited: where it says False, nothing is done.
    """
    pool = make_pool(configuration.site, metrics, mail_log)
    rosters = SiteRosters(configuration.site, before)
    watch = RosterWatch(metrics, mail_log)

    def tasks(store: Store) -> Tasks:
        following = Following(lambda: rosters, lambda: store.rosters, mail_log)
        made = correspondence(configuration, store, pool, metrics, mail_log, rosters)
        rosters_kept = (
            Duty("rosters-watched", CHECK_EVERY_S, partial(watch.once, lambda: rosters)),
            Duty("rosters-followed", FOLLOWED_EVERY_S, following.look),
        )
        return Tasks(made.handlers, (*rosters_kept, *made.duties))

    try:
        await run_courier(configuration, metrics, mail_log, stop, tasks, go)
    finally:
        await pool.close()


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Everything the courier writes to people, and what takes their answers."""

    notices: Notices
    handlers: Mapping[str, EventHandler]
    duties: tuple[Duty, ...]


def correspondence(
    configuration: Configuration,
    store: Store,
    pool: Pool,
    metrics: Metrics,
    mail_log: MailLog,
    rosters: Rosters,
) -> Correspondence:
    """Put the courier's letters together. Raises ModelError where the shipped model cannot be read."""
    site, clock = configuration.site, SystemClock()
    ledger = NoticeLedger(store.redis, store.codec.lasting_name)
    tokens, posting = Tokens(store.redis), Posting(site, pool, metrics, mail_log)
    judge = Judge(site, configuration.policy, load_for(site), Probes(NoNames(), rosters, standings=store.accounts))
    confirming = Confirming(site, store.cases, tokens, judge, clock, rosters, store.accounts)
    asking = Asking(configuration, posting, store.cases, ledger, tokens, clock, rosters, store.accounts)
    replies = Replies(site, store.cases, confirming, clock, mail_log, rosters)
    notices = Notices(
        configuration, pool, store.cases, ledger, clock, metrics, mail_log, rosters, asking=asking, replies=replies
    )
    people = partial(people_of, site, RedisAccess(store.redis))
    reminders = Reminders(configuration, posting, people, rosters)
    handlers = {**notices.handlers(), "remind": reminders.on_event}
    switches = Switches(store.redis, store.codec)
    teaching = Teaching(store.accounts.note, rosters, switches.first)
    copied = Copied(configuration, posting, store.cases, store.ledger, ledger, clock, metrics, rosters)
    handlers["delivered"] = followed(followed(handlers.get("delivered"), teaching.on_event), copied.on_event)
    handlers["failed"] = copied.on_event
    switched = Switched(configuration, posting, switches, rosters)
    lasting = Lasting(configuration, posting, store.accounts, switches, people, clock)
    frozen = FrozenPeople(store.accounts, store.trail, site, clock, rosters)
    freezes = {"frozen-people": frozen.complete, "freezes-told": switched.tell, "long-freezes": lasting.remind}
    duties = [Duty(name, FREEZES_EVERY_S, duty, AGAIN_S) for name, duty in freezes.items()]
    changed = RulesChanged(
        configuration, posting, RulesHistory(store.redis, store.codec), store.trail, people, rosters, clock
    )
    saying = Saying(lambda: store.presence, "courier", lambda: configuration.policy.digest)
    duties += [Duty("rules-changed", FREEZES_EVERY_S, changed.look, AGAIN_S), Duty("present", LOOKS_S, saying.once)]
    return Correspondence(notices, handlers, (Duty("summaries", SUMMARIES_EVERY_S, notices.send_summaries), *duties))


async def people_of(site: Site, access: AccessStore, queues: Iterable[str]) -> tuple[str, ...]:
    """Who decides for these queues, by address: users who may, and who stands in a queue's group."""
    wanted, users = tuple(queues), await access.users()
    found = [user.address for user in users if not user.disabled for queue in wanted if _serves(site, queue, user)]
    groups = [entry.group if (entry := site.queue_named(queue)) is not None else queue for queue in wanted]
    return tuple(dict.fromkeys([*found, *(member for group in groups for member in site.group_members(group))]))


def _serves(site: Site, queue: str, user: User) -> bool:
    return serves(site, queue, user.address, user.roles)
