"""What every TOML table of ours is: frozen, and without unknown keys."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A TOML table of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")
