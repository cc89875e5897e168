"""Reads a configuration directory: site.toml, and policy, clauses, templates, phrases and payees or what ships."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from listward.config.advice import advice
from listward.config.checks import check_site
from listward.config.clause_files import CLAUSE, ClauseFiles, read_clauses
from listward.config.faults import ConfigError, Fault
from listward.config.find import DEFAULTS
from listward.config.phrases import read_phrases
from listward.config.policy import Policy
from listward.config.policy_checks import check_policy
from listward.config.policy_files import PolicyFiles, read_policy
from listward.config.site import Site
from listward.config.source import Key, Source, read_source
from listward.config.table import Table
from listward.config.templates import TemplateSource
from listward.config.unseen import unseen
from listward.config.wordlists import read_folder
from listward.config.words import plain_message

T = TypeVar("T", bound=Table)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the organisation wrote, checked. `directory` is where it was read from.

    `advice` names what is allowed and yet hardly meant.
    """

    site: Site
    policy: Policy
    directory: Path
    templates: TemplateSource
    advice: tuple[Fault, ...] = ()


class _Files(Protocol):
    """Where values were read from."""

    def fault(self, key: Key, message: str) -> Fault:
        """Name a fault at the place of a key."""
        ...


def load(directory: Path) -> Configuration:
    """Read and check a directory. Raises ConfigError with every fault that could be found."""
    faults: list[Fault] = []
    site = _collecting(faults, lambda: _site(directory))
    policy = _collecting(faults, lambda: _policy(directory))
    if site is None or policy is None:
        raise ConfigError(tuple(faults))
    faults += [site[1].fault(key, message) for key, message in check_site(site[0])]
    for where, key, message in check_policy(policy[0], site[0]):
        faults.append(policy[1][where].fault(key, message))
    if faults:
        raise ConfigError(tuple(faults))
    folders = (directory / "templates", DEFAULTS / "templates")
    files = {**policy[1], "site": site[1]}
    points = tuple(files[where].fault(key, message) for where, key, message in advice(policy[0], site[0]))
    return Configuration(site[0], policy[0], directory, TemplateSource(folders), points)


def _collecting(faults: list[Fault], read: Callable[[], R]) -> R | None:
    try:
        return read()
    except ConfigError as error:
        faults.extend(error.faults)
        return None


def _site(directory: Path) -> tuple[Site, Source]:
    source = read_source(directory / "site.toml")
    return _validated(Site, source, {**source.values, "directory": directory}), source


def _policy(directory: Path) -> tuple[Policy, dict[str, _Files]]:
    rules, clauses = read_policy(_own(directory, "policy.toml")), read_clauses(_own(directory, "clauses.toml"))
    policy = _validated(Policy, _Both(rules, clauses), _policy_values(directory, rules, clauses))
    return policy, {"policy": rules, "clauses": clauses}


@dataclass(frozen=True, slots=True)
class _Both:
    """Rules and clauses, which are validated together."""

    rules: PolicyFiles
    clauses: ClauseFiles

    def fault(self, key: Key, message: str) -> Fault:
        files: _Files = self.clauses if key[:1] == (CLAUSE,) else self.rules
        return files.fault(key, message)


def _own(directory: Path, name: str) -> Path:
    """The organisation's file or folder where its name stands, else the shipped one.

    A link that leads nowhere stands there too: whoever lost the own rules must not get others without a word.
    """
    own = directory / name
    return own if os.path.lexists(own) else DEFAULTS / name


def _validated(model: type[T], source: _Files, values: dict[str, Any]) -> T:
    if hidden := tuple(source.fault(key, message) for key, message in unseen(values)):
        raise ConfigError(hidden)
    try:
        return model.model_validate(values)
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
    faults = (
        source.fault(error["loc"], plain_message(model, error)) for error in errors if not _follows(error, errors)
    )
    raise ConfigError(tuple(dict.fromkeys(faults)))


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Pydantic counts only valid entries, so one bad entry makes its array "too short" as well."""
    length = len(error["loc"])
    return error["type"] == "too_short" and any(
        len(other["loc"]) > length and other["loc"][:length] == error["loc"] for other in errors
    )


def _policy_values(directory: Path, policy: PolicyFiles, clauses: ClauseFiles) -> dict[str, Any]:
    payees = read_folder(_own(directory, "payees"))
    phrases = read_phrases(_own(directory, "phrases"))
    digest = policy.digest
    digest.update(b"\0" + clauses.octets)
    # What a list leaves out is left out: a release that adds something to say of lists leaves approved what is.
    lists = sorted((name, each.model_dump_json(exclude_defaults=True)) for name, each in phrases.items())
    digest.update(repr((sorted(payees.items()), lists)).encode())
    return {
        **policy.values,
        **clauses.values,
        "payees": frozenset(entry for entries in payees.values() for entry in entries),
        "phrases": phrases,
        "digest": digest.hexdigest(),
    }
