"""Rules are approved only as long as they are the very rules that were approved."""

import pytest

from listward.config.approval import Standing, approval_of
from listward.config.carried import packed, unpacked
from listward.config.find import DEFAULTS
from listward.config.load import load
from listward.config.policy import Policy
from listward.config.site import PolicyTable
from listward.config.vocabulary import languages, vocabulary

SHIPPED = load(DEFAULTS).policy
DIGEST = SHIPPED.digest


@pytest.mark.parametrize(
    ("given", "standing"),
    [
        ("", Standing.NEVER),
        (DIGEST, Standing.APPROVED),
        (DIGEST[:12].upper(), Standing.APPROVED),
        ("0" * 12, Standing.CHANGED),
        (DIGEST[:12] + "0" * 52, Standing.CHANGED),
    ],
)
def test_a_hash_approves_what_it_begins(given: str, standing: Standing) -> None:
    """All of it or its first twelve digits, however they are written; nothing else, and no hash is nobody."""
    found = approval_of(SHIPPED, PolicyTable(approved_hash=given, approved_by="The board"))
    assert found.standing is standing
    assert found.is_given is (standing is Standing.APPROVED)
    assert found.by == ("The board" if found.is_given else "")


@pytest.mark.parametrize("language", languages())
def test_every_standing_has_its_sentence(language: str) -> None:
    """With whoever approved, the day and the resolution where they are written; no gap where they are not."""
    words = vocabulary(language)
    tables = [
        PolicyTable(),
        PolicyTable(approved_hash="0" * 12),
        *(
            PolicyTable(approved_hash=DIGEST, approved_by=by, approved_on=on, resolution=resolution)
            for by in ("", "The board")
            for on in ("", "2026-11-02")
            for resolution in ("", "14/2026")
        ),
    ]
    said = [approval_of(SHIPPED, table).sentence(words) for table in tables]
    assert len(set(said)) == len(tables)
    assert not [text for text in said if "{" in text or "  " in text or " ." in text]
    assert all(part in said[-1] for part in ("The board", "2026-11-02", "14/2026"))


def test_a_configuration_arrives_as_it_was_sent() -> None:
    """The same values, the same hash; anything else is refused."""
    configuration = load(DEFAULTS)
    assert unpacked(packed(configuration)) == configuration
    assert Policy.model_validate_json(SHIPPED.model_dump_json(by_alias=True)) == SHIPPED
    with pytest.raises(ValueError, match="no configuration"):
        unpacked(packed(configuration.policy))  # type: ignore[arg-type]  # what is tried here
