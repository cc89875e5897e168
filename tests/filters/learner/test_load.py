"""Which model a site uses: its own where there is one, else the one that ships."""

from pathlib import Path

import pytest
from messages import build
from policy_bench import write_site

from listward.config.load import load
from listward.config.site import Site
from listward.filters.learner import ModelError, SpamModel
from listward.filters.learner.load import load_for, model_path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with a state folder of its own."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    return load(write_site(tmp_path / "etc")).site


def test_what_ships_serves_first(site: Site) -> None:
    """Without a model of its own a site uses what ships."""
    assert load_for(site).model_examples == SpamModel.load_default().model_examples


def test_own_model_is_used_once_there(site: Site) -> None:
    """A model saved in the state folder is used from then on."""
    model = SpamModel()
    model.learn(build(), False)
    model_path(site).parent.mkdir(parents=True)
    model.save(model_path(site))
    assert load_for(site).model_examples == {"spam": 0, "ham": 1}


def test_damaged_model_is_told_and_replaced_by_what_ships(site: Site) -> None:
    """A damaged file raises, or is reported to the caller who then gets what ships."""
    model_path(site).parent.mkdir(parents=True)
    model_path(site).write_bytes(b"damaged")
    with pytest.raises(ModelError, match="spam-model"):
        load_for(site)
    told: list[ModelError] = []
    assert load_for(site, told.append).spam_examples > 0
    assert len(told) == 1
