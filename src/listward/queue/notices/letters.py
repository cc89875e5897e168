"""Fills the templates of notices. A template is plain text; its first line is the subject."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from listward.config.templates import TemplateSource
from listward.queue.notices.languages import FALLBACK

_PLACE = re.compile(r"\{([a-z_]+)\}")
_BLANKS = re.compile(r"\n{3,}")
BETWEEN = "\n\n" + "-" * 40 + "\n\n"


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject and a text, in one or more languages."""

    subject: str
    text: str
    languages: tuple[str, ...]


def filled(template: str, values: Mapping[str, str]) -> str:
    """Fill a template. A line whose value is empty or unknown is left out, so that no promise hangs in the air."""
    lines = []
    for line in template.splitlines():
        names = _PLACE.findall(line)
        if all(values.get(name) for name in names):
            lines.append(_PLACE.sub(lambda found: values[found[1]], line))
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip() + "\n"


def template_for(source: TemplateSource, name: str, language: str) -> str:
    """The template in a language, in English where there is none."""
    try:
        return source.read(f"{language}/{name}.txt")
    except FileNotFoundError:
        return source.read(f"{FALLBACK}/{name}.txt")


def write(source: TemplateSource, name: str, versions: Sequence[tuple[str, Mapping[str, str]]]) -> Letter:
    """Write a letter in each of the given (language, values), one below the other. The first names the subject."""
    subjects, texts = [], []
    for language, values in versions:
        head, _, text = filled(template_for(source, name, language), values).partition("\n")
        subjects.append(head.removeprefix("Subject:").strip())
        texts.append(text.strip())
    subject = " / ".join(dict.fromkeys(subjects))
    return Letter(subject, BETWEEN.join(dict.fromkeys(texts)) + "\n", tuple(language for language, _ in versions))
