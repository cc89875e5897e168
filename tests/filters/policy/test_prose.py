"""Rules are read aloud as plain sentences."""

from typing import Any

import pytest
from policy_bench import make_policy, shipped_policy

from listward.config.vocabulary import languages, vocabulary
from listward.filters.policy.prose import policy_text, rule_text, sentence_of

ENGLISH = vocabulary("en")


def said(public: bool = False, **rule: Any) -> str:
    """The sentence of one rule."""
    return sentence_of(make_policy(rule).rules[0], ENGLISH, public=public)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({}, "All mail: it waits until the moderators of the list have read it."),
        (
            {"when": {"origin": ["member", "internal"], "zone": ["public"]}, "action": "reject"},
            "Mail from our own people, to a list that anybody may read: it goes to nobody, and its sender reads why.",
        ),
        (
            {"when": {"origin": ["known", "member"], "list": ["news", "jobs", "events"]}, "action": "accept"},
            "Mail from confirmed people who are not on the list or members, to news, jobs or events: "
            "it goes to the list.",
        ),
        (
            {"when": {"finding": ["encrypted-archive", "malware"], "role": ["candidate"]}, "queue": "office"},
            "Mail, when it carries a packed file with a password or a harmful file, and its author is a "
            "candidate: it waits until the people of “office” have read it.",
        ),
        (
            {"when": {"finding": ["own-check"]}, "action": "defer"},
            "Mail, when the check “own-check” found something: it waits at its sender's server, which tries again by "
            "itself.",
        ),
        (
            {"when": {"first_posts": True, "category": ["abuse"]}},
            "Mail, when it attacks a person, and its author is new, and first messages are read by a moderator: it "
            "waits until the moderators of the list have read it.",
        ),
        (
            {
                "when": {
                    "author": ["@a.example"],
                    "phrases": ["jobs"],
                    "size": {"at_least": 2000},
                    "count": {"name": "links", "at_least": 1, "at_most": 3},
                    "time": {"since": "22:00", "until": "06:00", "days": ["sat", "sun"]},
                },
                "unless": {"origin": ["internal"], "text": ["vacancy"]},
            },
            "Mail, when its author is @a.example, and it has words of the list “jobs”, and its size is at least "
            "2 kB, and it has 1 to 3 links, and it comes on Saturday or Sunday between 22:00 and 06:00; except mail "
            "from people inside the organisation, when its text has something like “vacancy”: it waits until the "
            "moderators "
            "of the list have read it.",
        ),
        (
            {"when": {}, "unless": {"group": ["press"]}},
            "All mail; except when its author is one of press: it waits until the moderators of the list have read it.",
        ),
    ],
)
def test_a_rule_is_one_sentence(rule: dict[str, Any], sentence: str) -> None:
    """Whose mail, where to, when, and what happens then."""
    assert said(**rule) == sentence


def test_how_sure_a_score_must_be_is_not_for_everybody() -> None:
    """The members' edition would show the way past it."""
    rule = {"when": {"score": {"name": "spam", "at_least": 0.995}}}
    assert "(99.5 % sure or more)" in said(**rule)
    assert "99" not in said(public=True, **rule)


def test_what_words_are_looked_for_is_not_for_everybody() -> None:
    """The members' edition says that there are some."""
    rule = {"when": {"text": ["secret"], "phrases": ["slurs"]}}
    assert said(public=True, **rule) == (
        "Mail, when it has certain words: it waits until the moderators of the list have read it."
    )
    assert "“secret”" in said(**rule)


def test_a_rule_on_one_person_names_nobody_to_members() -> None:
    """Domains are for everybody; a person's address in the members' edition would be a pillory."""
    rule = {"when": {"author": ["ana@mail.example", "@spam.example", "bob@mail.example"]}}
    assert said(public=True, **rule).startswith("Mail, when its author is @spam.example or its author is a certain per")
    assert "mail.example" not in said(public=True, **rule)
    assert "ana@mail.example, @spam.example or bob@mail.example" in said(**rule)


