"""Rules as plain sentences, for whoever is no programmer: what holds, what happens then, on which clause it rests."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from listward.config.catalogue import waiting
from listward.config.conditions import Conditions
from listward.config.policy import STAGES, Clause, Policy, Rule
from listward.config.vocabulary import Vocabulary
from listward.filters.policy.asked_words import asked, either


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule as it is read. `note` says what a mode other than enforce means, `reads` is the author's sentence."""

    name: str
    sentence: str
    note: str = ""
    reads: str = ""
    clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class StageText:
    """The rules of one stage, in the order they are tried."""

    title: str
    rules: tuple[RuleText, ...]


def policy_text(policy: Policy, words: Vocabulary, *, public: bool = False) -> tuple[StageText, ...]:
    """Return the policy, stage by stage.

    The members' edition (`public`) leaves out rules that have no effect, and how sure a score must be.
    """
    chosen = [rule for rule in policy.rules if not public or _has_effect(rule)]
    stages = ((stage, tuple(rule for rule in chosen if rule.stage == stage)) for stage in STAGES)
    return tuple(
        StageText(words.say("stage", stage), tuple(rule_text(rule, policy, words, public=public) for rule in rules))
        for stage, rules in stages
        if rules
    )


def _has_effect(rule: Rule) -> bool:
    return rule.mode in {"hold", "enforce"} and not waiting(rule)


def rule_text(rule: Rule, policy: Policy, words: Vocabulary, *, public: bool = False) -> RuleText:
    """Return one rule."""
    reads = policy.words(rule.name, words.language) or rule.words
    return RuleText(
        rule.name,
        sentence_of(rule, words, public=public),
        _note(rule, words),
        words.say("frame", "author_reads", words=reads) if reads and (rule.copy_to or rule.action != "accept") else "",
        policy.clause(rule.clause, words.language) if rule.clause else None,
    )


def sentence_of(rule: Rule, words: Vocabulary, *, public: bool = False) -> str:
    """Return what a rule says, as one sentence: whose mail, where to, when, and what happens then."""
    when = rule.when
    mail = f"{_whose(when, words)}{_where(when, words)}{_when(when, words, public)}"
    kind = words.say("frame", "mail" if mail else "all")
    whole = f"{kind}{mail}{_unless(rule, words, public)}"
    sentence = words.say("frame", "sentence", mail=whole, action=_action(rule, words))
    return " ".join((sentence, *_copies(rule, words)))


def clause_text(clause: Clause, words: Vocabulary) -> str:
    """Return a clause with its number and title."""
    return words.say("frame", "clause", number=clause.number, title=clause.title, text=clause.text)


def _action(rule: Rule, words: Vocabulary) -> str:
    queue = words.say("queue", "named", name=rule.queue) if rule.queue else words.say("queue", "own")
    return words.say("action", "only_copies" if rule.only_copies else rule.action, queue=queue)


def _copies(rule: Rule, words: Vocabulary) -> Iterator[str]:
    """Who gets a copy is for everybody: whoever writes should know before."""
    if rule.copy_to:
        name = "only_copies" if rule.only_copies else "copies"
        yield words.say("frame", name, whom=", ".join(rule.copy_to))


def _note(rule: Rule, words: Vocabulary) -> str:
    """What a mode other than enforce means, what happens where a fact is missing, and that a check is missing."""
    later = (words.say("frame", "waiting"),) if waiting(rule) else ()
    return " ".join((*_mode(rule, words), *_without(rule, words), *later))


def _mode(rule: Rule, words: Vocabulary) -> Iterator[str]:
    if rule.mode in {"off", "shadow"}:
        yield words.say("frame", rule.mode)
    elif rule.mode == "hold" and rule.action in {"reject", "defer"}:
        yield words.say("frame", "capped")


def _without(rule: Rule, words: Vocabulary) -> Iterator[str]:
    """Only what differs from waiting for the answer."""
    for fact, then in (("dns", rule.without_dns), ("roster", rule.without_roster), ("store", rule.without_store)):
        if then != "defer":
            yield words.say("without", fact, then=words.say("without", then))


def _whose(when: Conditions, words: Vocabulary) -> str:
    """Origins that belong together have a name of their own."""
    if not when.origin:
        return ""
    together = "+".join(sorted(set(when.origin)))
    names = [together] if words.knows("origin", together) else when.origin
    return words.say("frame", "from", whom=either([words.say("origin", name) for name in names], words))


def _where(when: Conditions, words: Vocabulary) -> str:
    """A list by its name says more than its zone."""
    where = when.list or tuple(words.say("zone", zone) for zone in when.zone)
    return words.say("frame", "to", where=either(where, words)) if where else ""


def _when(when: Conditions, words: Vocabulary, public: bool) -> str:
    """What else must be so: every part of it."""
    parts = (*_found(when, words), *asked(when, words, public=public), *_facts(when, words, public))
    names = ("when", *("and_when" for _ in parts[1:]))
    return "".join(words.say("frame", name, what=part) for name, part in zip(names, parts, strict=False))


def _unless(rule: Rule, words: Vocabulary, public: bool) -> str:
    """The exception, as whose mail and where to it is, or as when alone."""
    if rule.unless is None:
        return ""
    mail = f"{_whose(rule.unless, words)}{_where(rule.unless, words)}"
    when = _when(rule.unless, words, public)
    what = f"{words.say('frame', 'excepted')}{mail}{when}" if mail else when.removeprefix(words.say("frame", "comma"))
    return words.say("frame", "unless", what=what)


def _facts(when: Conditions, words: Vocabulary, public: bool) -> Iterator[str]:
    """Role, score and first posts. How sure a score must be is not for everybody: it would show the way past it."""
    if when.role:
        yield either([words.say("role", name) for name in when.role], words)
    if when.score is not None:
        what = words.say("score", when.score.name)
        percent = f"{when.score.at_least * 100:g}"
        yield what if public else words.say("score", "bound", what=what, percent=percent)
    if when.first_posts is not None:
        yield words.say("first_posts", "yes" if when.first_posts else "no")


def _found(when: Conditions, words: Vocabulary) -> Iterator[str]:
    """One of the kinds, and one of the findings; several names may share their words."""
    for table, names in (("category", when.category), ("finding", when.finding)):
        if names:
            yield _shortened(list(dict.fromkeys(_named(table, names, words))), words)


def _shortened(parts: list[str], words: Vocabulary) -> str:
    """Return "it carries a or b" for "it carries a or it carries b"."""
    begins = words.tables["shared"].values()
    shared = next((begin for begin in begins if all(part.startswith(begin) for part in parts)), "")
    return f"{shared}{either([part.removeprefix(shared) for part in parts], words)}"


def _named(table: str, names: Iterable[str], words: Vocabulary) -> Iterator[str]:
    for name in names:
        yield words.say(table, name) if words.knows(table, name) else words.say("found", "unknown", name=name)
