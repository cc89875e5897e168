"""Collects defects while parsing: each name once, with the first detail seen."""

from listward.filters.message.values import Defect


class Defects:
    """An ordered set of defects by name."""

    def __init__(self) -> None:
        self._details: dict[str, str] = {}

    def add(self, name: str, detail: str = "") -> None:
        """Note a defect; later ones of the same name are the same defect."""
        self._details.setdefault(name, detail[:80])

    def __contains__(self, name: object) -> bool:
        return name in self._details

    def __len__(self) -> int:
        return len(self._details)

    def __bool__(self) -> bool:
        return bool(self._details)

    def take(self) -> tuple[Defect, ...]:
        """The defects in the order they were met."""
        return tuple(Defect(name, detail) for name, detail in self._details.items())
