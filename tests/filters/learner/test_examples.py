"""The examples that the shipped model is trained on: every template is whole."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "scripts" / "spam_examples"
TEMPLATES = [
    (name, number, template)
    for name in ("spam", "ham")
    for number, template in enumerate((FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n%%\n"))
]


@pytest.mark.parametrize(("name", "number", "template"), TEMPLATES)
def test_template_is_whole(name: str, number: int, template: str) -> None:
    """Every template has one subject line, known forms, a body and closed brackets."""
    head, _, body = template.strip("\n").partition("\n\n")
    *forms, subject = [line for line in head.split("\n") if not line.startswith("# ")]
    assert set(forms) <= {"html", "link"}
    assert subject.strip()
    assert len(body.split()) >= 3
    assert not re.search(r"[\[\]]", re.sub(r"\[[^\[\]]*\]", "", template))
