"""The pages that are not about cases: how the gateway is, and the rules with their clauses."""

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from listward.config.vocabulary import vocabulary
from listward.filters.policy.edition import members_edition
from listward.queue.cases.case import Case, CaseState
from listward.queue.desk.access.door import Entry
from listward.queue.desk.console.render import HERE, Pages
from listward.queue.desk.console.shared import desk_of, pages_of, shown
from listward.queue.desk.desk import Desk
from listward.queue.store.ports import Cases

OPEN = (CaseState.HELD, CaseState.CLAIMED)
MOST_COUNTED = 2000
STYLE = (HERE / "static" / "console.css").read_bytes()


@shown
async def status_page(_request: Request, desk: Desk, pages: Pages, entry: Entry) -> Response:
    """Whether mail can be held, in which mode judging runs, and how many wait where. Counts only, never text."""
    problem = await desk.ready()
    waiting = [] if problem else await _open(desk.cases)
    if not entry.person.sees_health:
        waiting = [case for case in waiting if entry.person.served(case.draft.queues)]
    counts = Counter(queue for case in waiting for queue in case.draft.queues)
    oldest = min((case.opened_at for case in waiting), default=0.0)
    return pages.page(
        "status.html",
        entry,
        problem=problem,
        counts=sorted(counts.items()),
        oldest=oldest,
        full=len(waiting) >= MOST_COUNTED,
        policy=desk.configuration.policy,
        mode=desk.configuration.site.policy.mode,
    )


async def _open(cases: Cases) -> list[Case]:
    found: list[Case] = []
    cursor = ""
    while len(found) < MOST_COUNTED:
        page = await cases.page(OPEN, limit=200, cursor=cursor)
        found += page.cases
        cursor = page.cursor
        if not cursor:
            break
    return found


async def rules_page(request: Request) -> Response:
    """The members' edition of the rules: each clause with its text, and the rules. Public, because notices link it."""
    configuration = desk_of(request).configuration
    policy, site = configuration.policy, configuration.site
    words = vocabulary(site.organisation.languages[0])
    return pages_of(request).page(
        "rules.html",
        None,
        clauses=policy.clauses,
        language=policy.language,
        stages=members_edition(policy, site, words),
        words=words,
        observes=site.policy.mode == "observe",
    )


async def style(_request: Request) -> Response:
    """The style sheet."""
    return Response(STYLE, media_type="text/css")
