"""docs/benchmarks.md, written whole by the run that measured it."""

import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.run import Part
from bench.targets import tally, targets_table

HEAD = Path(__file__).with_suffix(".md")


def page(parts: Sequence[Part], figures: Mapping[str, float], how: str, noisy: Sequence[str]) -> str:
    """Put the page together."""
    sections = [
        HEAD.read_text().strip(),
        "## Measured on",
        f"{machine()}. {how}",
        _quietness(noisy),
        "## Targets",
        tally(figures),
        targets_table(figures),
    ]
    for part in parts:
        sections += [f"## {part.title}", part.text]
    return "\n\n".join(sections) + "\n"


def machine() -> str:
    """What was measured on."""
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    name = model.partition(":")[2].strip()
    return f"{os.cpu_count()} CPUs ({name}), Python {platform.python_version()}, Linux {platform.release()}"


def _quietness(noisy: Sequence[str]) -> str:
    if not noisy:
        return "The machine was quiet: nothing else used more than 0.3 cores before or during any run."
    counts = Counter(noisy)
    names = ", ".join(f"{name} ({count})" for name, count in counts.items())
    return (
        f"**The machine was not quiet**: {counts.total()} times something else used more than 0.3 cores before or "
        f"during a run. There, trust ratios and CPU only: {names}."
    )
