"""Reads the run-time dependencies from requirements/base.in, so that they stand in one place only."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

BUILD_ONLY = {"editables", "hatchling"}


class DependenciesHook(MetadataHookInterface):
    """Sets project.dependencies from the input of the lock."""

    def update(self, metadata: dict[str, object]) -> None:
        """Fill in the dynamic field."""
        lines = Path(self.root, "requirements", "base.in").read_text(encoding="utf-8").split()
        metadata["dependencies"] = [line for line in lines if line not in BUILD_ONLY]
