"""Judges one message: read it, prove its author, find where it may go, apply the policy, settle to one reply."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain

from listward.config.policy import Policy
from listward.config.site import Site
from listward.filters.context import Context
from listward.filters.findings import Finding, Scores
from listward.filters.guard import Guard
from listward.filters.identity import posing
from listward.filters.identity.account import account_findings
from listward.filters.identity.authenticate import reporters
from listward.filters.identity.identify import Arrival, Identity
from listward.filters.identity.origin import Authentication, Origin, OriginKind
from listward.filters.identity.ours import ours_of
from listward.filters.identity.paths import confirmed
from listward.filters.identity.standing import NO_STANDING, Ways
from listward.filters.identity.submitted import is_submitted
from listward.filters.judgement import Action, Judgement, RecipientVerdict
from listward.filters.learner import SpamModel
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message
from listward.filters.policy.asked import patterns_of, phrases_of
from listward.filters.policy.citations import with_clauses
from listward.filters.policy.engine import Engine
from listward.filters.policy.measuring import ended_lists, groups_of, measured
from listward.filters.policy.settle import settle
from listward.filters.policy.situation import DEFAULT_QUEUE, Measures, Situation
from listward.filters.policy.words import reply_for
from listward.filters.probes import Probes
from listward.filters.reading import FILTERS, Reading, read
from listward.filters.routing.floods import OTHER_LISTS, flood_findings
from listward.filters.routing.internal import Route, judge_route
from listward.filters.routing.kinds import Kind, Target, Zone
from listward.filters.routing.loops import loop_findings
from listward.filters.routing.offices import office_for
from listward.filters.routing.targets import Directory
from listward.filters.routing.zones import external_target
from listward.filters.transaction import Listener, Transaction

ASIDE_FROM = 65_536
"""Octets of a message that is read in a thread, since it takes long enough for a loop's other work to notice."""


def context_for(site: Site, policy: Policy) -> Context:
    """Return what readers may know of the organisation."""
    organisation = site.organisation
    return Context(
        organisation=organisation.name,
        domains=frozenset(organisation.domains),
        internal_domains=frozenset(organisation.internal_domains),
        lists=frozenset(entry.address for entry in site.lists),
        payees=policy.payees,
        internal_marks=policy.internal_marks,
        reporters=reporters(site),
        roles=ours_of(site).roles,
        phrases=phrases_of(policy),
        patterns=patterns_of(policy),
    )


