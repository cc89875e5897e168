"""The rules as one page for a browser: no script, nothing loaded from elsewhere, readable on a phone and on paper."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from listward.cli.policy_document import document
from listward.config.policy import Policy
from listward.config.site import Site
from listward.config.vocabulary import Vocabulary
from listward.filters.policy.prose import RuleText, clause_text


def page(policy: Policy, site: Site, words: Vocabulary, *, public: bool) -> str:
    """Return the page, or the members' edition of it (`public`)."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined
    )
    shown = document(policy, site, words, public=public)
    return environment.get_template("policy.html").render(
        language=words.language,
        public=public,
        shown=shown,
        stages=[
            {"title": stage.title, "rules": [_shown(rule, words) for rule in stage.rules]} for stage in shown.stages
        ],
    )


def _shown(rule: RuleText, words: Vocabulary) -> dict[str, str]:
    return {
        "name": rule.name,
        "sentence": rule.sentence,
        "note": rule.note,
        "reads": rule.reads,
        "clause": clause_text(rule.clause, words) if rule.clause else "",
    }
