"""What members read of the rules names nobody and no internal list."""

from policy_bench import make_policy

from listward.config.site import Site
from listward.config.vocabulary import vocabulary
from listward.filters.policy.edition import members_edition

SITE = Site.model_validate(
    {
        "organisation": {"name": "The Party", "domains": ["party.example"]},
        "gateway": {},
        "list": [
            {"address": "board@party.example", "zone": "internal", "next_hop": "smtp://a:25"},
            {"address": "news@party.example", "zone": "public", "next_hop": "smtp://a:25"},
        ],
    }
)


def test_an_internal_list_is_not_named() -> None:
    """Neither by its address nor by its short name, nor in an exception; others are."""
    policy = make_policy(
        {"when": {"list": ["board@party.example", "news"]}, "unless": {"list": ["board"], "origin": ["internal"]}}
    )
    (stage,) = members_edition(policy, SITE, vocabulary("en"))
    assert "board" not in stage.rules[0].sentence
    assert stage.rules[0].sentence.startswith("Mail, to an internal list or news; except mail from people inside")
