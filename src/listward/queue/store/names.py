"""The names of keys. All keys of one list's cases share one hash tag, so each step stays in one slot of a cluster."""

from listward.queue.cases.case import CaseState

PREFIX = "listward:"
SITE_COUNTER = f"{PREFIX}{{numbers}}:next"
BLOCKS = f"{PREFIX}{{numbers}}:blocks"
HELD_BYTES = f"{PREFIX}{{held}}:bytes"
HELD_CASES = f"{PREFIX}{{held}}:cases"
SITE_CHAIN = f"{PREFIX}{{chain}}:links"
SITE_HEADS = f"{PREFIX}{{chain}}:heads"
VOUCHES = f"{PREFIX}{{standings}}:vouches"
FROZEN = f"{PREFIX}{{standings}}:frozen"


def copy_key(digest: str) -> str:
    """Where the ledger keeps what is settled of one copy of a message."""
    return f"{PREFIX}ledger:{{{digest}}}"


def seen_key(digest: str) -> str:
    """Where the lists that got one body lately are kept."""
    return f"{PREFIX}seen:{{{digest}}}"


def path_key(pseudonym: str) -> str:
    """Where the authors that use one path are kept."""
    return f"{PREFIX}path:{{{pseudonym}}}"


class AuthorKeys:
    """The keys of one author, by her pseudonym: what is remembered of senders names nobody."""

    __slots__ = ("delivered", "frozen", "habits", "vouches")

    def __init__(self, pseudonym: str) -> None:
        base = f"{PREFIX}author:{{{pseudonym}}}:"
        self.frozen = f"{base}frozen"
        self.vouches = f"{base}vouches"
        self.habits = f"{base}habits"
        self.delivered = f"{base}delivered"


def policy_key(digest: str) -> str:
    """Where the rules of a policy that was in use are kept, by its hash."""
    return f"{PREFIX}policy:{{{digest}}}"


def site_lease(name: str) -> str:
    """The lease of a duty that one courier of the site does at a time."""
    return f"{PREFIX}{{duty:{name}}}:lease"


class ListKeys:
    """The keys of one list."""

    def __init__(self, address: str) -> None:
        self.list = address.lower()
        # RFC 5322 allows braces in a local part; in a key the first pair of braces is the hash tag.
        tag = self.list.replace("%", "%25").replace("{", "%7b").replace("}", "%7d")
        self._base = f"{PREFIX}{{{tag}}}:"
        self.numbers = f"{self._base}numbers"
        self.outbox = f"{self._base}outbox"
        self.stuck = f"{self._base}stuck"
        self.audit = f"{self._base}audit"
        self.clear = f"{self._base}clear"
        self.seals = f"{self._base}seals"
        self.pending = f"{self._base}pending"
        self.due = f"{self._base}due"
        self.strangers = f"{self._base}strangers"
        self.facts = f"{self._base}facts"
        self.lease = f"{self._base}lease"
        self.roster = f"{self._base}roster"

    def case(self, number: str) -> str:
        """The record of a case, a hash."""
        return f"{self._base}case:{number}"

    def body(self, number: str) -> str:
        """The pieces of a case's message, a hash by piece number."""
        return f"{self._base}body:{number}"

    def roster_pieces(self, name: str) -> str:
        """The pieces of one copy of the list's roster, a hash by piece number."""
        return f"{self._base}roster:{name}"

    def watched(self, day: int) -> str:
        """What rules on trial would have done on one day: counts. Days are counted from 1970."""
        return f"{self._base}watched:{day}"

    def examples(self, day: int) -> str:
        """Examples of one day, of what rules on trial would have done."""
        return f"{self._base}examples:{day}"

    def held(self, digest: str) -> str:
        """Which case a ledger key led to."""
        return f"{self._base}held:{digest}"

    def state(self, state: CaseState) -> str:
        """Cases by opening time, one index a state."""
        return f"{self._base}state:{state.value}"

    def queue(self, queue: str, state: CaseState) -> str:
        """Cases by opening time, one index a queue and state."""
        return f"{self._base}queue:{state.value}:{queue}"

    def waiting(self, stage: str) -> str:
        """Undecided cases by the time that this stage of their clock runs out."""
        return f"{self._base}waiting:{stage}"

    def bodies(self, kind: str) -> str:
        """Cases whose text is kept for a while, by the time that its retention counts from."""
        return f"{self._base}bodies:{kind}"
