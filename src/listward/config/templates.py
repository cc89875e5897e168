"""Where the words of notices come from: the organisation's own folder first, then what ships."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """Folders to look in, the organisation's first."""

    folders: tuple[Path, ...]

    def read(self, name: str) -> str:
        """Return the text of `name`, such as "en/held.txt". Raises FileNotFoundError naming it."""
        for folder in self.folders:
            path = folder / name
            if path.is_file():
                return path.read_text(encoding="utf-8")
        raise FileNotFoundError(f"no template {name}")
