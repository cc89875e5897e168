"""The policy as data: rules from policy.toml, clauses from clauses.toml. Applied by filters/policy."""

from typing import Literal

from pydantic import Field

from listward.config.conditions import Conditions
from listward.config.phrases import PhraseList
from listward.config.table import Table
from listward.config.values import Language, LowerText

Stage = Literal["routing", "identity", "safety", "content"]
Without = Literal["defer", "hold", "skip"]
STAGES: tuple[Stage, ...] = ("routing", "identity", "safety", "content")


class Rule(Table):
    """One rule. First match wins inside a stage, the strongest action wins across stages.

    It holds where all of `when` holds and not all of `unless`. `without_...` says what happens where a fact that the
    rule hangs on could not be had: the message is tried again, a person reads it, or the rule is passed over.
    """

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    stage: Stage
    action: Literal["accept", "discard", "hold", "defer", "reject"]
    mode: Literal["off", "shadow", "hold", "enforce"] = "enforce"
    clause: str = ""
    queue: str = ""
    words: str = Field(default="", description="one plain sentence for the author")
    words_in: dict[Language, str] = Field(default_factory=dict, description="the same sentence in other languages")
    reply: Literal["policy", "not-entitled", "barred", "outside", "malformed", "loop"] = "policy"
    when: Conditions = Conditions()
    unless: Conditions | None = None
    copy_to: tuple[LowerText, ...] = Field(default=(), description="who gets a copy; the author is always told")
    without_dns: Without = "defer"
    without_roster: Without = "defer"
    without_store: Without = "defer"

    @property
    def only_copies(self) -> bool:
        """Whether the rule adds a copy and decides nothing: it opens no way past the other rules of its stage."""
        return self.action == "accept" and bool(self.copy_to)


class Clause(Table):
    """One clause of the organisation's rules: number, title, text, language.

    A clause of `judgement` is about opinions: people report, people decide, and no program looks for it by itself.
    """

    number: str
    title: str
    text: str
    language: Language = "en"
    judgement: bool = False


class Policy(Table):
    """All that the organisation's rules are made of.

    `digest` is the hex SHA-256 of policy.toml, clauses.toml and what these include, octet for octet, with the entries
    of all lists of phrases and payees.
    """

    name: str = ""
    language: Language = "en"
    rules: tuple[Rule, ...] = Field(alias="rule", min_length=1)
    clauses: tuple[Clause, ...] = Field(default=(), alias="clause")
    internal_marks: tuple[str, ...] = ("internal",)
    payees: frozenset[str] = frozenset()
    phrases: dict[str, PhraseList] = Field(default_factory=dict)
    digest: str = ""

    def clause(self, number: str, language: str = "") -> Clause | None:
        """The clause of that number in that language, else in the first language it is written in."""
        found = [clause for clause in self.clauses if clause.number == number]
        return next((clause for clause in found if clause.language == language), found[0] if found else None)

    def clauses_in(self, language: str) -> tuple[Clause, ...]:
        """Every clause once, in that language where it is written in it."""
        numbers = dict.fromkeys(clause.number for clause in self.clauses)
        return tuple(found for number in numbers if (found := self.clause(number, language)))

    def words(self, rule: str, language: str) -> str:
        """The sentence of the rule of that name in exactly that language, "" where there is none."""
        found = next((candidate for candidate in self.rules if candidate.name == rule), None)
        if found is None:
            return ""
        return found.words_in.get(language, found.words if language == self.language else "")