def test_plain_words_between_bars_are_read_one_by_one() -> None:
    """Whoever is no programmer reads no bars; a real pattern stands as it is."""
    assert "like “for sale”, “to rent” or “se vende”:" in said(when={"subject": ["for sale|to rent|se vende"]})
    assert "like “a(b|c)”:" in said(when={"subject": ["a(b|c)"]})


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ({"at_least": "5 MB"}, "at least 5 MB"),
        ({"at_most": "64 KiB"}, "at most 64 KiB"),
        ({"at_least": 1500, "at_most": "2 MiB"}, "1500 bytes to 2 MiB"),
        ({}, "at least 0 bytes"),
    ],
)
def test_sizes_are_read_as_people_write_them(size: dict[str, Any], words: str) -> None:
    """Not as a number of seven digits."""
    assert f"its size is {words}:" in said(when={"size": size})


def test_what_happens_without_an_answer_is_said() -> None:
    """Where it differs from waiting."""
    policy = make_policy({"without_dns": "hold", "without_store": "skip", "mode": "shadow"})
    assert rule_text(policy.rules[0], policy, ENGLISH).note == (
        "For now this is only watched and counted: nothing happens to the message. "
        "Where the name service gives no answer, a person reads it. "
        "Where the store gives no answer, the rule is passed over."
    )


@pytest.mark.parametrize(
    ("mode", "action", "note"),
    [
        ("enforce", "reject", ""),
        ("hold", "reject", "At most the message is held."),
        ("hold", "hold", ""),
        ("shadow", "reject", "For now this is only watched and counted: nothing happens to the message."),
        ("off", "hold", "This rule is switched off."),
    ],
)
def test_a_mode_is_said(mode: str, action: str, note: str) -> None:
    """What a rule does less than it says stands beside it."""
    policy = make_policy({"mode": mode, "action": action})
    assert rule_text(policy.rules[0], policy, ENGLISH).note == note


def test_members_read_only_what_has_an_effect() -> None:
    """Rules that are off or only watch are left out of the members' edition, and with them empty stages."""
    policy = make_policy({"mode": "off", "stage": "routing"}, {"mode": "shadow"}, {"name": "counts"})
    assert [[rule.name for rule in stage.rules] for stage in policy_text(policy, ENGLISH, public=True)] == [["counts"]]
    assert sum(len(stage.rules) for stage in policy_text(policy, ENGLISH)) == 3


def test_a_rule_whose_check_is_not_built_yet_says_so() -> None:
    """Nobody should rest on it; members do not read it at all."""
    policy = make_policy({"when": {"category": ["abuse"]}}, {"name": "money", "when": {"category": ["solicitation"]}})
    first, second = policy_text(policy, ENGLISH)[0].rules
    assert first.note == "No check finds this yet, so the rule has no effect: a later release brings one."
    assert second.note == ""
    assert [rule.name for stage in policy_text(policy, ENGLISH, public=True) for rule in stage.rules] == ["money"]


def test_words_and_clause_are_the_readers() -> None:
    """Both are shown in the language that the rules are read in, where they are written in it."""
    clauses = [
        {"number": "7", "title": "Money", "text": "No begging."},
        {"number": "7", "title": "Dinero", "text": "No se pide.", "language": "es"},
    ]
    rule = {"clause": "7", "words": "Held.", "words_in": {"es": "Retenido."}}
    text = rule_text((policy := make_policy(rule, clause=clauses)).rules[0], policy, vocabulary("es"))
    assert text.reads == "Quien escribe lee: «Retenido.»"
    assert text.clause is not None
    assert text.clause.title == "Dinero"


@pytest.mark.parametrize("language", languages())
def test_the_shipped_policy_reads_well(language: str) -> None:
    """Each rule is there once, as one sentence without a name that only programs know."""
    words = vocabulary(language)
    rules = [rule for stage in policy_text(shipped_policy(), words) for rule in stage.rules]
    assert sorted(rule.name for rule in rules) == sorted(rule.name for rule in shipped_policy().rules)
    assert all(rule.sentence.endswith(".") and "-" not in rule.sentence.replace("all-", "") for rule in rules)
