"""The policy as data: rules from policy.toml, clauses from clauses.toml. Applied by filters/policy."""

from typing import Literal

from pydantic import Field

from listward.config.site import Table
from listward.config.values import LowerText

Stage = Literal["routing", "identity", "safety", "content"]
STAGES: tuple[Stage, ...] = ("routing", "identity", "safety", "content")


class ScoreTest(Table):
    """A bound on one calibrated score: fires at or above `at_least`."""

    name: Literal["spam", "solicitation", "internal"]
    at_least: float = Field(ge=0, le=1)


class Conditions(Table):
    """All given conditions must hold; a list of values means "one of these". An empty table always holds."""

    finding: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    origin: tuple[Literal["forged", "internal", "member", "known", "unproven"], ...] = ()
    role: tuple[str, ...] = ()
    zone: tuple[Literal["internal", "members", "public", "external"], ...] = ()
    list: tuple[LowerText, ...] = ()
    score: ScoreTest | None = None
    first_posts: bool | None = None


class Rule(Table):
    """One rule. First match wins inside a stage, the strongest action wins across stages."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    stage: Stage
    action: Literal["accept", "discard", "hold", "defer", "reject"]
    mode: Literal["off", "shadow", "hold", "enforce"] = "enforce"
    clause: str = ""
    queue: str = ""
    words: str = Field(default="", description="one plain sentence for the author")
    reply: Literal["policy", "not-entitled", "outside", "malformed", "loop"] = "policy"
    when: Conditions = Conditions()


class Clause(Table):
    """One clause of the organisation's rules: number, title, text, language."""

    number: str
    title: str
    text: str
    language: str = "en"


class Policy(Table):
    """policy.toml and clauses.toml together. `digest` is the hex SHA-256 of both files as read."""

    name: str = ""
    rules: tuple[Rule, ...] = Field(alias="rule", min_length=1)
    clauses: tuple[Clause, ...] = Field(default=(), alias="clause")
    internal_marks: tuple[str, ...] = ("internal",)
    payees: frozenset[str] = frozenset()
    phrases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    digest: str = ""

    def clause(self, number: str) -> Clause | None:
        """The clause of that number."""
        return next((clause for clause in self.clauses if clause.number == number), None)
