"""People who are asked whether a message is theirs: their roster, their messages, a judge, and vouches in memory."""

from dataclasses import replace
from typing import Any

from desk_world import TurnedClock, site
from memory_accounts import MemoryAccounts
from memory_cases import START, MemoryCases, draft
from memory_redis import MemoryRedis
from messages import build

from listward.filters.findings import Scores
from listward.filters.identity.origin import Authentication, Origin, OriginKind, Role
from listward.filters.identity.standing import How, Method, Path
from listward.filters.judgement import Action, Judgement, MessageFacts, Mode, RecipientVerdict, ReplyWords, RuleOutcome
from listward.filters.probes import RosterEntry
from listward.filters.routing.kinds import Kind, Target, Zone
from listward.filters.transaction import Transaction
from listward.queue.cases.case import Case, CaseDraft, Reason, StoredEnvelope
from listward.queue.notices.confirming import Confirming
from listward.queue.notices.tokens import Tokens, Way
from listward.queue.store.accounts import CannotVouch, UnknownVouch, Vouch
from listward.queue.store.ports import StoreUnavailable
from listward.wire.payload import Payload

ANA = "ana@home.example"
BOARD = "board@party.example"
SIGNED = Path(Method.DKIM, "small-host.example", "s1")
SENT = Path(Method.SPF, "small-host.example")
SECRET = "zanzibar"  # a word of subject, text and names that no letter may carry
UNPROVEN = (Reason("author-not-confirmed", "identity", "", "We could not yet confirm who wrote the message."),)


class AnasRosters:
    """Ana is on the board's list, with this role and these facts; nobody else is on any."""

    def __init__(self, role: Role = Role.MEMBER, **facts: Any) -> None:
        self.entries = {ANA: RosterEntry(ANA, "Ana Ruiz", role, **facts)}

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """The entry on the board's list."""
        return self.entries.get(address.lower()) if list_address == BOARD else None

    def names(self, list_address: str) -> frozenset[Any]:
        """Nobody poses as anybody."""
        del list_address
        return frozenset()

    def officers(self) -> frozenset[Any]:
        """Nobody's."""
        return frozenset()


class MemoryVouches(MemoryAccounts):
    """Vouches too. `refuses` names a reason why no path can be vouched for."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Vouch] = {}
        self.refuses = ""
        self.ended: list[tuple[str, str]] = []

    async def vouch(self, list_address: str, author: str, path: Path, by: str, how: How, at: float) -> str:
        """Keep one."""
        self._check()
        if self.refuses:
            raise CannotVouch(self.refuses, "It cannot.")
        for one in self.kept.values():
            if (one.list, one.author, one.path) == (list_address, author, path):
                return one.id
        made = Vouch(f"v{len(self.kept) + 1}", list_address, author, path, how, by, at, at)
        self.kept[made.id] = made
        return made.id

    async def revoke(self, id: str, by: str, at: float) -> Vouch:
        """End one."""
        self._check()
        del at
        if id not in self.kept:
            raise UnknownVouch(id)
        self.ended.append((id, by))
        return self.kept.pop(id)

    async def vouches(self, list_address: str | None = None, author: str | None = None) -> tuple[Vouch, ...]:
        """Those kept."""
        self._check()
        found = (one for one in self.kept.values() if list_address in {None, one.list})
        return tuple(one for one in found if author in {None, one.author})

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable("away")


class MembersJudge:
    """Judges a member's message: lets it pass, or does what `action` says, for the rule "first-posts"."""

    def __init__(self, action: Action = Action.ACCEPT) -> None:
        self.action = action
        self.seen: list[tuple[Transaction, OriginKind | None]] = []

    async def judge(self, transaction: Transaction, given_origin: OriginKind | None = None) -> Judgement:
        """The same for every recipient."""
        self.seen.append((transaction, given_origin))
        origin = Origin(OriginKind.MEMBER, ANA)
        target = Target(BOARD, Kind.POST, Zone.MEMBERS, BOARD, "smtp://127.0.0.1:2527")
        held = self.action is not Action.ACCEPT
        outcome = RuleOutcome("first-posts", "identity", Mode.ENFORCE, held, "", self.action, words="First posts wait.")
        verdict = RecipientVerdict(target, origin, self.action, (), (outcome,) if held else ())
        return Judgement(
            action=self.action,
            reply=ReplyWords(250, "2.0.0", "Received."),
            origin=origin,
            authentication=Authentication(ANA, (), True),
            scores=Scores(0.1, 0.2, 0.3),
            findings=(),
            recipients=(verdict,),
            facts=MessageFacts("s", "<m@x>", "d", "t", 3, True, True),
            policy_hash="p",
        )


def unproven(**changes: Any) -> CaseDraft:
    """A message with the address of a member that nothing proves."""
    made = draft(
        author=ANA,
        author_name=f"Ana {SECRET}",
        origin="unproven",
        authenticated=False,
        role="",
        subject=f"About {SECRET}",
        first_lines=f"Dear {SECRET}",
        envelope=StoredEnvelope(ANA, (BOARD,)),
        reasons=UNPROVEN,
        received_at=START,
        paths=(SIGNED, SENT),
        ledger_key="unproven-1",
    )
    return replace(made, **changes)


def unproven_body(**changes: Any) -> bytes:
    """The message of it."""
    facts: dict[str, Any] = {"from_": f"Ana <{ANA}>", "subject": f"About {SECRET}", "text": f"Dear {SECRET}\n"}
    return build(**{**facts, **changes})


class Asked:
    """One held message of Ana's, and what takes her answer."""

    def __init__(self, judge: MembersJudge | None = None, rosters: Any = None) -> None:
        self.cases, self.redis, self.accounts = MemoryCases(), MemoryRedis(), MemoryVouches()
        self.judge, self.tokens = judge or MembersJudge(), Tokens(self.redis)
        self.rosters = rosters or AnasRosters()
        self.confirming = Confirming(
            site(), self.cases, self.tokens, self.judge, TurnedClock(), self.rosters, self.accounts
        )

    async def hold(self, **changes: Any) -> tuple[Case, str]:
        """Hold a message and ask about it."""
        case = await self.cases.hold(unproven(**changes), Payload(unproven_body()))
        return case, await self.tokens.issue(case.number, ANA, Way.LINK, 1000)
