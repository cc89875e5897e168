"""Reads a configuration directory: site.toml, and policy, clauses, templates, phrases and payees or what ships."""

import hashlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from listward.config.checks import check_policy, check_site
from listward.config.faults import ConfigError, Fault
from listward.config.find import DEFAULTS
from listward.config.lines import key_lines, line_of
from listward.config.policy import Policy
from listward.config.site import Site
from listward.config.table import Table
from listward.config.templates import TemplateSource
from listward.config.wordlists import read_folder
from listward.config.words import plain_message

T = TypeVar("T", bound=Table)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the organisation wrote, checked. `directory` is where it was read from."""

    site: Site
    policy: Policy
    directory: Path
    templates: TemplateSource


@dataclass(frozen=True, slots=True)
class Source:
    """One TOML file as read: its values and the line of each key."""

    path: Path
    values: dict[str, Any]
    lines: dict[tuple[str | int, ...], int]

    def fault(self, key: tuple[str | int, ...], message: str) -> Fault:
        """Name a fault at the place of a key."""
        return Fault(self.path, line_of(self.lines, key), dotted(key), message)


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
    return Configuration(site[0], policy[0], directory, TemplateSource(folders))


def _collecting(faults: list[Fault], read: Callable[[], R]) -> R | None:
    try:
        return read()
    except ConfigError as error:
        faults.extend(error.faults)
        return None


def _site(directory: Path) -> tuple[Site, Source]:
    source = _read(directory / "site.toml")
    return _validated(Site, source, {**source.values, "directory": directory}), source


def _policy(directory: Path) -> tuple[Policy, dict[str, Source]]:
    rules, clauses = _read(_own(directory, "policy.toml")), _read(_own(directory, "clauses.toml"))
    policy = _validated(Policy, rules, _policy_values(directory, rules, clauses))
    return policy, {"policy": rules, "clauses": clauses}


def dotted(key: tuple[str | int, ...]) -> str:
    """Write a key as people read it: list[1].zone, counting from 1."""
    text = ""
    for part in key:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _own(directory: Path, name: str) -> Path:
    """The organisation's file or folder where it exists, else the shipped one."""
    own = directory / name
    return own if own.exists() else DEFAULTS / name


def _read(path: Path) -> Source:
    try:
        text = path.read_bytes().decode("utf-8")
        return Source(path, tomllib.loads(text), key_lines(text))
    except FileNotFoundError:
        raise _broken(path, 0, "there is no such file; `listward config init DIR` writes one to start from") from None
    except UnicodeDecodeError as error:
        raise _broken(path, 0, f"is not UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise _broken(path, 0, f"cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax(path, str(error)) from None


def _syntax(path: Path, message: str) -> ConfigError:
    """tomllib ends its message with "(at line L, column C)"."""
    reason, _, place = message.rpartition(" (at ")
    words = place.rstrip(")").replace(",", "").split()
    line = int(words[1]) if words[:1] == ["line"] else 0
    reason = (reason or message).replace("Invalid", "invalid", 1)
    return _broken(path, line, f"is not TOML: {reason[:1].lower()}{reason[1:]}")


def _broken(path: Path, line: int, message: str) -> ConfigError:
    return ConfigError((Fault(path, line, "", message),))


def _validated(model: type[T], source: Source, values: dict[str, Any]) -> T:
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


def _policy_values(directory: Path, policy: Source, clauses: Source) -> dict[str, Any]:
    payees = read_folder(_own(directory, "payees"))
    phrases = read_folder(_own(directory, "phrases"))
    digest = hashlib.sha256(policy.path.read_bytes() + b"\0" + clauses.path.read_bytes())
    digest.update(repr((sorted(payees.items()), sorted(phrases.items()))).encode())
    return {
        **policy.values,
        **clauses.values,
        "payees": frozenset(entry for entries in payees.values() for entry in entries),
        "phrases": phrases,
        "digest": digest.hexdigest(),
    }
