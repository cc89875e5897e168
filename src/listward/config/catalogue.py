"""Every finding that the checks of this release can make, by its category: what a rule may name.

Written down here since the configuration knows no check; a test keeps it equal to what the checks make.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from listward.config.policy import Policy, Rule

OTHER = "other"
"""What a name that is in no catalogue is counted as."""
PHRASES, PATTERN = "phrases-", "pattern-"
"""How findings begin that a policy makes itself: by its phrase lists and its patterns."""

FINDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "account": ("account-frozen",),
        "ambiguity": (
            "ambiguous-author",
            "blank-fold-line",
            "boundary-not-found",
            "broken-base64",
            "broken-quoted-printable",
            "conflicting-charsets",
            "conflicting-file-names",
            "disordered-parameter",
            "duplicate-content-disposition",
            "duplicate-content-transfer-encoding",
            "duplicate-content-type",
            "duplicate-mime-version",
            "embedded-file",
            "encoded-boundary",
            "encoded-multipart",
            "external-body",
            "fields-after-blank-line",
            "hidden-boundary",
            "hidden-field",
            "malformed-content-type",
            "malformed-header-line",
            "missing-boundary",
            "mixed-line-ends",
            "near-boundary",
            "nested-same-boundary",
            "no-body-separator",
            "odd-boundary",
            "odd-charset",
            "odd-field-name",
            "odd-file-name",
            "odd-line-break",
            "odd-mime-version",
            "odd-transfer-encoding",
            "parts-after-end",
            "parts-outside",
            "several-authors",
            "several-boundaries",
            "space-before-colon",
            "undeclared-base64",
            "unknown-charset",
            "unknown-transfer-encoding",
        ),
        "appearance": ("answers-differ", "name-shows-address"),
        "automatic": ("automatic-reply",),
        "failure": ("account-unknown", "filter-failed"),
        "flood": ("many-lists",),
        "hijack": ("hijack-signs", "new-language", "new-path", "new-payee", "sudden-rate"),
        "internal": ("internal-looking", "internal-mark"),
        "loop": ("mail-loop",),
        "malformed": (
            "absurd-date",
            "closed-archive",
            "control-characters-in-subject",
            "encrypted-archive",
            "missing-from",
            "multiple-from",
            "multiple-subjects",
            "no-author-address",
            "oversized-archive",
            "partial-message",
            "unreadable-archive",
        ),
        "malware": (
            "disguised-attachment",
            "doubtful-attachment",
            "executable-attachment",
            "macro-document",
            "malware-test-file",
        ),
        "posing": ("answers-elsewhere", "display-name-poses", "from-is-list", "look-alike-domain", "sender-is-another"),
        "routing": ("internal-members-list", "internal-outside-address", "internal-public-list", "office-route"),
        "size": (
            "field-too-long",
            "header-too-large",
            "html-too-deep",
            "html-too-dense",
            "nested-too-deep",
            "text-truncated",
            "text-unread",
            "too-many-addresses",
            "too-many-fields",
            "too-many-parameters",
            "too-many-parts",
        ),
        "solicitation": ("personal-appeal", "personal-appeal-doubtful"),
    }
)
CATEGORY_OF: Mapping[str, str] = MappingProxyType({name: each for each, names in FINDINGS.items() for name in names})
NAMES = frozenset(CATEGORY_OF)
BY_POLICY = frozenset({"pattern", "phrase"})
"""Categories of what a policy has looked for by its phrase lists and patterns."""
CATEGORIES = frozenset(FINDINGS) | BY_POLICY
LATER: Mapping[str, frozenset[str]] = MappingProxyType(
    {"category": frozenset({"abuse", "private-data"}), "finding": frozenset({"malware"})}
)
"""What rules may name already, though the check that finds it comes with a later release."""


def made_by(policy: Policy) -> frozenset[str]:
    """The findings that a policy makes itself."""
    conditions = [each for rule in policy.rules for each in (rule.when, rule.unless) if each is not None]
    asked = (one for when in conditions for one in (*when.in_subject, *when.in_text, *when.in_header))
    return frozenset({*(f"{PHRASES}{name}" for name in policy.phrases), *(one.name for one in asked)})


def known_to(policy: Policy) -> frozenset[str]:
    """Every finding that may come of a message under this policy: the names that something is counted under."""
    return NAMES | made_by(policy)


def waiting(rule: Rule) -> tuple[str, ...]:
    """What a rule hangs on that only checks of a later release find, () where something of it is found already."""
    asked = {key: getattr(rule.when, key) for key in LATER}
    return tuple(name for key, names in asked.items() if set(names) <= LATER[key] for name in names)


def unknown(names: Iterable[str], known: frozenset[str], later: frozenset[str]) -> list[tuple[str, str]]:
    """The names that no check uses, each with what may be meant by it, "" where nothing is like it."""
    every = sorted(known | later)
    return [(name, next(iter(get_close_matches(name, every, 1)), "")) for name in names if name not in known | later]
