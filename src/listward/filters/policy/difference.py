"""What one policy says and another does not, as plain sentences."""

from collections.abc import Iterable, Iterator, Sequence

from listward.config.phrases import PhraseList
from listward.config.policy import STAGES, Policy, Rule
from listward.config.vocabulary import Vocabulary
from listward.filters.policy.prose import rule_text

_SENTENCE = 1
"""The place of the sentence among the parts of what a rule says."""


def differences(old: Policy, new: Policy, words: Vocabulary) -> tuple[str, ...]:
    """Return a sentence for each change, () where both say the same."""
    return (*_rules(old, new, words), *_moves(old, new, words), *_clauses(old, new, words), *_lists(old, new, words))


def mode_difference(old: str, new: str, words: Vocabulary) -> tuple[str, ...]:
    """Return the sentence on a site that begins or ends to observe, () where it does not or nobody knows any more."""
    return (words.say("change", f"now_{new}"),) if old and old != new else ()


def _rules(old: Policy, new: Policy, words: Vocabulary) -> Iterator[str]:
    before = {rule.name: _said(rule, old, words) for rule in old.rules}
    after = {rule.name: _said(rule, new, words) for rule in new.rules}
    for name in dict.fromkeys((*before, *after)):
        if name not in before:
            yield words.say("change", "added", name=name, after=_joined(after[name]))
        elif name not in after:
            yield words.say("change", "removed", name=name, before=_joined(before[name]))
        elif before[name] != after[name]:
            was, now = _apart(before[name], after[name])
            yield words.say("change", "changed", name=name, before=was, after=now)


def _apart(before: Sequence[str], after: Sequence[str]) -> tuple[str, str]:
    """What differs of two rules; with the sentence itself where one of them says nothing in the place."""
    differs = [was != now for was, now in zip(before, after, strict=True)]
    if not all(any(part for part, other in zip(said, differs, strict=True) if other) for said in (before, after)):
        differs[_SENTENCE] = True
    was, now = ([part for part, other in zip(said, differs, strict=True) if other] for said in (before, after))
    return _joined(was), _joined(now)


def _joined(parts: Iterable[str]) -> str:
    return " ".join(filter(None, parts))


def _said(rule: Rule, policy: Policy, words: Vocabulary) -> tuple[str, ...]:
    """Everything that a person would read of a rule; the clause's own text is compared by itself."""
    text = rule_text(rule, policy, words)
    cited = f"({rule.clause})" if rule.clause else words.say("frame", "no_clause")
    stage = f"[{words.say('stage', rule.stage)}]"
    return stage, text.sentence, text.note, text.reads, cited


def _moves(old: Policy, new: Policy, words: Vocabulary) -> Iterator[str]:
    """Rules of a stage that come in another order: the first that applies counts."""
    for stage in STAGES:
        before, after = (_names(policy, stage) for policy in (old, new))
        both = set(before) & set(after)
        was, now = ([name for name in names if name in both] for names in (before, after))
        for name in sorted(both - _staying(was, now), key=now.index):
            rest = now[now.index(name) + 1 :]
            if rest:
                yield words.say("change", "moved", name=name, next=rest[0])
            else:
                yield words.say("change", "moved_last", name=name)


def _names(policy: Policy, stage: str) -> list[str]:
    return [rule.name for rule in policy.rules if rule.stage == stage]


def _staying(was: Sequence[str], now: Sequence[str]) -> set[str]:
    """The longest run of rules that keep their order: the others are what somebody moved."""
    place = {name: at for at, name in enumerate(was)}
    best: list[list[str]] = []
    for name in now:
        before = max((run for run in best if place[run[-1]] < place[name]), key=len, default=[])
        best.append([*before, name])
    return set(sorted(best, key=len)[-1]) if best else set()


def _clauses(old: Policy, new: Policy, words: Vocabulary) -> Iterator[str]:
    before, after = (
        {(clause.number, clause.language): f"{clause.title}: {clause.text}" for clause in policy.clauses}
        for policy in (old, new)
    )
    for key in dict.fromkeys((*before, *after)):
        if key not in before:
            yield words.say("change", "clause_added", number=key[0], text=after[key])
        elif key not in after:
            yield words.say("change", "clause_removed", number=key[0], text=before[key])
        elif before[key] != after[key]:
            yield words.say("change", "clause_changed", number=key[0], before=before[key], after=after[key])


def _lists(old: Policy, new: Policy, words: Vocabulary) -> Iterator[str]:
    """Marks one by one; of accounts and phrases only how many, so that a mail about the change quotes none."""
    was, now = set(old.internal_marks), set(new.internal_marks)
    yield from (words.say("change", "words_added", word=word) for word in sorted(now - was))
    yield from (words.say("change", "words_removed", word=word) for word in sorted(was - now))
    if counts := _counts(old.payees, new.payees):
        yield words.say("change", "payees", added=counts[0], removed=counts[1])
    for name in sorted({*old.phrases, *new.phrases}):
        if counts := _counts(*(each.phrases.get(name, PhraseList()).entries for each in (old, new))):
            yield words.say("change", "phrases", name=name, added=counts[0], removed=counts[1])


def _counts(old: Iterable[str], new: Iterable[str]) -> tuple[int, int] | None:
    before, after = set(old), set(new)
    return (len(after - before), len(before - after)) if before != after else None
