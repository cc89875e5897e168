"""Which model a site uses: the one trained there, else the one that ships."""

from collections.abc import Callable
from pathlib import Path

from listward.config.paths import state_directory
from listward.config.site import Site
from listward.filters.learner.faults import ModelError
from listward.filters.learner.model import SpamModel

FILE = "spam-model"


def model_path(site: Site) -> Path:
    """Where the site's own model lies, whether or not it is there."""
    return state_directory(site) / FILE


def load_for(site: Site, on_damage: Callable[[ModelError], None] | None = None) -> SpamModel:
    """Load the site's own model where there is one, else what ships.

    A file that cannot be read raises ModelError, unless `on_damage` takes the fault: then what ships serves.
    """
    path = model_path(site)
    try:
        return SpamModel.load(path) if path.exists() else SpamModel.load_default()
    except (ModelError, OSError) as error:
        fault = error if isinstance(error, ModelError) else ModelError(f"{path}: {error.strerror}")
        if on_damage is None:
            raise fault from None
        on_damage(fault)
        return SpamModel.load_default()
