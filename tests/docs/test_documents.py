"""What the documents name is there: files, commands, keys, metrics, words of the log."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import typer
from documents import NAMES, ROOT, command_lines, first_column, inline_code, links_of, text_of, toml_blocks
from prometheus_client import CollectorRegistry
from pydantic import BaseModel

from listward.cli.expectations import Expectations
from listward.cli.main import COMMANDS
from listward.config.site import Site
from listward.gateway.course import Fate
from listward.queue.cases.commands import Verb
from listward.runtime.metrics import Metrics

SOURCE = ROOT / "src" / "listward"
PARTS = [path.parent.name for path in sorted(SOURCE.glob("*/README.md"))]
FOLDERS = ("src", "docs", "tests", "scripts", "systemd", "bench", "requirements")
# Words that are not written where they are logged: how a message ended, and how a release did.
ENDINGS = {Fate.HELD, Fate.RELAYED, Fate.DISCARDED, Fate.REPEATED, "refused", "deferred", "withheld"}
RELEASES = {Verb.DELIVERED, Verb.RETRY, Verb.FAILED}
_PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./*-]*")


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    """Every link to a file of ours finds it."""
    folder = (ROOT / name).parent
    assert [link for link in links_of(text_of(name)) if not (folder / link.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_named_files_exist(name: str) -> None:
    """Every path from the root that stands in backticks is there; NAME stands for any name."""
    paths = [path for path in inline_code(text_of(name)) if _PATH.fullmatch(path)]
    assert [path for path in paths if not any(ROOT.glob(path.replace("NAME", "*").rstrip("/")))] == []


@pytest.mark.parametrize("name", NAMES)
def test_make_targets_exist(name: str) -> None:
    """Whoever is told to say `make x` can."""
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    said = {found for line in command_lines(text_of(name)) for found in re.findall(r"^make ([a-z]+)", line)}
    assert said <= targets


@pytest.mark.parametrize("name", NAMES)
def test_commands_exist(name: str) -> None:
    """Every `listward x y` is a command, and y one of its group where x is a group."""
    wrong = []
    for line in command_lines(text_of(name)):
        found = re.match(r"(?:\.venv/bin/)?listward ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*)\b)?", line)
        if found and not _is_command(found[1], found[2] or ""):
            wrong.append(line)
    assert wrong == []


def test_metrics_exist() -> None:
    """Every metric in the documents is declared, with its labels."""
    metrics = Metrics(registry := CollectorRegistry())
    labels = {
        family._name + ("_total" if family._type == "counter" else ""): set(family._labelnames)
        for family in vars(metrics).values()
        if hasattr(family, "_labelnames")
    }
    assert registry is metrics.registry
    for name in NAMES:
        for found in re.finditer(r"\b(listward_[a-z_]+)(?:\{([a-z,]+)[}=])?", text_of(name)):
            assert found[1] in labels, f"{name}: {found[1]}"
            assert set((found[2] or "").split(",")) - {""} <= labels[found[1]], f"{name}: {found[0]}"


def test_every_limit_is_explained() -> None:
    """Each name that limits_hit_total can have stands in the pages for admins."""
    metrics = Metrics(registry := CollectorRegistry())
    metrics.preset([], [], [], [], [], "0")
    samples = [sample for family in registry.collect() for sample in family.samples]
    limits = {sample.labels["limit"] for sample in samples if "limit" in sample.labels}
    explained = set(inline_code(text_of("docs/configuration.md") + text_of("docs/operating.md")))
    assert limits
    assert limits <= explained


def test_words_of_the_log_are_explained() -> None:
    """The table of events in operating.md has every word that is logged, and none besides."""
    logged = {word for path in SOURCE.rglob("*.py") for word in _logged_in(ast.parse(path.read_text("utf-8")))}
    told = {word for word in first_column(text_of("docs/operating.md"), "event") if word not in {"error", "at", "case"}}
    assert told == logged | {str(word) for word in ENDINGS | RELEASES}


@pytest.mark.parametrize("name", NAMES)
def test_keys_exist(name: str) -> None:
    """Every key in an example of site.toml, and every `[table] key` in a sentence, is one that is read."""
    for block in toml_blocks(text_of(name)):
        example = tomllib.loads(block)
        if "rule" not in example:  # those of policy.toml have tests of their own
            assert list(_unknown(example, Expectations if "test" in example else Site)) == [], block
    for written in inline_code(text_of(name)):
        if found := re.match(r"\[\[?([a-z_.]+)\]\]? ([a-z_]+)(?:$| =)", written):
            table = _table(found[1])
            assert table is not None, written
            assert found[2] in _fields(table), written


@pytest.mark.parametrize("part", PARTS)
def test_readmes_name_every_file(part: str) -> None:
    """A part's README has every file and room of the part."""
    text = text_of(f"src/listward/{part}/README.md")
    named = {word.strip("/").removesuffix(".py") for word in inline_code(text)}
    there = {path.stem for path in (SOURCE / part).iterdir() if path.name not in {"README.md", "__init__.py"}}
    assert there - named - {"__pycache__", "py"} == set()


def _is_command(name: str, inner: str) -> bool:
    if name not in COMMANDS:
        return False
    module, attribute, _ = COMMANDS[name]
    found = getattr(importlib.import_module(f"listward.cli.{module}"), attribute)
    if not isinstance(found, typer.Typer) or not inner:
        return True
    named = [(command.name, command.callback) for command in found.registered_commands]
    return inner in {name or (callback.__name__ if callback else "") for name, callback in named}


def _logged_in(tree: ast.AST) -> Iterator[str]:
    """Yield the words handed to `event`, and to the helper `_log` that hands them on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"event", "_log"}:
            first = node.args[0] if node.args else None
            words = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
            yield from (str(word.value) for word in words if isinstance(word, ast.Constant))


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _model_in(annotation: object) -> type[BaseModel] | None:
    kinds = (annotation, *get_args(annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _table(dotted: str) -> type[BaseModel] | None:
    model: type[BaseModel] | None = Site
    for name in dotted.split("."):
        model = _model_in(_fields(model).get(name)) if model is not None else None
    return model


def _unknown(example: dict[str, Any], model: type[BaseModel]) -> Iterator[str]:
    fields = _fields(model)
    for key, value in example.items():
        if key not in fields:
            yield key
        elif (inner := _model_in(fields[key])) is not None:
            for each in value if isinstance(value, list) else [value]:
                yield from _unknown(each, inner)