class Judge:
    """Judges by one site and one policy, so that a message is never judged under two. Made anew at each reload."""

    def __init__(
        self,
        site: Site,
        policy: Policy,
        model: SpamModel,
        probes: Probes,
        on_failure: Callable[[str], None] = lambda name: None,
        on_time: Callable[[str, float], None] = lambda name, seconds: None,
        on_situation: Callable[[Situation], None] = lambda situation: None,
    ) -> None:
        self.site, self.policy, self.model, self.probes = site, policy, model, probes
        self.context = context_for(site, policy)
        self.directory = Directory(site)
        self._identity = Identity(site, probes)
        self._engine = Engine(policy, observe=site.policy.mode == "observe")
        self._on_failure = on_failure
        # Where there are fewer lists than make a flood, nobody is asked.
        self._counters = probes.counters if len(site.lists) > OTHER_LISTS else None
        self._on_time = on_time
        self._on_situation = on_situation
        self._groups = groups_of(site)
        self._queues = {entry.address: next(iter(entry.moderators), DEFAULT_QUEUE) for entry in site.lists}

    async def judge(
        self,
        transaction: Transaction,
        given_origin: OriginKind | None = None,
        take_author_at_word: bool = False,
        message: Message | None = None,
    ) -> Judgement:
        """Return the judgement. `given_origin` is taken as proven, without any DNS; `message` is `raw`, where parsed.

        With `take_author_at_word` From counts as authenticated and only the roster is asked: an archive can no longer
        prove who wrote. Never raises for what is in the message or for DNS, roster or store trouble.
        """
        proving = given_origin is None and not take_author_at_word
        work = partial(self._read, transaction, message, proving)
        reading = work() if len(transaction.raw) < ASIDE_FROM else await asyncio.to_thread(work)
        return await self.conclude(transaction, reading, given_origin, take_author_at_word)

    async def conclude(
        self,
        transaction: Transaction,
        reading: Reading,
        given_origin: OriginKind | None = None,
        take_author_at_word: bool = False,
    ) -> Judgement:
        """Return the judgement of a message that was read elsewhere under `self.context`; `raw` is not looked at."""
        self._count(reading)
        arrival = Arrival(transaction, reading.claims, given_origin, take_author_at_word or is_submitted(transaction))
        authentication, ways = await self._identity.ask(arrival)
        targets = [self.directory.target(address) or external_target(address) for address in transaction.recipients]
        origins = {
            address: self._identity.origin(arrival, authentication, ways, address)
            for address in dict.fromkeys(target.list for target in targets)
        }
        return await self._settled(_Known(transaction, reading, authentication, ways, targets, origins))

    def _read(self, transaction: Transaction, message: Message | None, proving: bool) -> Reading:
        message = message or parse_message(transaction.raw)
        return read(message, transaction.received_at, self.context, self.model, prove=proving)

    def _count(self, reading: Reading) -> None:
        """Count under names of ours only: a reading may come from a process that hostile octets have taken over."""
        for name in reading.failures:
            self._on_failure(name if name in _NAMES else "other")
        for name, seconds in reading.seconds:
            if name in _NAMES:
                self._on_time(name, seconds)

    async def _settled(self, known: "_Known") -> Judgement:
        """Find where it may go and what is found of it, apply the policy, settle to one reply."""
        transaction, reading, authentication = known.transaction, known.reading, known.authentication
        route = Route.of(transaction.recipients, (*reading.claims.to, *reading.claims.cc))
        matter = judge_route(route, reading.findings, reading.scores, self.directory)
        office, office_findings = office_for(authentication.author, self.site)
        loops = loop_findings(reading.way, known.targets)
        shared = (*reading.findings, *matter.findings, *office_findings, *loops)
        by_list = await self._by_list(known)
        groups, measures = self._groups.get(authentication.author.lower(), NOBODY), self._measured(known)
        ended = ended_lists(self.policy, transaction.received_at)
        facts = _Facts(shared, by_list, matter.scores, office, transaction, measures, groups, ended)
        verdicts = tuple(self._verdict(target, known.origins[target.list], facts) for target in known.targets)
        action, settled = settle(verdicts, matter.internal, self._queues)
        findings = with_clauses(_unique((*shared, *chain.from_iterable(by_list.values()))), self.policy, settled)
        return Judgement(
            action=action,
            reply=reply_for(action, settled, findings, self.site),
            origin=_spokesman(settled, authentication),
            authentication=authentication,
            scores=matter.scores,
            findings=findings,
            recipients=settled,
            facts=reading.facts,
            policy_hash=self.policy.digest,
            paths=known.ways.paths,
        )

    async def _by_list(self, known: "_Known") -> dict[str, tuple[Finding, ...]]:
        """What is found for one list and not for another: floods, who it poses as, an account unlike itself."""
        floods = await flood_findings(known.reading.facts.body_digest, known.targets, self._counters)
        poses = self._posing(known)
        paths = confirmed(known.authentication, known.transaction.sender)
        unlike = {
            address: account_findings(known.ways.standing, known.origins[address], paths, known.reading.facts)
            for address in poses
        }
        found = (floods, poses, unlike)
        return {address: tuple(chain.from_iterable(one.get(address, ()) for one in found)) for address in known.origins}

    def _measured(self, known: "_Known") -> Measures:
        """How often somebody writes, by the store: of whom nothing proves it says nothing, or it told who writes."""
        standing = known.ways.standing
        if standing is not None and not any(origin.kind.authenticated for origin in known.origins.values()):
            standing = NO_STANDING
        return measured(known.reading.facts, known.transaction, standing, self.site.organisation.timezone)

    def _posing(self, known: "_Known") -> dict[str, tuple[Finding, ...]]:
        """Who a message poses as depends on the list: its roster knows the names."""
        said = {finding.rule for finding in known.reading.findings}
        posts = dict.fromkeys(target.list for target in known.targets if target.kind is Kind.POST and target.list)
        guard, found = Guard(), {}
        for address in posts:
            seen = guard.value("posing", partial(self._poses, known, address), NONE)
            found[address] = tuple(finding for finding in (*seen, *guard.findings) if finding.rule not in said)
        for name in guard.failures:
            self._on_failure(name)
        return found

    def _poses(self, known: "_Known", address: str) -> tuple[Finding, ...]:
        proven, claims = known.origins[address].kind.authenticated, known.reading.claims
        found = posing.check(claims, known.authentication, address, self.site, self.probes.rosters, proven=proven)
        return tuple(found)

    def _verdict(self, target: Target, origin: Origin, facts: "_Facts") -> RecipientVerdict:
        situation = Situation(
            target,
            origin,
            (*facts.shared, *facts.by_list[target.list]),
            facts.scores,
            self._queues.get(target.list, DEFAULT_QUEUE),
            facts.office,
            facts.transaction.attempt,
            facts.measures,
            facts.groups,
            facts.ended,
        )
        self._on_situation(situation)
        verdict = self._engine.decide(situation)
        unknown = target.zone is Zone.EXTERNAL and facts.transaction.listener is Listener.INGRESS
        if unknown and verdict.action is not Action.REJECT:
            # Not ours, and not known: 550 5.1.1, never a relay.
            return RecipientVerdict(target, origin, Action.REJECT)
        return verdict


_NAMES = frozenset(FILTERS)
NONE: tuple[Finding, ...] = ()
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Known:
    """One message, read and identified: its recipients' targets, and the origin for each list by its address."""

    transaction: Transaction
    reading: Reading
    authentication: Authentication
    ways: Ways
    targets: list[Target]
    origins: dict[str, Origin]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What all recipients share, and what is found for each list by its address."""

    shared: tuple[Finding, ...]
    by_list: dict[str, tuple[Finding, ...]]
    scores: Scores
    office: str
    transaction: Transaction
    measures: Measures
    groups: frozenset[str]
    ended: frozenset[str]


def _spokesman(verdicts: tuple[RecipientVerdict, ...], authentication: Authentication) -> Origin:
    """The origin shown for the message: that of the recipient with the strongest action."""
    strongest = max(verdicts, key=lambda verdict: verdict.action.strength, default=None)
    return strongest.origin if strongest else Origin(OriginKind.UNPROVEN, authentication.author)


def _unique(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(findings))
