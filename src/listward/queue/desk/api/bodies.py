"""What programs send."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Act(BaseModel):
    """One act on one case: the version that was seen, and the words where they are due."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0)
    clause: str = Field(default="", max_length=100)
    reason: str = Field(default="", max_length=4000)


class Release(Act):
    """A release; `vouch` lets this sender's mail through from now on, where somebody can vouch for its way."""

    vouch: bool = False


class BundleItem(BaseModel):
    """One case of a bundle."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(max_length=32)
    version: int = Field(ge=0)


class Bundle(BaseModel):
    """Strangers' likely spam, discarded together."""

    model_config = ConfigDict(extra="forbid")

    verb: Literal["discard"] = "discard"
    cases: list[BundleItem] = Field(min_length=1, max_length=500)
