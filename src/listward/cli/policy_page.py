"""The rules as one page for a browser: no script, nothing loaded from elsewhere, readable on a phone and on paper."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from listward.config.approval import approval_of
from listward.config.policy import Policy
from listward.config.site import Site
from listward.config.vocabulary import Vocabulary
from listward.filters.policy.prose import RuleText, clause_text, policy_text

_BOUNDS = ("bounds_1", "bounds_2", "bounds_3", "bounds_4", "bounds_5")


def page(policy: Policy, site: Site, words: Vocabulary, *, public: bool) -> str:
    """Return the page. The members' edition (`public`) adds every clause that members are asked to keep."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined
    )
    stages = policy_text(policy, words, public=public)
    return environment.get_template("policy.html").render(
        language=words.language,
        public=public,
        title=words.say("page", "public_title" if public else "title", name=site.organisation.name),
        intro=words.say("page", "intro"),
        order=words.say("page", "order"),
        bounds_title=words.say("page", "bounds"),
        bounds=[words.say("page", name) for name in _BOUNDS],
        stages=[{"title": stage.title, "rules": [_shown(rule, words) for rule in stage.rules]} for stage in stages],
        clauses_title=words.say("page", "clauses"),
        clauses=[clause_text(clause, words) for clause in policy.clauses_in(words.language)] if public else [],
        appeal=words.say("page", "appeal"),
        questions=words.say("page", "questions", help=site.addresses.help) if site.addresses.help else "",
        approval=approval_of(policy, site.policy).sentence(words),
        version=words.say("page", "version", digest=policy.digest[:12]),
    )


def _shown(rule: RuleText, words: Vocabulary) -> dict[str, str]:
    return {
        "name": rule.name,
        "sentence": rule.sentence,
        "note": rule.note,
        "reads": rule.reads,
        "clause": clause_text(rule.clause, words) if rule.clause else "",
    }
